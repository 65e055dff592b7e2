"""One-by-one driving: what the same orders would take when each is a trip of its own. For comparing, not for planning.

A trip begins at the vehicle's depot, calls at the order's shops (the nearest next), hands over and goes back. The same
travel times, speeds and handling times as in the plan it is compared with, so that only the bundling makes the
difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from delivery.batcher.problem import Id, Matrix, Problem, Vehicle


class Trips(NamedTuple):
    """Several trips together: seconds with the work at shops and doors, seconds of driving, metres."""

    work_s: int = 0
    drive_s: int = 0
    metres: int = 0


def one_by_one(problem: Problem, vehicle: Vehicle, orders: Iterable[Id], metres: Matrix) -> Trips:
    """Every order by itself with this vehicle; hours and windows are not looked at (which favours driving alone)."""
    by_id = {order.id: order for order in problem.orders}
    shops = {shop.id: shop for shop in problem.shops}
    seconds = problem.time[vehicle.type]
    work = drive = way = 0
    for order in (by_id[one] for one in orders):
        here, todo = vehicle.depot, [shops[one] for one in dict.fromkeys(parcel.shop for parcel in order.parcels)]
        work += order.setup + order.handling
        while todo:
            nearest = min(todo, key=lambda shop: seconds[here][shop.loc])
            todo.remove(nearest)
            parcels = sum(parcel.shop == nearest.id for parcel in order.parcels)
            work += nearest.setup + nearest.per_parcel * parcels
            drive, way, here = drive + seconds[here][nearest.loc], way + metres[here][nearest.loc], nearest.loc
        drive += seconds[here][order.loc] + seconds[order.loc][vehicle.depot]
        way += metres[here][order.loc] + metres[order.loc][vehicle.depot]
    return Trips(work + drive, drive, way)
