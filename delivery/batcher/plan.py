"""What the batcher answers: routes of stops, orders left behind, and why."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from delivery.batcher.reading import BadProblem, Reader, as_id
from delivery.batcher.stops import Break, Drop, Id, Route, ShopStop, Stop, dump_route, parse_route

__all__ = ["Break", "Drop", "Plan", "Reason", "Route", "ShopStop", "Stop"]


#: A seed is only mixed, so it may be any number.
_ANY_SEED = 1 << 1_000


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an order is left behind: a code for programs, German text for the dispatcher, the numbers behind it."""

    order: Id
    code: str
    text: str
    data: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """Routes, what is left behind with its reasons, and how the plan came about."""

    routes: tuple[Route, ...] = ()
    unserved: tuple[Id, ...] = ()
    reasons: tuple[Reason, ...] = ()
    seed: int = 0
    iterations: int = 0

    @classmethod
    def parse(cls, raw: object) -> Plan:
        """Build a plan from decoded JSON; raises BadProblem with the path of the wrong field."""
        top = Reader(raw, "plan")
        reasons = (_reason(item) for item in top.items("reasons")) if "reasons" in top else ()
        return cls(
            routes=tuple(map(parse_route, top.items("routes"))),
            unserved=tuple(top.ids("unserved")) if "unserved" in top else (),
            reasons=tuple(reasons),
            seed=top.whole("seed", default=0, most=_ANY_SEED),
            iterations=top.whole("iterations", default=0),
        )

    @classmethod
    def read(cls, path: Path) -> Plan:
        """Read a plan file; every failure is a BadProblem that names the file."""
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise BadProblem(str(path), error.strerror or "cannot be read") from error
        except (ValueError, RecursionError) as error:
            raise BadProblem(str(path), f"is not JSON ({error})") from error
        try:
            return cls.parse(raw)
        except BadProblem as error:
            raise BadProblem(f"{path}: {error.path}", error.problem) from error

    def dump(self) -> dict[str, Any]:
        """JSON-ready data; `parse(dump())` gives an equal plan."""
        return {
            "routes": [dump_route(route) for route in self.routes],
            "unserved": list(self.unserved),
            "reasons": [
                {"order": reason.order, "code": reason.code, "text": reason.text, "data": reason.data}
                for reason in self.reasons
            ],
            "seed": self.seed,
            "iterations": self.iterations,
        }

    def write(self, path: Path) -> None:
        """Half a character (a lone surrogate, which JSON allows in an id) is written as its escape, as it was read."""
        text = json.dumps(self.dump(), ensure_ascii=False, indent=1) + "\n"
        path.write_text(text, encoding="utf-8", errors="backslashreplace")


def _reason(item: Reader) -> Reason:
    data = item.value("data") if "data" in item else {}
    if not isinstance(data, dict):
        raise BadProblem(item.at("data"), "must be an object {...}")
    return Reason(
        order=as_id(item.value("order"), item.at("order")),
        code=item.text("code"),
        text=item.text("text"),
        data=data,
    )
