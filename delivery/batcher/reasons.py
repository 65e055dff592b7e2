"""Why an order is left behind: every vehicle is asked again which rule refuses it, and the answers become a sentence.

Rules are named without which the order could be served (`blame.py`), so that what is said is true. The text is German
because the dispatcher and the call list read it as it is; the code and the numbers are for programs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from delivery.batcher.blame import Asker, Cause
from delivery.batcher.facts import Order, Vehicle
from delivery.batcher.plan import Reason
from delivery.batcher.problem import Problem
from delivery.batcher.stops import Drop, Route

#: From "would nearly have fitted" to "could never fit": the first one found is the headline.
CODES = (
    "too_costly", "time_full", "load_full", "kept_full", "cold_full", "zone_full", "break_full", "break_missed",
    "zone_closed", "too_long_warm", "shop_break", "first_or_last", "too_many_trips", "rules_conflict", "shift_over",
    "window_missed", "shops_conflict", "shop_closes", "shop_closed", "window_empty", "too_cold", "too_big", "too_heavy",
    "no_vehicle",
)  # fmt: skip
#: Codes that blame cost or other orders (the last three sometimes): all others say that no vehicle could do it even
#: empty.
FULL = (
    "too_costly", "time_full", "load_full", "kept_full", "cold_full", "zone_full", "break_full", "first_or_last",
    "shop_break", "too_many_trips",
)  # fmt: skip
#: What a dispatcher could do about it, by headline.
HELPS = {
    "no_vehicle": "Es hilft, für diesen Tag ein Fahrzeug einzutragen.",
    "too_heavy": "Es hilft nur ein Fahrzeug, das mehr trägt.",
    "too_big": "Es hilft nur ein größeres Fahrzeug.",
    "too_cold": "Es hilft nur ein Fahrzeug mit mehr gekühltem Platz.",
    "window_empty": "Bitte die Lieferzeit berichtigen.",
    "shop_closed": "Es hilft ein anderer Tag oder eine Absprache mit dem Laden.",
    "shop_closes": "Es hilft, früher loszufahren oder eine spätere Abholung abzusprechen.",
    "shops_conflict": "Es hilft, früher loszufahren oder mit einem der Läden eine spätere Abholung abzusprechen.",
    "window_missed": "Es hilft, früher loszufahren oder eine spätere Lieferzeit abzusprechen.",
    "shift_over": "Es hilft, früher loszufahren oder die Schicht zu verlängern.",
    "too_many_trips": "Es hilft, mehr Ladungen zu erlauben.",
    "first_or_last": "Es hilft, den festen Halt freizugeben.",
    "shop_break": "Es hilft, mit dem Laden eine Abholung in der Pause abzusprechen.",
    "too_long_warm": "Es hilft ein Fahrzeug, das näher steht, oder eine längere erlaubte Zeit.",
    "zone_closed": "Es hilft ein Fahrzeug, das dort halten darf.",
    "break_missed": "Es hilft, die Pause zu verlegen.",
    "break_full": "Es hilft, die Pause zu verlegen.",
    "zone_full": "Es hilft ein Fahrzeug, das dort halten darf.",
    "cold_full": "Es hilft ein weiteres Fahrzeug.",
    "kept_full": "Es hilft, den Tag neu zu planen.",
    "load_full": "Es hilft ein weiteres Fahrzeug.",
    "time_full": "Es hilft ein weiteres Fahrzeug oder eine andere Lieferzeit.",
    "too_costly": "Wer trotzdem liefern will, gibt die Bestellung selbst einem Fahrzeug.",
}
#: A reason is stored and read as a whole: so many letters at most.
MOST_LETTERS = 300


def explain(problem: Problem, routes: Iterable[Route]) -> tuple[Reason, ...]:
    """One reason per order that is in no route."""
    routes = tuple(route for route in routes if route.stops)
    served = {stop.order for route in routes for stop in route.visits if isinstance(stop, Drop)}
    left = [order for order in problem.orders if order.id not in served]
    asker = Asker(problem, routes) if left and problem.vehicles else None
    return tuple(_reason(problem, asker, order) if asker else _nobody(order) for order in left)


def _nobody(order: Order) -> Reason:
    return Reason(order.id, "no_vehicle", "An diesem Tag fährt kein Fahrzeug. " + HELPS["no_vehicle"])


def _reason(problem: Problem, asker: Asker, order: Order) -> Reason:
    home = problem.homes.get(order.id)
    asked = [vehicle for vehicle in problem.vehicles if home in (None, vehicle.id)]
    answers = [asker.causes(order, vehicle) for vehicle in asked]
    first = min(range(len(asked)), key=lambda i: (CODES.index(answers[i][0].code), len(answers[i])))
    head = answers[first][0]
    told = [
        {"vehicle": vehicle.id, "code": causes[0].code, **causes[0].data, **_also(causes)}
        for vehicle, causes in zip(asked, answers, strict=True)
    ]
    data = head.data | {"vehicles": told} | ({} if home is None else {"locked": home})
    return Reason(order.id, head.code, _text(asked, answers, first, locked=home is not None), data)


def _also(causes: Sequence[Cause]) -> dict[str, object]:
    """The rules that stand in the way too."""
    more = [{"code": cause.code, **cause.data} for cause in causes[1:]]
    return {"also": more} if more else {}


def _text(asked: Sequence[Vehicle], answers: Sequence[Sequence[Cause]], first: int, *, locked: bool) -> str:
    """What refuses and what could help; the longest form that is short enough to be kept."""
    whole, short, plain = [_said(causes) for causes in answers], answers[first], answers[first][0].text
    helps = HELPS.get(short[0].code, "")
    if locked:
        lead = f"Gehört fest zu {asked[0].label}: "
        forms = [f"{lead}{whole[0]}.", f"{lead}{plain}."]
    else:
        others = " Auch die anderen Fahrzeuge können es nicht." if len(asked) > 1 else ""
        mine = f"{asked[first].label}: " if others else ""
        forms = [_by_vehicle(asked, whole), f"{mine}{_capital(whole[first], mine)}.{others}",
                 f"{mine}{_capital(plain, mine)}.{others}", f"{_capital(plain, '')}."]  # fmt: skip
    forms = [f"{form} {helps}".strip() for form in forms] + forms[-1:]
    return next((form for form in forms if len(form) <= MOST_LETTERS), forms[-1][: MOST_LETTERS - 1] + "…")


def _said(causes: Sequence[Cause]) -> str:
    return "; außerdem ".join(cause.text for cause in causes)


def _by_vehicle(asked: Sequence[Vehicle], said: Sequence[str]) -> str:
    """Vehicles that say the same are named together, and not at all when all of them do."""
    by_text: dict[str, list[str]] = {}
    for vehicle, text in zip(asked, said, strict=True):
        by_text.setdefault(text, []).append(vehicle.label)
    if len(by_text) == 1:
        return _capital(said[0], "") + "."
    return " ".join(f"{', '.join(labels)}: {text}." for text, labels in by_text.items())


def _capital(text: str, lead: str) -> str:
    return text if lead else text[0].upper() + text[1:]
