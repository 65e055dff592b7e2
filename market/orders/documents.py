"""The documents of an order's contracts: law texts frozen when it was placed, attached when a merchant accepts.

`Order.legal` holds every text once by its hash, and which texts belong to which merchant:

    {"texts": {"<sha256>": {"name": "Widerrufsbelehrung.txt", "body": "..."}}, "merchants": {"7": ["<sha256>", ...]}}

The confirmation carries exactly these bytes (law.md A5: a link is not enough, EuGH C-49/11).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.core import config, mail
from market.core.mail import Attachment
from market.directory import legal_texts
from market.directory.models import Merchant
from market.orders.models import Order

WARRANTY_GRAPHIC = Path("legal") / "gewaehrleistung-de.svg"  # in the instance folder (law.md C1)
MIME_TYPES = {".txt": "text/plain", ".svg": "image/svg+xml"}


def sha256(body: str) -> str:
    """The hash under which a text is frozen: of its UTF-8 bytes, the same bytes that go out."""
    return hashlib.sha256(body.encode()).hexdigest()


def snapshot(s: Session, merchant_ids: Collection[int]) -> dict[str, Any]:
    """Step: freeze the texts valid now for these merchants."""
    texts: dict[str, dict[str, str]] = {}
    merchants: dict[str, list[str]] = {}
    for merchant in s.scalars(sa.select(Merchant).where(Merchant.id.in_(merchant_ids)).order_by(Merchant.id)):
        papers = _papers(merchant)
        merchants[str(merchant.id)] = [sha256(body) for body in papers.values()]
        texts.update({sha256(body): {"name": name, "body": body} for name, body in papers.items()})
    return {"texts": texts, "merchants": merchants}


def _papers(merchant: Merchant) -> dict[str, str]:
    region = config.current().region
    papers = {
        "Vertragsbedingungen.txt": legal_texts.contract_terms(merchant, region),
        "Widerrufsbelehrung.txt": legal_texts.withdrawal_instruction(merchant, region, mail.postman().public_url),
        "Muster-Widerrufsformular.txt": legal_texts.withdrawal_form(merchant),
        "Gewährleistung.txt": legal_texts.warranty_notice(),
    }
    graphic = config.current().instance / WARRANTY_GRAPHIC
    if graphic.exists():
        papers["Gewährleistung.svg"] = graphic.read_text(encoding="utf-8")
    return papers


def attachments(order: Order, merchant_id: int) -> list[Attachment]:
    """The frozen texts of one merchant's contract, as files."""
    texts = order.legal["texts"]
    frozen = [texts[one] for one in order.legal["merchants"].get(str(merchant_id), [])]
    return [
        Attachment(name=text["name"], mime_type=MIME_TYPES[Path(text["name"]).suffix], data=text["body"].encode())
        for text in frozen
    ]
