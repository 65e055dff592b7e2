"""The documents of an order's contracts: law texts frozen when it was placed, attached when a merchant accepts.

`Order.legal` holds every text once by its hash, and which texts belong to which merchant:

    {"texts": {"<sha256>": {"kind": "agb", "title": "AGB ...", "body": "..."}}, "merchants": {"7": ["<sha256>", ...]}}

The confirmation mail carries exactly these bytes (law.md A5: a link is not enough, EuGH C-49/11).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any

from sqlalchemy.orm import Session

from market.core.mail import Attachment
from market.orders.models import Order


def sha256(body: str) -> str:
    """The hash under which a text is frozen: of its UTF-8 bytes, the same bytes that go out."""
    return hashlib.sha256(body.encode()).hexdigest()


def snapshot(s: Session, merchant_ids: Collection[int]) -> dict[str, Any]:
    """Step: freeze the texts valid now for these merchants."""
    texts: dict[str, dict[str, str]] = {}
    merchants: dict[str, list[str]] = {}
    for merchant_id in sorted(merchant_ids):
        merchants[str(merchant_id)] = []
    return {"texts": texts, "merchants": merchants}


def attachments(order: Order, merchant_id: int) -> list[Attachment]:
    """The frozen texts of one merchant's contract, as files."""
    texts = order.legal["texts"]
    return [
        Attachment(name=f"{texts[one]['kind']}.txt", mime_type="text/plain", data=texts[one]["body"].encode())
        for one in order.legal["merchants"][str(merchant_id)]
    ]
