"""`flask legal check`: what must be in place before the market may take orders (law.md section 7)."""

import hashlib

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.core.config import Config
from market.core.regions import IMPRINT
from market.directory import legal_texts
from market.directory.models import Merchant, MerchantStatus

TEXTS = ("agb", "datenschutz", "barrierefreiheit", "widerrufsbelehrung")
WARRANTY_LABEL = "gewaehrleistung-de.svg"
WARRANTY_CHECKSUM = "gewaehrleistung-de.sha256"


def failures(s: Session, config: Config) -> list[str]:
    """One German sentence per gap; an empty list means ordering may be on."""
    found = _imprint(config) + _texts(config) + _label(config)
    if s.scalar(sa.select(Merchant.id).where(Merchant.demo).limit(1)) is not None:
        found.append("Die Datenbank enthält Demo-Händler. Legen Sie für den Betrieb eine leere Datenbank an.")
    unverified = s.scalar(
        sa.select(sa.func.count())
        .select_from(Merchant)
        .where(Merchant.status == MerchantStatus.ACTIVE, Merchant.verified_at.is_(None))
    )
    if unverified:
        found.append(f"{unverified} aktive Händler sind nicht geprüft (Name, Anschrift, USt-IdNr.).")
    if (config.stripe_secret_key or "").startswith(("sk_test_", "rk_test_")):
        found.append("STRIPE_SECRET_KEY ist ein Testschlüssel.")
    return found


def _imprint(config: Config) -> list[str]:
    imprint = config.region.imprint
    gaps = [key for key in IMPRINT if not (value := str(imprint.get(key, "")).strip()) or "[[" in value]
    return [f"Impressum: {', '.join(gaps)} fehlt in region.toml ([imprint])."] if gaps else []


def _texts(config: Config) -> list[str]:
    """Each law text needs a reviewed copy in the instance folder, without open placeholders."""
    found = []
    for name in TEXTS:
        own = legal_texts.own_copy(name, config.instance / "legal")
        if own is None:
            place = (config.instance / "legal" / f"{name}.md").relative_to(config.instance.parent)
            found.append(f"Rechtstext „{name}“: geprüfte Fassung fehlt ({place}).")
            continue
        try:
            text = own.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            found.append(f"Rechtstext „{name}“: {own.name} ist nicht als Text in UTF-8 zu lesen.")
            continue
        if "[[" in text:
            found.append(f"Rechtstext „{name}“: Platzhalter [[…]] sind nicht ausgefüllt.")
        if not legal_texts.reviewer(text):
            found.append(f"Rechtstext „{name}“: reviewed_by ist leer (wer hat ihn geprüft?).")
    return found


def _label(config: Config) -> list[str]:
    folder = config.instance / "legal"
    label, checksum = folder / WARRANTY_LABEL, folder / WARRANTY_CHECKSUM
    if not label.exists() or not checksum.exists():
        missing = f"legal/{WARRANTY_LABEL} und legal/{WARRANTY_CHECKSUM} (Prüfsumme)"
        return [f"Gewährleistungs-Mitteilung: amtliche Grafik fehlt: {missing}, Download bei der EU-Kommission."]
    expected = checksum.read_bytes().decode("ascii", "replace").split()[:1]  # as sha256sum writes it
    if [hashlib.sha256(label.read_bytes()).hexdigest()] != expected:
        return ["Gewährleistungs-Mitteilung: die Grafik ist verändert (Prüfsumme stimmt nicht)."]
    return []
