"""Many shops, one drop: a day's orders become a few routes of a few vehicles. Pure: a problem in, a plan out."""

from delivery.batcher.check import Verdict, check
from delivery.batcher.plan import Break, Drop, Plan, Reason, Route, ShopStop, Stop
from delivery.batcher.problem import (
    BadProblem,
    BreakRule,
    Costs,
    Id,
    Load,
    Order,
    Parcel,
    Problem,
    ShopNode,
    Vehicle,
    Zone,
)
from delivery.batcher.solve import BadPlan, solve

__all__ = [
    "BadPlan",
    "BadProblem",
    "Break",
    "BreakRule",
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
    "Zone",
    "check",
    "solve",
]
