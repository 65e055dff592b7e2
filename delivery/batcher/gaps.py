"""Where one more order fits into a route under the rules of the street: quickly, or thoroughly."""

from __future__ import annotations

from delivery.batcher.roads import Roads, Way
from delivery.batcher.street import NEVER

#: Drop positions built for real per route, best guess first.
_TRIES = 3

#: Added cost and the longer route's nodes.
Found = tuple[int, list[int]]
NOTHING: Found = (NEVER, [])


class Gaps:
    """Insertions into the routes of one problem."""

    def __init__(self, roads: Roads) -> None:
        self.roads = roads
        self.patience = 0

    def cheapest(self, way: Way, o: int) -> Found:
        """A cheap insertion, or NOTHING when none of the likely ones is allowed. Remembered by the route."""
        if o not in way.known:
            way.known[o] = self._look(way, o) if self.roads.home[o] in (-1, way.lane.number) else NOTHING
        return way.known[o]

    def best(self, way: Way, o: int, patience: int = 3_000) -> Found:
        """The cheapest insertion of all; where patience ends before, of those seen."""
        quick = self.cheapest(way, o)
        self.patience = patience
        thorough = self.thorough(way, o, quick[0])
        return min(quick, thorough, key=lambda found: found[0])

    def _look(self, way: Way, o: int) -> Found:
        best = NOTHING
        for _, nodes in self._guesses(way, o):
            longer = self.roads.way(way.lane, nodes)
            if longer is not None and longer.cost - way.cost < best[0]:
                best = longer.cost - way.cost, nodes
        if best[0] >= NEVER and way.lane.odd and self.patience > 0:
            best = self.thorough(way, o)
        return best

    def _guesses(self, way: Way, o: int) -> list[Found]:
        """For the likely places of the drop the cheapest places of the collections before it."""
        roads, last = self.roads, len(way.nodes)
        picks, drop = roads.picks[o], roads.drop[o]
        drops, begins = self._scan(way, drop)
        looks = [(pick, *self._scan(way, pick)) for pick in picks]
        most = dict(roads.rides[o])
        heavy = self._heavy(way, picks)
        lows = {pick: self._from(way, pick) for pick in most}
        found: list[tuple[int, int, list[int]]] = []
        least: list[tuple[int, int]] = [(NEVER, 0)] * len(picks)
        for gap in range(last + 1):
            total, at = drops[gap], []
            for j, (pick, costs, _) in enumerate(looks):
                if gap and heavy[j] and heavy[j][gap - 1]:
                    least[j] = (NEVER, 0)
                if costs[gap] < least[j][0]:
                    least[j] = (costs[gap], gap)
                cost, where = least[j]
                if pick in most and total < NEVER:
                    bound = begins[gap] - most[pick]
                    where = next((i for i in range(where, gap + 1) if lows[pick][i] >= bound), gap)
                    cost = min(costs[where : gap + 1])
                    where = costs.index(cost, where)
                total += cost // 2 if where == gap and cost < NEVER else cost
                at.append(where)
            if total < NEVER:
                found.append((total, gap, at))
        found.sort(key=lambda one: one[0])
        return [(total, self._laid(way, o, gap, at)) for total, gap, at in found[:_TRIES]]

    def _laid(self, way: Way, o: int, gap: int, at: list[int]) -> list[int]:
        """The route with the collections before stops `at` and the drop before stop `gap`; in one gap, nearest next."""
        roads, nodes, out = self.roads, way.nodes, way.lane.out
        found: list[int] = []
        done = 0
        left = list(zip(at, roads.picks[o], strict=True))
        for i in sorted({*at, gap}):
            found += nodes[done:i]
            done = i
            here = roads.loc[found[-1]] if found else way.lane.vehicle.origin
            mine = [pick for where, pick in left if where == i]
            while mine:
                pick = min(mine, key=lambda x: out[here][roads.loc[x]])
                mine.remove(pick)
                found.append(pick)
                here = roads.loc[pick]
            if i == gap:
                found.append(roads.drop[o])
        return found + nodes[done:]

    def _scan(self, way: Way, x: int) -> tuple[list[int], list[int]]:  # noqa: C901  an inner loop, as in roads.py
        """By gap: what a visit to x would add (NEVER: not possible), and when it would begin at the earliest."""
        roads, lane, nodes, leaves, charges = self.roads, way.lane, way.nodes, way.leave, way.charge
        late, out, locs, setups = roads.latest(way), lane.out, roads.loc, roads.setup
        loc, key, windows = locs[x], roads.key[x], lane.windows[x]
        handle, stay, setup = roads.handle[x], roads.handle[x] + setups[x], setups[x]
        away, is_drop, keys, last = out[loc], roads.is_drop[x], roads.key, len(nodes)
        costs, begins = [NEVER] * (last + 1), [NEVER] * (last + 1)
        here, clock, before = lane.vehicle.origin, lane.vehicle.shift_from, -1
        for i in range(last + 1):
            joins = key >= 0 and before == key
            leg = 0 if joins else out[here][loc]
            begin = clock + leg
            if not joins or is_drop:
                for first, end in windows:
                    if begin <= end:
                        if begin < first:
                            begin = first
                        break
                else:
                    break  # later only later
            begins[i] = begin
            if i < last:
                y = nodes[i]
                there, charge = locs[y], charges[i]
                onward = away[there]
                again = setups[y]
            else:
                y, there, charge, again = -1, lane.vehicle.depot, charges[i] if last else 0, 0
                onward = away[there]
            if joins and charge < 0:
                if begin + handle <= late[i]:
                    costs[i] = 0
            elif joins:
                if begin + handle + onward <= late[i]:
                    costs[i] = 0
            elif begin + stay + onward - (again if charge < 0 else 0) <= late[i]:
                costs[i] = leg + setup + onward + again - max(charge, 0)
            if y >= 0:
                here, clock, before = there, leaves[i], keys[y]
        return costs, begins

    def _from(self, way: Way, x: int) -> list[int]:
        """By gap: how late a visit to x could begin there; what is cooled is collected late enough for its door."""
        roads, lane = self.roads, way.lane
        late, out = roads.latest(way), lane.out[roads.loc[x]]
        stay, end = roads.handle[x] + roads.setup[x], max((last for _, last in lane.windows[x]), default=-NEVER)
        places = [roads.loc[y] for y in way.nodes] + [lane.vehicle.depot]
        return [min(end, late[i] - stay - out[there]) for i, there in enumerate(places)]

    def _heavy(self, way: Way, picks: list[int]) -> list[list[bool]]:
        """By collection and stop: after that stop there is no room for it, so it comes later; [] where all is light."""
        lane, load = way.lane, self.roads.load
        if not lane.full:
            return [[] for _ in picks]
        weight, volume, cooled = lane.weight, lane.volume, lane.cooled
        left = []
        for x in way.nodes:
            one = load[x]
            weight, volume, cooled = weight - one[0], volume - one[1], cooled - one[2]
            left.append((weight, volume, cooled))
        found = []
        for pick in picks:
            need = load[pick]
            found.append([need[0] > w or need[1] > v or need[2] > c for w, v, c in left])
        return found

    # -- thoroughly --------------------------------------------------------------------------------------------------

    def thorough(self, way: Way, o: int, bound: int = NEVER) -> Found:
        """The cheapest insertion of all below `bound`, as long as patience lasts (then: of those seen)."""
        if self.roads.home[o] not in (-1, way.lane.number):
            return NOTHING
        hunt = _Hunt(self, way, o, bound)
        vehicle = way.lane.vehicle
        hunt.extend([], 0, self.roads.picks[o], (vehicle.shift_from, vehicle.origin, -1, 0))
        return hunt.best


