"""The order inbox and what is done with a part. A wrong form shows the part's page again, with what was typed."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from market.core import clock, db, formats
from market.core.errors import NotFound
from market.orders import handing, parts
from merchants import inbox, scope
from merchants.forms.fields import filled, picks
from merchants.forms.orders import (
    BagsForm,
    CancelForm,
    ChooseMerchantForm,
    DeclineForm,
    HandOverForm,
    MissingForm,
    RejectForm,
)
from merchants.notices import office_notes
from merchants.views.blueprints import CHOSEN, day_in, desk, here, in_office, number_in, office_bp, page_number, tried


@office_bp.get("/")
@in_office
def start() -> ResponseReturnValue:
    """The inbox, by what is due next."""
    group = request.args.get("stand", "offen")
    shop_id = number_in("laden")
    with db.reading() as s:
        page = inbox.load(s, desk(), group=group, shop_id=shop_id, page=page_number())
        shops = scope.shops_of(s, desk().merchant_id)
        notes = office_notes(s, desk().merchant_id, shops)
    return render_template(
        "merchants/inbox.html", inbox=page, groups=inbox.GROUPS, group=group, shops=shops, shop_id=shop_id,
        notes=notes, pager_url=here(),
    )  # fmt: skip


def _part(part_id: int, status: int = 200, **filled: Any) -> ResponseReturnValue:
    """The part's page. `filled` holds the form that was sent and refused, by its name."""
    with db.reading() as s:
        page = inbox.part_page(s, desk(), part_id)
    forms = {
        "bags": BagsForm(formdata=None, bags=page.part.bags),
        "hand": HandOverForm(formdata=None),
        "missing": MissingForm(formdata=None),
        "cancel": CancelForm(formdata=None),
        "decline": DeclineForm(formdata=None),
        "missing_line": None,
    } | filled
    return render_template("merchants/part.html", page=page, card=page.card, part=page.part, **forms), status


def _done(part_id: int, action: str, text: str) -> ResponseReturnValue:
    desk().note_done(f"part.{action}", f"part:{part_id}")
    flash(text, "success")
    if request.form.get("zurueck") == "liste":
        return redirect(url_for(".start"), 303)
    return redirect(url_for(".part", part_id=part_id), 303)


def _authorised(part_id: int) -> inbox.PartPage:
    """The part, or NotFound, before a form is even read."""
    with db.reading() as s:
        return inbox.part_page(s, desk(), part_id)


@office_bp.get("/bestellungen/<int:part_id>")
@in_office
def part(part_id: int) -> ResponseReturnValue:
    """One part with everything that can be done with it."""
    return _part(part_id)


@office_bp.post("/bestellungen/<int:part_id>/annehmen")
@in_office
def accept(part_id: int) -> ResponseReturnValue:
    """The contract is made."""
    _authorised(part_id)
    form = BagsForm()
    if form.validate_on_submit() and tried(
        form, lambda: parts.accept(part_id, desk().staff, bags=filled(form.bags.data)), field="bags"
    ):
        return _done(part_id, "accepted", "Angenommen. Die Tütennummer steht jetzt bei der Bestellung.")
    return _part(part_id, 422, bags=form)


@office_bp.route("/bestellungen/<int:part_id>/ablehnen", methods=["GET", "POST"])
@in_office
def reject(part_id: int) -> ResponseReturnValue:
    """Says first what a rejection does, then asks for the reason."""
    page = _authorised(part_id)
    form = RejectForm()
    if form.validate_on_submit() and tried(
        form, lambda: parts.reject(part_id, desk().staff, reason=form.text, put_back=not form.missing.data),
        field="own_reason", reason=parts.ReasonNeeded,
    ):  # fmt: skip
        return _done(part_id, "rejected", "Abgelehnt. Nur dieser Teil wird erstattet; die Kundschaft ist informiert.")
    status = 422 if form.errors or form.form_errors else 200
    return render_template("merchants/reject.html", page=page, card=page.card, part=page.part, form=form), status


@office_bp.post("/bestellungen/<int:part_id>/bereit")
@in_office
def ready(part_id: int) -> ResponseReturnValue:
    """Packed."""
    _authorised(part_id)
    form = BagsForm()
    if form.validate_on_submit() and tried(
        form, lambda: parts.mark_ready(part_id, desk().staff, bags=filled(form.bags.data)), field="bags"
    ):
        return _done(part_id, "ready", "Gepackt und bereit.")
    return _part(part_id, 422, bags=form)


