"""Many shops, one drop: a day's orders become a few routes of a few vehicles. Pure: a problem in, a plan out."""

from delivery.batcher.check import Verdict, check
from delivery.batcher.plan import Drop, Plan, Reason, Route, ShopStop, Stop
from delivery.batcher.problem import BadProblem, Costs, Id, Load, Order, Parcel, Problem, ShopNode, Vehicle
from delivery.batcher.solve import BadPlan, solve, solve_file

__all__ = [
    "BadPlan",
    "BadProblem",
    "Costs",
    "Drop",
    "Id",
    "Load",
    "Order",
    "Parcel",
    "Plan",
    "Problem",
    "Reason",
    "Route",
    "ShopNode",
    "ShopStop",
    "Stop",
    "Vehicle",
    "Verdict",
    "check",
    "solve",
    "solve_file",
]
