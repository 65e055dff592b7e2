"""The routes seen so far: per class of vehicle and set of orders the cheapest. `combine.py` makes answers of them."""

from __future__ import annotations

from delivery.batcher.kernel.data import TOUCHED, Answer, Pool, Row, Scratch, Task

#: Places of the table where a route may be kept, counted from the one its orders stand for.
_PROBES = 8


def remember(d: Task, a: Answer, w: Scratch, p: Pool, crowd: int) -> None:
    """Keep the routes touched in this iteration; without `crowd` only where their place is free."""
    if p.room == 0:
        return
    for i in range(a.tally[TOUCHED]):
        v = w.touched[i]
        base = a.slot[v] * d.most
        n = a.size[a.slot[v]]
        if 0 < n <= p.most:
            _keep(p, d.v_class[v], orders_of(d, a.node, base, n), a.cost[a.slot[v]], a.node, base, n, crowd)


def orders_of(d: Task, nodes: Row, base: int, n: int) -> int:
    """A set of orders as a number: order o is bit o."""
    orders = 0
    for i in range(base, base + n):
        orders |= 1 << d.n_order[nodes[i]]
    return orders


def _keep(p: Pool, kind: int, orders: int, cost: int, nodes: Row, base: int, n: int, crowd: int) -> None:
    """The cheaper one stays; where the table is full, with `crowd` the newer."""
    home = _home(p, kind, orders)
    place = (home + (cost & (_PROBES - 1))) & (p.room - 1) if crowd else -1
    for i in range(_PROBES if crowd else 1):
        k = (home + i) & (p.room - 1)
        if p.orders[k] == 0 or (p.orders[k] == orders and p.kind[k] == kind):
            if p.orders[k] != 0 and p.cost[k] <= cost:
                return
            place = k
            break
    if place < 0:
        return
    p.orders[place] = orders
    p.kind[place] = kind
    p.cost[place] = cost
    p.size[place] = n
    for i in range(n):
        p.node[place * p.most + i] = nodes[base + i]


def _home(p: Pool, kind: int, orders: int) -> int:
    mixed = (orders & 0x7FFFFFFF) * 1_000_003 + (orders >> 31) * 1_299_709 + kind * 7_919
    return (mixed ^ (mixed >> 17)) & (p.room - 1)