@office_bp.post("/bestellungen/<int:part_id>/uebergeben")
@in_office
def hand_over(part_id: int) -> ResponseReturnValue:
    """Over the counter, against the code."""
    _authorised(part_id)
    form = HandOverForm()
    if form.validate_on_submit() and tried(
        form,
        lambda: handing.hand_over(part_id, desk().staff, code=form.code.data, age_checked=form.age_checked.data),
        code=handing.CodeLocked,
    ):
        return _done(part_id, "handed_over", "Übergeben. Vielen Dank!")
    return _part(part_id, 422, hand=form)


@office_bp.post("/bestellungen/<int:part_id>/fehlt/<int:line_id>")
@in_office
def missing(part_id: int, line_id: int) -> ResponseReturnValue:
    """Pieces of a line are not there: exactly they are refunded."""
    _authorised(part_id).line(line_id)
    form = MissingForm()
    if form.validate_on_submit() and tried(
        form, lambda: parts.report_missing(line_id, filled(form.pieces.data), desk().staff), field="pieces"
    ):
        return _done(part_id, "missing", "Gemeldet. Genau das Fehlende wird nicht berechnet.")
    return _part(part_id, 422, missing=form, missing_line=line_id)


@office_bp.post("/bestellungen/<int:part_id>/stornieren")
@in_office
def cancel(part_id: int) -> ResponseReturnValue:
    """Cancel an accepted part: because the shopper asked, or with a reason."""
    _authorised(part_id)
    form = CancelForm()
    if form.validate_on_submit() and tried(
        form, lambda: parts.agree_to_cancel(part_id, desk().staff, reason=form.reason.data or ""), field="reason"
    ):
        return _done(part_id, "cancelled", "Storniert. Die Kundschaft ist informiert.")
    return _part(part_id, 422, cancel=form)


@office_bp.post("/bestellungen/<int:part_id>/nicht-stornieren")
@in_office
def decline_cancel(part_id: int) -> ResponseReturnValue:
    """Answer a request to cancel with no."""
    _authorised(part_id)
    form = DeclineForm()
    if form.validate_on_submit() and tried(
        form, lambda: parts.decline_to_cancel(part_id, desk().staff, note=form.note.data), field="note"
    ):
        return _done(part_id, "cancel_declined", "Beantwortet. Die Bestellung bleibt bestehen.")
    return _part(part_id, 422, decline=form)


@office_bp.post("/bestellungen/<int:part_id>/nicht-abgeholt")
@in_office
def release(part_id: int) -> ResponseReturnValue:
    """Nobody came: back on the shelf."""
    handing.release_uncollected(part_id, desk().staff)
    return _done(part_id, "uncollected", "Zurückgelegt. Die Ware ist wieder im Bestand.")


@office_bp.get("/bestellungen/<int:part_id>/packzettel")
@in_office
def packing_slip(part_id: int) -> ResponseReturnValue:
    """One part on paper."""
    page = _authorised(part_id)
    return render_template("merchants/packing_slip.html", card=page.card, part=page.part)


@office_bp.get("/packliste")
@in_office
def packing_list() -> ResponseReturnValue:
    """A whole day on paper, by short number. Without a day: the next one with something to pack."""
    with db.reading() as s:
        days = inbox.days_to_pack(s, desk())
        day = day_in("tag") or (days[0] if days else clock.today())
        found = inbox.day_list(s, desk(), day, shop_id=number_in("laden"))
    title = f"Packliste {formats.day(day)}"
    return render_template("merchants/packing_list.html", list=found, days=days, title=title)


@office_bp.post("/geschaeft-wechseln")
@in_office
def switch() -> ResponseReturnValue:
    """To another of the merchants one works for."""
    form = ChooseMerchantForm()
    form.merchant.choices = picks(desk().own)
    if not form.validate_on_submit():
        raise NotFound
    session[CHOSEN] = form.merchant.data
    flash(f"Sie arbeiten jetzt für {dict(desk().own)[form.merchant.data]}.", "success")
    return redirect(url_for(".start"), 303)
