"""Why an order is left behind: every vehicle is asked again which rule refuses it, and the answers become one sentence.

The text is German because the dispatcher and the call list read it as it is; the code and the numbers are for programs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from delivery.batcher.alone import Alone, alone, overload
from delivery.batcher.flat import Flat
from delivery.batcher.plan import Reason
from delivery.batcher.problem import Problem
from delivery.batcher.route import INF, build, cheapest
from delivery.batcher.search import State

#: From "would nearly have fitted" to "could never fit": the first one found is the headline.
CODES = (
    "too_costly", "time_full", "load_full", "shift_over", "window_missed", "shops_conflict", "shop_closes",
    "shop_closed", "window_empty", "too_cold", "too_big", "too_heavy", "no_vehicle",
)  # fmt: skip
_OVERLOAD = {
    "weight": ("too_heavy", "zu schwer: {need}, erlaubt sind {cap}", "kg"),
    "volume": ("too_big", "zu groß: {need}, Platz ist für {cap}", "l"),
    "cooled": ("too_cold", "zu viel Kühlware: {need}, gekühlter Platz ist für {cap}", "l"),
}


@dataclass(frozen=True, slots=True)
class _Refusal:
    code: str
    text: str
    data: dict[str, Any]


def explain(problem: Problem, d: Flat, state: State) -> tuple[Reason, ...]:
    """One reason per order the state leaves behind."""
    asker = _Asker(problem, d, state)
    return tuple(asker.reason(o) for o, v in enumerate(state.home) if v < 0)


class _Asker:
    def __init__(self, problem: Problem, d: Flat, state: State) -> None:
        self.problem, self.d, self.state = problem, d, state
        self.boundless = d._replace(
            v_weight=[INF] * d.vehicles, v_volume=[INF] * d.vehicles, v_cooled=[INF] * d.vehicles
        )

    def reason(self, o: int) -> Reason:
        order = self.problem.orders[o].id
        if not self.problem.vehicles:
            return Reason(order, "no_vehicle", "An diesem Tag fährt kein Fahrzeug.")
        refusals = [self._refusal(o, v) for v in range(self.d.vehicles)]
        head = min(refusals, key=lambda refusal: CODES.index(refusal.code))
        vehicles = [
            {"vehicle": vehicle.id, "code": refusal.code, **refusal.data}
            for vehicle, refusal in zip(self.problem.vehicles, refusals, strict=True)
        ]
        return Reason(order, head.code, self._sentence(refusals), {**head.data, "vehicles": vehicles})

    def _sentence(self, refusals: list[_Refusal]) -> str:
        """One sentence; vehicles that say the same are named together, and not at all when all of them do."""
        by_text: dict[str, list[str]] = {}
        for vehicle, refusal in zip(self.problem.vehicles, refusals, strict=True):
            by_text.setdefault(refusal.text, []).append(vehicle.label)
        if len(by_text) == 1:
            text = next(iter(by_text))
            return text[0].upper() + text[1:] + "."
        return "; ".join(f"{', '.join(labels)}: {text}" for text, labels in by_text.items()) + "."

    def _refusal(self, o: int, v: int) -> _Refusal:
        over = overload(self.d, o, v)
        if over:
            return self._overload(o, v, over)
        tried = alone(self.d, o, v)
        if tried.cost >= INF:
            return self._too_late(o, v, tried)
        return self._no_room(o, v, tried)

    def _overload(self, o: int, v: int, over: str) -> _Refusal:
        code, text, unit = _OVERLOAD[over]
        need = getattr(self.problem.orders[o].load, over)
        cap = getattr(self.problem.vehicles[v].cap, over)
        said = text.format(need=_thousandths(need, unit), cap=_thousandths(cap, unit))
        return _Refusal(code, said, {"need": need, "cap": cap})

    def _too_late(self, o: int, v: int, tried: Alone) -> _Refusal:
        """An empty vehicle would not make it either: the first thing on the way that is too early for it."""
        order = self.problem.orders[o]
        if tried.collected_at >= INF:
            return self._shops(o, tried)
        if order.tw_from > order.tw_to:
            said = f"das Lieferfenster ist leer ({clock(order.tw_from)} bis {clock(order.tw_to)})"
            return _Refusal("window_empty", said, {"from": order.tw_from, "to": order.tw_to})
        if tried.door_at > order.tw_to:
            said = f"Lieferfenster endet {clock(order.tw_to)}, Fahrzeug frühestens {clock(tried.door_at)} an der Tür"
            return _Refusal("window_missed", said, {"to": order.tw_to, "earliest": tried.door_at})
        ends = self.problem.vehicles[v].shift_to
        said = f"Schicht endet {clock(ends)}, Fahrzeug frühestens {clock(tried.back_at)} zurück"
        return _Refusal("shift_over", said, {"to": ends, "earliest": tried.back_at})

    def _shops(self, o: int, tried: Alone) -> _Refusal:
        d = self.d
        picks = range(d.o_first[o], d.o_first[o + 1] - 1)
        shops = {x: self.problem.shops[d.n_shop[x]] for x in picks}
        for shop in shops.values():
            if shop.open > shop.close:
                return _Refusal("shop_closed", f"{shop.label} hat an diesem Tag nicht geöffnet", {"shop": shop.id})
        for x, shop in shops.items():
            arrival = tried.reach.get(x, 0)
            if arrival > shop.close:
                said = f"{shop.label} schließt {clock(shop.close)}, Fahrzeug frühestens {clock(arrival)}"
                return _Refusal("shop_closes", said, {"shop": shop.id, "close": shop.close, "earliest": arrival})
        names = ", ".join(f"{shop.label} (bis {clock(shop.close)})" for shop in shops.values())
        said = f"nicht alle Läden sind vor Ladenschluss erreichbar: {names}"
        return _Refusal("shops_conflict", said, {"shops": [shop.id for shop in shops.values()]})

    def _no_room(self, o: int, v: int, tried: Alone) -> _Refusal:
        """Alone it would work: so the vehicle's other orders are in the way, or it is not worth the way."""
        d, route = self.d, self.state.routes[v]
        if route is None:
            return self._too_costly(tried.cost + d.fixed)
        added, _ = cheapest(d, route, o)
        if added < INF:
            return self._too_costly(added)
        unloaded = build(self.boundless, v, route.nodes)
        assert unloaded is not None
        if cheapest(self.boundless, unloaded, o)[0] < INF:
            return _Refusal("load_full", "die Tour ist voll beladen", {})
        return _Refusal("time_full", "in der Tour fand sich keine zeitlich passende Lücke mehr", {})

    def _too_costly(self, cost: int) -> _Refusal:
        limit = self.d.penalty
        said = f"der Aufwand wäre zu groß: {_minutes(cost)} Minuten, die Grenze sind {_minutes(limit)}"
        return _Refusal("too_costly", said, {"cost": cost, "limit": limit})


def clock(seconds: int) -> str:
    """Seconds after midnight as 17:05; a started minute of an arrival counts, so nothing looks in time by rounding."""
    minutes = -(-seconds // 60)
    return f"{minutes // 60}:{minutes % 60:02d}"


def _thousandths(amount: int, unit: str) -> str:
    whole, rest = divmod(amount, 1_000)
    digits = f",{rest:03d}".rstrip("0") if rest else ""
    return f"{whole}{digits} {unit}"


def _minutes(seconds: int) -> int:
    return -(-seconds // 60)
