"""Proof that a drop happened: the order's code, a signature, who took it, or where it was left.

A drop needs no proof; what is given must hold. Words and strokes are deleted when the doors of the run are
(`runs.KEEP_DAYS`); that there was a proof, and of which kind, stays.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from delivery.models import DropProof, ProofKind, Run
from market.core import codes, db
from market.core.errors import BadInput
from market.core.i18n import N_
from market.orders.models import Delivery, MerchantOrder

WIDTH, HEIGHT = 600, 240
"""The box a signature is drawn in; its strokes are whole numbers within."""
MOST_POINTS = 1200
LEAST_POINTS = 6
_POINT = re.compile(r"(-?\d{1,5})(?:\.\d{1,12})?,(-?\d{1,5})(?:\.\d{1,12})?")


class WrongDoorCode(BadInput):
    """Not the code of this order."""

    message = N_(
        "Dieser Code gehört nicht zu dieser Bestellung. Bitte noch einmal vorlesen lassen oder das Feld leeren und "
        "anders bestätigen."
    )


class BadSignature(BadInput):
    """Not a drawing, or hardly one."""

    message = N_("Die Unterschrift ist leer oder nicht lesbar. Bitte noch einmal unterschreiben lassen.")


class NotToBeLeft(BadInput):
    """Leaving goods needs the recipient's permission, and is never allowed with an age mark (law.md F9)."""

    message = N_("Diese Bestellung darf nicht abgestellt werden. Bitte persönlich übergeben.")


@dataclass(frozen=True, slots=True)
class Proof:
    """What the courier brings as proof. `words`: the code, the name or the place; `strokes`: as drawn on the phone."""

    kind: ProofKind
    words: str = ""
    strokes: str = ""


def keep(s: Session, run: Run, parts: Sequence[MerchantOrder], proof: Proof, at: datetime) -> None:
    """Step: check and store a drop's proof, made `at` that time; the first of a run and order stays.

    Raises WrongDoorCode, BadSignature, NotToBeLeft.
    """
    order_id = parts[0].order_id
    words, strokes = proof.words.strip()[:150], ""
    if proof.kind is ProofKind.CODE:
        _check_code(parts, words)
        words = ""  # the code itself is no longer of use
    elif proof.kind is ProofKind.SIGNATURE:
        strokes = path(proof.strokes)
    elif proof.kind is ProofKind.LEFT:
        allowed = s.get_one(Delivery, order_id).drop_off
        if not allowed or any(part.min_age for part in parts):
            raise NotToBeLeft
        words = words or allowed[:150]
    values = {"kind": proof.kind, "words": words, "strokes": strokes, "at": at}
    db.insert_once(s, DropProof, run_id=run.id, order_id=order_id, **values)


def _check_code(parts: Sequence[MerchantOrder], said: str) -> None:
    """The code of any part of the drop. No lock: a courier may deliver without a code, so guessing gains nothing."""
    typed = codes.normalise(said).encode()
    if not any(hmac.compare_digest(typed, part.code.encode()) for part in parts):
        raise WrongDoorCode(field="code")


def path(drawn: str) -> str:
    """The strokes a phone sends ("1,2 3,4;5,6 7,8") as an SVG path of our own making. Raises BadSignature.

    Nothing of what was sent is kept but whole numbers inside the box, and not more than MOST_POINTS of them.
    """
    strokes = [_POINT.findall(stroke) for stroke in drawn[:100_000].split(";")]
    count = sum(map(len, strokes))
    if count < LEAST_POINTS:
        raise BadSignature(field="strokes")
    step = -(-count // MOST_POINTS)
    drawn_anew, left = [], MOST_POINTS
    for stroke in strokes:
        points = stroke[::step][:left]
        left -= len(points)
        if points:
            drawn_anew.append(_stroke(points))
    return "".join(drawn_anew)


def _stroke(points: Sequence[tuple[str, str]]) -> str:
    inside = [(min(max(int(x), 0), WIDTH), min(max(int(y), 0), HEIGHT)) for x, y in points]
    first, *rest = inside
    return f"M{first[0]} {first[1]}" + "".join(f"L{x} {y}" for x, y in rest or [first])


def forget(s: Session, before: date) -> None:
    """Step, daily: names, places and signatures of runs before that day are deleted."""
    old = sa.select(Run.id).where(Run.day < before)
    s.execute(
        sa.update(DropProof)
        .where(DropProof.run_id.in_(old), sa.or_(DropProof.words != "", DropProof.strokes != ""))
        .values(words="", strokes="")
        .execution_options(synchronize_session=False)
    )
