"""Law texts of one merchant: imprint, withdrawal instruction and form, as plain text for pages and mail attachments.

The templates under templates/legal/ are drafts (status VORLAGE). A copy the operator has had reviewed lies in the
instance folder (`legal/<name>.md` or `.txt`, the same placeholders) and is used instead; see `flask legal check`.
A heading is a line with dashes under it: readable in a mail, and `blocks` makes HTML of it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from market.core import config
from market.core.config import ROOT, Region
from market.core.i18n import N_, gettext
from market.directory.models import Merchant

TEMPLATES = ROOT / "templates" / "legal"
DRAFT = "Muster ohne Gewähr – vor dem Live-Betrieb anwaltlich prüfen lassen. Platzhalter [[…]] ausfüllen."  # law.md 7
NO_DISPUTE_SETTLEMENT = N_(
    "Wir sind nicht bereit und nicht verpflichtet, an einem Streitbeilegungsverfahren vor einer "
    "Verbraucherschlichtungsstelle teilzunehmen."
)
DISPUTE_SETTLEMENT = N_(
    "Wir nehmen an Streitbeilegungsverfahren vor der Universalschlichtungsstelle des Bundes teil: Zentrum für "
    "Schlichtung e. V., Straßburger Straße 8, 77694 Kehl."
)
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_REVIEWED = re.compile(r'^reviewed_by:[ \t]*"?([^"\n]+)"?[ \t]*$', re.MULTILINE)
_UNDERLINE = re.compile(r"-{3,}")


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a law text: a heading, a paragraph or a list."""

    kind: Literal["heading", "paragraph", "list"]
    lines: tuple[str, ...]


def withdrawal_instruction(merchant: Merchant, region: Region, public_url: str) -> str:
    """The merchant's own Widerrufsbelehrung (law.md B5) as plain text."""
    return _render(
        "widerrufsbelehrung",
        merchant=merchant,
        market_name=region.market_name,
        contact=contact(merchant),
        withdrawal_url=f"{public_url}/vertrag-widerrufen",
    )


def withdrawal_form(merchant: Merchant) -> str:
    """The Muster-Widerrufsformular addressed to the merchant, as plain text."""
    return _render("widerrufsformular", merchant=merchant, contact=contact(merchant))


def contract_terms(merchant: Merchant, region: Region) -> str:
    """The terms of one purchase with this merchant (AGB), as plain text."""
    return _render(
        "vertragsbedingungen",
        merchant=merchant,
        market_name=region.market_name,
        dispute_settlement=dispute_settlement(merchant),
    )


OPERATOR_TEXTS = (
    "impressum",
    "datenschutz",
    "agb",
    "lieferung-und-zahlung",
    "barrierefreiheit",
    "kontaktstellen",
    "jugendschutz",
)


def operator_text(name: str, region: Region, public_url: str) -> str:
    """One of OPERATOR_TEXTS in the operator's name, as plain text. Raises KeyError for another name."""
    if name not in OPERATOR_TEXTS:
        raise KeyError(name)
    imprint = defaultdict(str, region.imprint)
    return _render(name, imprint=imprint, market_name=region.market_name, public_url=public_url)


def warranty_notice() -> str:
    """The statutory warranty in words (law.md C1), as plain text; the official graphic is the operator's to add."""
    return _render("gewaehrleistung")


def contact(merchant: Merchant) -> str:
    """Name, address, phone and mail in one line, as the model text asks (Gestaltungshinweis 2)."""
    phone = gettext(N_("Telefon {number}")).format(number=merchant.phone) if merchant.phone else ""
    mail = gettext(N_("E-Mail {address}")).format(address=merchant.email) if merchant.email else ""
    return ", ".join(part for part in (merchant.legal_name, merchant.address, phone, mail) if part)


def imprint_rows(merchant: Merchant) -> list[tuple[str, str]]:
    """§ 5 DDG, (label, value); empty values are left out (law.md F15)."""
    rows = [
        (N_("Anbieter"), merchant.legal_name),
        (N_("Rechtsform"), merchant.legal_form),
        (N_("Vertreten durch"), merchant.represented_by),
        (N_("Anschrift"), merchant.address),
        (N_("Telefon"), merchant.phone),
        (N_("E-Mail"), merchant.email),
        (N_("Registereintrag"), merchant.register),
        (N_("Umsatzsteuer-Identifikationsnummer"), merchant.vat_id),
        (N_("Zuständige Aufsicht"), merchant.supervisory_authority),
        (N_("Öko-Kontrollstelle"), merchant.organic_control),
        (N_("Verpackungsregister LUCID"), merchant.lucid_number),
    ]
    return [(gettext(label), value) for label, value in rows if value]


def dispute_settlement(merchant: Merchant) -> str:
    """The merchant's choice under VSBG §§ 36, 37 as a sentence."""
    return gettext(DISPUTE_SETTLEMENT if merchant.dispute_settlement else NO_DISPUTE_SETTLEMENT)


def blocks(text: str) -> list[Block]:
    """The text cut into headings, paragraphs and lists."""
    found = []
    for chunk in re.split(r"\n\s*\n", text.strip()):
        lines = tuple(line.strip() for line in chunk.splitlines() if line.strip())
        if len(lines) == 2 and _UNDERLINE.fullmatch(lines[1]):
            found.append(Block("heading", lines[:1]))
        elif lines and all(line.startswith("- ") for line in lines):
            found.append(Block("list", tuple(line[2:] for line in lines)))
        elif lines:
            found.append(Block("paragraph", lines))
    return found


def own_copy(name: str, folder: Path) -> Path | None:
    """The operator's own version of a text in the instance's `legal` folder; None while the draft is in use."""
    found = (path for path in (folder / f"{name}.md", folder / f"{name}.txt") if path.exists())
    return next(found, None)


def reviewer(source: str) -> str:
    """Who reviewed a text, as its front matter says (`reviewed_by: ...`); empty when nobody did."""
    front = _FRONT_MATTER.match(source)
    named = _REVIEWED.search(front[1]) if front else None
    return named[1].strip() if named else ""


def _render(name: str, **context: object) -> str:
    source = _source(name)
    front = _FRONT_MATTER.match(source)
    body = _environment().from_string(source[front.end() :] if front else source).render(context)
    draft = "" if reviewer(source) else f"{DRAFT}\n\n"
    return draft + re.sub(r"\n{3,}", "\n\n", body).strip() + "\n"


def _source(name: str) -> str:
    own = own_copy(name, config.current().instance / "legal")
    return (own or TEMPLATES / f"{name}.txt").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _environment() -> SandboxedEnvironment:
    """Plain text, no escaping; an unknown placeholder is an error and not an empty spot in a contract."""
    return SandboxedEnvironment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
