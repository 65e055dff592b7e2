"""From the flat problem to what the kernel works on: plain lists, or numpy arrays where the kernel is compiled."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterator

from delivery.batcher.flat import Flat, Table
from delivery.batcher.kernel.data import INF, Answer, Pool, Row, Scratch, Task
from delivery.batcher.kernel.guess import TRIES

#: A route never holds more nodes than this (a shift has not enough minutes for them).
_MOST = 1_200
#: Remembered insertion costs.
_TABLE = 1 << 16
#: Remembered routes: how many (two to the power of), of how many nodes at most, of how many orders on average; where
#: there are up to so many orders.
_POOL, _POOL_NODES, _POOL_ORDERS, _SET = 16, 64, 8, 62
#: No answer may cost more where routes are combined: prices are finer than costs and must fit into 63 bits.
_DEAREST = 1 << 41

Make = Callable[..., Row]


def maker(*, compiled: bool) -> Make:
    """How a row of numbers is made: a list, or an array of 64-bit numbers."""
    if not compiled:
        return lambda numbers, _bits=64: list(numbers)
    numpy = importlib.import_module("numpy")
    kinds = {32: numpy.int32, 64: numpy.int64}
    return lambda numbers, bits=64: numpy.fromiter(numbers, dtype=kinds[bits])


def task_of(f: Flat, row: Make) -> Task:
    """Build the kernel's task. Places: shops, then doors (one per order), then depots."""
    shops = max(f.n_shop, default=-1) + 1
    depots = list(dict.fromkeys(f.v_depot))
    doors = _side_by_side(f.o_near)
    n_place = [shop if shop >= 0 else shops + doors[f.n_order[x]] for x, shop in enumerate(f.n_shop)]
    loc = [0] * (shops + f.orders) + depots
    setup = [0] * len(loc)
    for x, place in enumerate(n_place):
        loc[place] = f.n_loc[x]
        setup[place] = f.n_setup[x]
    kinds = {id(table): table for table in f.v_out}
    number = {kind: i for i, kind in enumerate(kinds)}
    places = len(loc)
    return Task(
        orders=f.orders,
        nodes=len(n_place),
        vehicles=f.vehicles,
        places=places,
        most=min(len(n_place) + 1, _MOST),
        near=len(f.o_near[0]),
        o_first=row(f.o_first),
        o_near=row(o for line in f.o_near for o in line),
        o_penalty=row([f.penalty + 1] * f.orders),
        o_far=row(_far(f)),
        n_order=row(f.n_order),
        n_place=row(n_place),
        n_from=row(begin + setup for begin, setup in zip(f.n_from, f.n_setup, strict=True)),
        n_to=row(_latest(*place) for place in zip(f.n_from, f.n_to, f.n_setup, strict=True)),
        n_handle=row(f.n_handle),
        n_weight=row(f.n_weight),
        n_volume=row(f.n_volume),
        n_cooled=row(f.n_cooled),
        v_type=row(number[id(table)] for table in f.v_out),
        v_class=row(f.v_class),
        v_place=row(shops + f.orders + depots.index(depot) for depot in f.v_depot),
        v_from=row(f.v_from),
        v_to=row(f.v_to),
        v_weight=row(f.v_weight),
        v_volume=row(f.v_volume),
        v_cooled=row(f.v_cooled),
        v_fixed=row([f.fixed] * f.vehicles),
        arc=_ways(list(kinds.values()), loc, setup, row),
    )


def _side_by_side(near: Table) -> list[int]:
    """Doors numbered from one to the nearest next: what a route serves is read from few lines of memory."""
    number = [-1] * len(near)
    o = 0
    for k in range(len(near)):
        number[o] = k
        o = next((other for other in near[o] if number[other] < 0), -1)
        if o < 0 and k + 1 < len(near):
            o = number.index(-1)
    return number


def _latest(begin: int, end: int, setup: int) -> int:
    return end + setup if begin <= end else -INF


def _ways(tables: list[Table], loc: list[int], setup: list[int], row: Make) -> Row:
    """The row of `_arcs`; with numpy a whole table at a time (a thousand orders: a tenth of a second, not half)."""
    if isinstance(row(()), list):
        return row(_arcs(tables, loc, setup))
    numpy = importlib.import_module("numpy")
    pairs = numpy.empty((len(tables), len(loc), len(loc), 2), dtype=numpy.int32)
    for table, found in zip(tables, pairs, strict=True):
        ways = numpy.array(table, dtype=numpy.int32)[numpy.ix_(loc, loc)] + numpy.array(setup, dtype=numpy.int32)
        numpy.fill_diagonal(ways, 0)
        found[..., 0], found[..., 1] = ways, ways.T
    joined: Row = pairs.ravel()
    return joined


