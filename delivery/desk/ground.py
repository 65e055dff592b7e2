"""The map's ground and what stands on it, as JSON: places and streets of our own gazetteer, and the day's runs.

No tiles: the browser asks nobody but this server. Points are [lat, lon] rounded to a metre or so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery.desk.lanes import Lane
from delivery.travel import Point
from market.core.config import Region
from market.directory.models import GazetteerEntry

MOST_STREETS = 5_000


def ground(s: Session, region: Region) -> dict[str, Any]:
    """Names to find one's way by: {"places": [[lat, lon, name]], "streets": [...], "attribution": text}."""
    rows = s.execute(
        sa.select(GazetteerEntry.kind, GazetteerEntry.name, GazetteerEntry.lat, GazetteerEntry.lon)
        .where(GazetteerEntry.kind.in_(("place", "street")))
        .order_by(GazetteerEntry.kind, GazetteerEntry.accuracy_m.desc(), GazetteerEntry.id)
        .limit(MOST_STREETS)
    )
    named: dict[str, list[list[Any]]] = {"place": [], "street": []}
    for kind, name, lat, lon in rows:
        named[kind].append([*_at((lat, lon)), name])
    return {"places": named["place"], "streets": named["street"], "attribution": region.attribution}


def runs(lanes: Sequence[Lane]) -> list[dict[str, Any]]:
    """The runs: letter, style, depot and halts with a point, in order."""
    return [
        {
            "letter": lane.letter,
            "style": lane.style,
            "code": lane.run.code,
            "depot": _at(lane.depot),
            "halts": [
                {
                    "at": _at(halt.at),
                    "name": lane.name(halt.stop),
                    "shop": halt.shop,
                    "title": f"{halt.title}, {halt.stop.planned}",
                }
                for halt in lane.halts
                if halt.at is not None
            ],
        }
        for lane in lanes
    ]


def _at(point: Point) -> list[float]:
    return [round(point[0], 5), round(point[1], 5)]
