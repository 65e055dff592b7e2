"""Words for addresses: "Hofladen Sonnenhut" becomes hofladen-sonnenhut."""

from __future__ import annotations

import re
import unicodedata

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.directory.models import Merchant, Shop

LENGTH = 60
_FOLD = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def slugify(text: str) -> str:
    """Lower case ASCII words joined by dashes; "laden" when nothing is left."""
    folded = unicodedata.normalize("NFKD", text.lower().translate(_FOLD)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[: LENGTH - 5].strip("-") or "laden"


def free_slug(s: Session, table: type[Merchant | Shop], text: str) -> str:
    """A slug no other row has: with a number behind it when the plain one is taken."""
    base = slugify(text)
    taken = set(s.scalars(sa.select(table.slug).where(table.slug.startswith(base))))
    if base not in taken:
        return base
    return next(f"{base}-{n}" for n in range(2, len(taken) + 3) if f"{base}-{n}" not in taken)