def _arcs(tables: list[Table], loc: list[int], setup: list[int]) -> Iterator[int]:
    """Way + set-up from each place to each other, each followed by the same back; made as it is asked for."""
    for table in tables:
        for a, here in enumerate(loc):
            for b, there in enumerate(loc):
                yield table[here][there] + setup[b] if a != b else 0
                yield table[there][here] + setup[a] if a != b else 0


def _far(f: Flat) -> list[int]:
    if not f.vehicles:
        return [0] * f.orders
    return [f.v_out[0][f.v_depot[0]][f.n_loc[f.o_first[o + 1] - 1]] for o in range(f.orders)]


def answer_of(d: Task, row: Make, seed: int) -> Answer:
    """An answer that leaves everything behind."""
    zeros = _zeros(row)
    places = (2 * d.vehicles + 1) * d.most + 1  # one slot to spare
    return Answer(
        slot=row(2 * v for v in range(d.vehicles)),
        size=zeros(2 * d.vehicles), cost=zeros(2 * d.vehicles), mark=zeros(2 * d.vehicles),
        node=zeros(places), place=zeros(places), leg=zeros(places), leave=zeros(places), late=zeros(places),
        begin=zeros(places), after=zeros(places), weight=zeros(places), volume=zeros(places), cooled=zeros(places),
        peak=zeros(3 * (2 * d.vehicles + 1)),
        home=row([-1] * d.orders),
        best_size=zeros(d.vehicles), best_node=zeros(d.vehicles * d.most + 1),
        absent=zeros(d.orders), tally=zeros(16),
        rng=row([(seed * 2_654_435_761 + 88_172_645) & 0x7FFFFFFF | 1]),
    )  # fmt: skip


def scratch_of(d: Task, row: Make) -> Scratch:
    """Scratch space for one search."""
    zeros = _zeros(row)
    most = d.most + 2
    return Scratch(
        node=zeros(most), place=zeros(most), leg=zeros(most), leave=zeros(most), late=zeros(most), begin=zeros(most),
        weight=zeros(most), volume=zeros(most), cooled=zeros(most), found=zeros(most), chosen=zeros(most),
        alone=zeros(most),
        low=zeros(d.nodes), low_gap=zeros(d.nodes), spot=zeros(d.nodes), turn=zeros(d.nodes),
        gap=zeros(TRIES), guess=zeros(TRIES), detours=zeros(TRIES), line=zeros(TRIES), spots=zeros(TRIES * d.nodes),
        detour=zeros(d.nodes), stand=zeros(d.nodes),
        homeless=zeros(d.orders), was=zeros(d.orders), key=zeros(d.orders), gone=zeros(d.orders),
        touched=zeros(d.vehicles), is_touched=zeros(d.vehicles), drops=zeros(d.orders),
        candidates=zeros(d.vehicles), is_candidate=zeros(d.vehicles),
        table=row([-1] * (2 * _TABLE)),
        noise=row(round(-1024 * math.log((i + 0.5) / 4096)) for i in range(4096)),
    )  # fmt: skip


def pool_of(d: Task, row: Make) -> Pool:
    """An empty pool; without room where sets of orders or prices do not fit into a number, or nothing is combined."""
    fits = d.orders <= _SET and sum(map(int, d.o_penalty)) < _DEAREST  # no answer costs more than leaving all behind
    room = 1 << min(_POOL, d.orders + 2) if fits and d.orders > 1 and d.vehicles > 1 else 0
    kinds = max(d.v_class, default=-1) + 1
    zeros, columns, levels = _zeros(row), room + d.orders + 1, d.orders + 1
    members = _POOL_ORDERS * room
    fixed = [0] * kinds
    for v, kind in enumerate(d.v_class):
        fixed[kind] = d.v_fixed[v]
    return Pool(
        room=room, most=_POOL_NODES, members=members, kinds=kinds,
        many=row(list(d.v_class).count(kind) for kind in range(kinds)), fixed=row(fixed),
        orders=zeros(room), kind=zeros(room, 32), cost=zeros(room), size=zeros(room, 32),
        node=zeros(room * _POOL_NODES, 32),
        entry=zeros(columns), price=zeros(columns), start=zeros(columns), member=zeros(members, 32),
        over=zeros(columns), serves=zeros(columns), first=zeros(columns), queue=zeros(columns),
        lean=zeros(levels), low=zeros(levels), by=zeros(levels), worth=zeros(levels), often=zeros(levels),
        turn=zeros(levels), begin=zeros(levels), at=zeros(levels), level=zeros(levels), sofar=zeros(levels),
        done=zeros(levels), path=zeros(levels), found=zeros(levels), used=zeros(kinds),
    )  # fmt: skip


def _zeros(row: Make) -> Callable[..., Row]:
    if isinstance(row(()), list):
        return lambda count, _bits=64: [0] * count
    numpy = importlib.import_module("numpy")
    return lambda count, bits=64: numpy.zeros(count, dtype=numpy.int32 if bits == 32 else numpy.int64)
