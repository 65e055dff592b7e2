"""What the kernel works on: the task (never changed), the answer being worked on, and scratch space.

A **node** is one visit: a pick-up of one order at one shop, or its drop. A **place** is a shop, a door or a depot.
`arc` is travel plus the set-up at the place arrived at, and 0 from a place to itself: so neighbouring pick-ups at one
shop are one stop and pay way and set-up once. Windows are shifted by that set-up accordingly.
"""

from __future__ import annotations

from typing import NamedTuple

INF = 1 << 60
Row = list[int]


class Task(NamedTuple):
    """One planning task. n_ = per node, o_ = per order, v_ = per vehicle."""

    orders: int
    nodes: int
    vehicles: int
    places: int
    most: int  # nodes a route can hold, one more is kept for the way home
    near: int  # how many neighbours per order are in o_near
    o_first: Row  # first node of an order; its drop is o_first[o + 1] - 1
    o_near: Row  # orders by closeness, itself first
    o_penalty: Row  # cost of leaving it behind
    o_far: Row  # distance from the depot, for sorting
    n_order: Row
    n_place: Row
    n_from: Row  # a stop begins in [from, to], set-up included
    n_to: Row
    n_handle: Row  # paid per node, even where stops are merged
    n_weight: Row  # positive at a pick-up, negative at a drop
    n_volume: Row
    n_cooled: Row
    v_type: Row  # which matrix
    v_class: Row  # vehicles of one class are the same when empty
    v_place: Row  # the depot
    v_from: Row
    v_to: Row
    v_weight: Row
    v_volume: Row
    v_cooled: Row
    v_fixed: Row
    arc: Row  # [type][place][other place][0 there, 1 back]: side by side because both are asked for at once


class Answer(NamedTuple):
    """Routes with their timetables. A vehicle has two slots, so that a change can be taken back by pointing back."""

    slot: Row  # per vehicle: where its route is kept now
    size: Row  # per slot: number of nodes
    cost: Row  # per slot: arcs, without the vehicle's fixed cost
    mark: Row  # per slot: a number that stands for vehicle class and sequence
    node: Row  # from here on: per slot and position
    place: Row
    leg: Row  # arc to the position; one more for the way home
    leave: Row  # earliest departure
    late: Row  # latest beginning that keeps everything after it in time, own window not counted
    begin: Row  # the same, own window counted
    after: Row  # the next gap between two stops
    weight: Row  # load on leaving
    volume: Row
    cooled: Row
    peak: Row  # per slot: the greatest weight, volume, cooled volume on the way
    home: Row  # per order: vehicle or -1
    best_size: Row  # per vehicle: the best answer so far
    best_node: Row
    absent: Row  # per order: how often it was left behind
    tally: Row  # see the numbers below
    rng: Row  # one number: the state of the random numbers


#: Places in Answer.tally.
NOW, BEST, LEFT, BEST_LEFT, DONE, TOUCHED, HOMELESS, FRESH, WEIGHT = range(9)

#: Places in the rules of annealing: orders removed and longest string (in 1/16), chances of a whole route and of a
#: blink (in 1/1024), routes looked at per order, how many times the temperature worse an answer may be to be worth
#: polishing, chances in 1/1024 that an order is not put where it costs least and that a whole route goes with strings
#: around it, and 1 while fewer vehicles are looked for: then no empty one is opened.
REMOVED, LONGEST, WHOLE, BLINK, WIDEST, POLISH, SHAKE, ROOM, FEWER = range(9)


class Pool(NamedTuple):
    """Routes seen (a table with `room` places; 0: none are remembered), and space for combining them."""

    room: int  # a power of two
    most: int  # nodes of a route that is remembered
    members: int  # space in `member`
    kinds: int  # classes of vehicles
    many: Row  # per class: how many vehicles
    fixed: Row  # and what using one costs
    orders: Row  # from here on per place of the table: the set of orders as bits (0: empty)
    kind: Row  # class of vehicle
    cost: Row  # arcs
    size: Row
    node: Row  # `most` each
    entry: Row  # from here on per column: its place in the table, -1 - o for leaving order o behind
    price: Row
    start: Row  # where its orders begin in `member`
    member: Row
    over: Row  # what it costs above its orders' prices
    serves: Row  # its orders as bits
    first: Row  # the first of its orders, by `turn`
    queue: Row  # columns in the sequence in which they are tried
    lean: Row  # from here on per order: by how much it is made dearer
    low: Row  # what it pays of the route that is cheapest for it
    by: Row  # and which that is
    worth: Row  # its price
    often: Row
    turn: Row  # orders in the sequence in which they are served
    begin: Row  # where an order's columns begin in `queue`
    at: Row  # from here on per level of the search: the column tried next
    level: Row
    sofar: Row
    done: Row
    path: Row
    found: Row
    used: Row  # per class: vehicles in use


class Scratch(NamedTuple):
    """Space that is used again and again."""

    node: Row  # one route being built
    place: Row
    leg: Row
    leave: Row
    late: Row
    begin: Row
    weight: Row
    volume: Row
    cooled: Row
    found: Row  # the best route built so far, nodes only
    chosen: Row  # the same, of the cheapest vehicle
    low: Row  # per pick-up: cheapest gap so far
    low_gap: Row  # and where it is
    spot: Row  # the same, for one drop gap
    detour: Row  # and what it costs there
    stand: Row  # pick-ups as they come: 3 * gap + where in it
    turn: Row  # sequence in which pick-ups are placed
    alone: Row  # per gap: what the drop alone adds
    gap: Row  # drop gaps worth building, best first
    guess: Row
    detours: Row  # per drop gap: pick-ups that ask for a detour
    line: Row  # and where its pick-ups' gaps begin in `spots`
    spots: Row
    homeless: Row  # orders to be put back
    was: Row  # where they were before
    key: Row
    gone: Row  # per order: taken out in this iteration
    touched: Row  # vehicles changed in this iteration
    is_touched: Row
    drops: Row
    candidates: Row
    is_candidate: Row
    table: Row  # remembered insertion costs: a key, then its cost; a power of two of them
    noise: Row  # -ln(u) in 1/1024, for 4,096 equally spaced u
