"""The operator's law pages, from templates/legal or the operator's own reviewed copies (law.md section 7)."""

from dataclasses import dataclass

import sqlalchemy as sa
from flask import abort, current_app, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session, selectinload

from delivery.models import Zone
from delivery.points import offers as points
from market.core import clock, db, mail
from market.core.config import Config
from market.directory import legal_texts
from market.directory.legal_check import WARRANTY_LABEL
from market.directory.models import Merchant, MerchantStatus
from market.public.blueprint import bp
from market.public.forms import FeedbackForm
from market.web import access, limits

WARRANTY_LINK = "https://europa.eu/youreurope/garantien"


def _config() -> Config:
    found: Config = current_app.config["MARKET"]
    return found


def _blocks(name: str) -> list[legal_texts.Block]:
    return legal_texts.blocks(legal_texts.operator_text(name, _config().region, _config().public_url))


@bp.get("/<any(impressum, datenschutz, agb, kontaktstellen, jugendschutz):name>")
@access.public
def legal_page(name: str) -> ResponseReturnValue:
    """One law text."""
    return render_template("public/legal_page.html", blocks=_blocks(name), name=name)


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """One line of the price table."""

    name: str
    places: str
    fee: object
    minimum: object


def zone_rows(s: Session) -> list[ZoneRow]:
    """Where we deliver and for how much."""
    zones = s.scalars(sa.select(Zone).where(Zone.active).options(selectinload(Zone.places)).order_by(Zone.position))
    return [ZoneRow(z.name, ", ".join(f"{p.zip} {p.place}".strip() for p in z.places), z.fee, z.minimum) for z in zones]


@bp.get("/lieferung-und-zahlung")
@access.public
def delivery_and_payment() -> ResponseReturnValue:
    """Means of payment, zones and prices."""
    with db.reading() as s:
        zones = zone_rows(s)
        found, _windows = points.public(s, clock.now())
    blocks = _blocks("lieferung-und-zahlung")
    return render_template("public/delivery_and_payment.html", blocks=blocks, zones=zones, points=found)


@bp.get("/widerrufsbelehrung")
@access.public
def withdrawal_instructions() -> ResponseReturnValue:
    """Each merchant has its own instruction: where to find it, and the function that works for all."""
    with db.reading() as s:
        merchants = s.scalars(
            sa.select(Merchant)
            .where(Merchant.status == MerchantStatus.ACTIVE)
            .options(selectinload(Merchant.shops))
            .order_by(Merchant.name)
        ).all()
        rows = [(m.name, m.legal_name, m.shops[0].slug) for m in merchants if m.shops]
    return render_template("public/withdrawal_instructions.html", rows=rows)


def warranty_label_here() -> bool:
    """Whether the operator has put the official graphic in place (law.md C1)."""
    return (_config().instance / "legal" / WARRANTY_LABEL).exists()


@bp.get("/gewaehrleistung")
@access.public
def warranty() -> ResponseReturnValue:
    """The statutory warranty notice: the official graphic when the operator has put it in place, always the words."""
    return render_template(
        "public/warranty.html",
        blocks=legal_texts.blocks(legal_texts.warranty_notice()),
        label=warranty_label_here(),
        link=WARRANTY_LINK,
    )


@bp.get("/gewaehrleistung/label.svg")
@access.public
def warranty_label() -> ResponseReturnValue:
    """The official graphic, byte for byte as the operator downloaded it."""
    path = _config().instance / "legal" / WARRANTY_LABEL
    if not path.exists():
        abort(404)
    response = send_file(path, mimetype="image/svg+xml", conditional=True)
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return response


@bp.route("/barrierefreiheit", methods=["GET", "POST"])
@access.public
def accessibility() -> ResponseReturnValue:
    """The statement (BFSGV Anlage 3) with a way to tell us about barriers."""
    form = FeedbackForm()
    if form.validate_on_submit():
        limits.limit("feedback", limits.client_address(), times=10, minutes=60)
        _send_feedback(form.text.data, form.email.data or "")
        flash(_("Danke! Wir kümmern uns darum."), "success")
        return redirect(url_for("public.accessibility"), 303)
    page = render_template("public/accessibility.html", blocks=_blocks("barrierefreiheit"), form=form)
    return page, 422 if form.is_submitted() else 200


def _send_feedback(text: str, email: str) -> None:
    imprint = _config().region.imprint.get("email", "")
    to = imprint if "@" in imprint and "[[" not in imprint else mail.postman().sender
    with db.transaction() as s:
        mail.queue(
            s,
            "accessibility_feedback",
            to,
            key=f"feedback/{clock.now().isoformat()}",
            context={"text": text, "email": email},
        )
