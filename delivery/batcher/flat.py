"""The problem as flat lists of integers: what the search works on.

Nodes are numbered order by order: first an order's pick-ups (one per shop), then its drop. Everything here is an int
or a list of ints on purpose: `arrays.py` makes the compiled kernel's rows of it.
"""

from __future__ import annotations

from typing import NamedTuple

from delivery.batcher.problem import Id, Load, Matrix, Order, Problem, Vehicle

Table = list[list[int]]


class Flat(NamedTuple):
    """One planning task in plain integers. Node lists start with n, order lists with o, vehicle lists with v."""

    orders: int
    o_first: list[int]  # first node of an order; its drop is o_first[o + 1] - 1
    o_near: Table  # orders by closeness, itself first
    n_order: list[int]
    n_shop: list[int]  # index of the shop, -1 at a drop
    n_loc: list[int]
    n_from: list[int]  # a stop begins in [from, to]
    n_to: list[int]
    n_setup: list[int]  # paid once per stop
    n_handle: list[int]  # paid per node
    n_weight: list[int]  # positive at a pick-up, negative at a drop
    n_volume: list[int]
    n_cooled: list[int]
    vehicles: int
    v_class: list[int]  # vehicles of one class are the same when empty
    v_depot: list[int]
    v_from: list[int]
    v_to: list[int]
    v_weight: list[int]
    v_volume: list[int]
    v_cooled: list[int]
    v_out: list[Table]  # v_out[v][a][b]: seconds from a to b
    fixed: int  # cost of using a vehicle
    penalty: int  # cost of leaving an order behind


def flatten(problem: Problem, near: int = 60) -> Flat:
    """Turn a problem into flat lists; `near` limits how many neighbours of an order are remembered."""
    nodes = _Nodes(problem)
    out = {
        kind: [row if isinstance(row, list) else list(row) for row in matrix] for kind, matrix in problem.time.items()
    }
    vehicles = problem.vehicles
    return Flat(
        orders=len(problem.orders),
        o_first=nodes.first,
        o_near=_neighbours(problem, near),
        n_order=nodes.order,
        n_shop=nodes.shop,
        n_loc=nodes.loc,
        n_from=nodes.begin,
        n_to=nodes.end,
        n_setup=nodes.setup,
        n_handle=nodes.handle,
        n_weight=nodes.weight,
        n_volume=nodes.volume,
        n_cooled=nodes.cooled,
        vehicles=len(vehicles),
        v_class=_classes(vehicles),
        v_depot=[vehicle.depot for vehicle in vehicles],
        v_from=[vehicle.shift_from for vehicle in vehicles],
        v_to=[vehicle.shift_to for vehicle in vehicles],
        v_weight=[vehicle.cap.weight for vehicle in vehicles],
        v_volume=[vehicle.cap.volume for vehicle in vehicles],
        v_cooled=[vehicle.cap.cooled for vehicle in vehicles],
        v_out=[out[vehicle.type] for vehicle in vehicles],
        fixed=problem.costs.vehicle,
        penalty=problem.costs.unserved,
    )


class _Nodes:
    """Columns of the node table while it grows."""

    def __init__(self, problem: Problem) -> None:
        self.first = [0]
        self.order: list[int] = []
        self.shop: list[int] = []
        self.loc: list[int] = []
        self.begin: list[int] = []
        self.end: list[int] = []
        self.setup: list[int] = []
        self.handle: list[int] = []
        self.weight: list[int] = []
        self.volume: list[int] = []
        self.cooled: list[int] = []
        index = {shop.id: i for i, shop in enumerate(problem.shops)}
        for number, order in enumerate(problem.orders):
            self._pick_ups(problem, index, number, order)
            load = order.load
            place = (-1, order.loc, order.tw_from, order.tw_to, order.setup, 0)
            self._add(number, place, (-load.weight, -load.volume, -load.cooled))
            self.first.append(len(self.loc))

    def _pick_ups(self, problem: Problem, index: dict[Id, int], number: int, order: Order) -> None:
        for shop_id in dict.fromkeys(parcel.shop for parcel in order.parcels):  # first mention first, each once
            i = index[shop_id]
            shop = problem.shops[i]
            loads = [parcel.load for parcel in order.parcels if parcel.shop == shop_id]
            load = sum(loads, Load())
            place = (i, shop.loc, shop.open, shop.close, shop.setup, shop.per_parcel * len(loads))
            self._add(number, place, (load.weight, load.volume, load.cooled))

    def _add(self, number: int, place: tuple[int, int, int, int, int, int], load: tuple[int, int, int]) -> None:
        self.order.append(number)
        for column, value in zip(
            (self.shop, self.loc, self.begin, self.end, self.setup, self.handle), place, strict=True
        ):
            column.append(value)
        for column, value in zip((self.weight, self.volume, self.cooled), load, strict=True):
            column.append(value)


def _classes(vehicles: tuple[Vehicle, ...]) -> list[int]:
    known: dict[object, int] = {}
    return [known.setdefault((v.type, v.depot, v.shift_from, v.shift_to, v.cap), len(known)) for v in vehicles]


def _neighbours(problem: Problem, near: int) -> Table:
    """For each order all others by closeness: way between the doors there and back + a tenth of the window distance."""
    if not problem.vehicles:
        return [[o] for o in range(len(problem.orders))]
    matrix: Matrix = problem.time[problem.vehicles[-1].type]
    places = [(order.loc, order.tw_from + order.tw_to) for order in problem.orders]
    table: Table = []
    for o, (here, middle) in enumerate(places):
        row = matrix[here]
        far = [row[loc] + matrix[loc][here] + abs(other - middle) // 20 for loc, other in places]
        far[o] = -1
        table.append(sorted(range(len(places)), key=far.__getitem__)[:near])
    return table