class _Hunt:
    """Depth first: the route's next stop, one of the collections left, or the drop."""

    def __init__(self, gaps: Gaps, way: Way, o: int, bound: int) -> None:
        self.gaps, self.roads, self.way = gaps, gaps.roads, way
        self.drop, self.limit, self.best = self.roads.drop[o], bound, NOTHING
        plain = self.roads.without_rest(way)
        self.late = self.roads.latest(plain) if plain is not None else []

    def extend(self, taken: list[int], i: int, left: list[int], now: tuple[int, int, int, int]) -> None:
        """`now`: clock, place, key and cost so far at the least; break and cooling only delay."""
        self.gaps.patience -= 1
        if self.gaps.patience < 0:
            return
        for x in left or [self.drop]:
            self._go(taken, x, i, [y for y in left if y != x], now)
        if i < len(self.way.nodes):
            self._go(taken, self.way.nodes[i], i + 1, left, now)

    def _go(self, taken: list[int], x: int, i: int, left: list[int], now: tuple[int, int, int, int]) -> None:
        roads, lane = self.roads, self.way.lane
        clock, here, before, cost = now
        key, loc = roads.key[x], roads.loc[x]
        joins = key >= 0 and key == before
        if not joins:
            leg = lane.out[here][loc]
            clock, cost = clock + leg, cost + leg + roads.setup[x]
            given = i > 0 and x == self.way.nodes[i - 1]
            if cost >= self.way.cost + self.limit or (given and self.late and clock > self.late[i - 1]):
                return
        if not joins or roads.is_drop[x]:
            clock = next((max(clock, first) for first, last in lane.windows[x] if clock <= last), NEVER)
            if clock >= NEVER:
                return
        clock += roads.handle[x] + (0 if joins else roads.setup[x])
        if x != self.drop:
            self.extend([*taken, x], i, left, (clock, loc, key, cost))
            return
        nodes = [*taken, x, *self.way.nodes[i:]]
        self.gaps.patience -= len(nodes) // 2
        longer = roads.way(lane, nodes)
        if longer is not None and longer.cost - self.way.cost < self.limit:
            self.limit = longer.cost - self.way.cost
            self.best = self.limit, nodes
