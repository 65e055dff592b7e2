"""Withdrawals: the list, one of them, and settling it after a look at what that does."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.core import db, formats
from market.core.config import Config
from market.core.errors import BadInput
from market.core.money import Money
from merchants import withdrawals_desk
from merchants.forms.withdrawals import SettleForm, read_pieces
from merchants.views.blueprints import desk, in_office, office_bp
from merchants.withdrawals_desk import Case


def _subdivision() -> str:
    config: Config = current_app.config["MARKET"]
    return config.region.subdivision


def _load(reference: str, part_id: int) -> Case:
    with db.reading() as s:
        return withdrawals_desk.case(s, desk(), reference, part_id, _subdivision())


@office_bp.get("/widerrufe")
@in_office
def withdrawals() -> ResponseReturnValue:
    """Every withdrawal from this merchant's contracts, by what is due next."""
    with db.reading() as s:
        cases = withdrawals_desk.load(s, desk(), _subdivision())
    return render_template("merchants/withdrawals.html", cases=cases)


@office_bp.route("/widerrufe/<reference>/<int:part_id>", methods=["GET", "POST"])
@in_office
def withdrawal(reference: str, part_id: int) -> ResponseReturnValue:
    """One of them. The first POST shows what settling does, the second (`bestaetigt`) settles."""
    case = _load(reference, part_id)
    form = SettleForm()
    wrong: dict[int, str] = {}
    if form.validate_on_submit():
        pieces, wrong = read_pieces(case.lines, request.form)
        if not wrong:
            try:
                value = withdrawals_desk.check(case, pieces, form.note.data or "")
                if request.form.get("bestaetigt") != "ja":
                    return render_template(
                        "merchants/withdrawal_confirm.html", case=case, form=form, pieces=pieces, value=value
                    )
                return _settled(case, pieces, form.note.data or "")
            except BadInput as error:
                _refuse(form, wrong, error)
    status = 422 if wrong or form.errors else 200
    return render_template("merchants/withdrawal.html", case=case, form=form, wrong=wrong, sent=request.form), status


def _refuse(form: SettleForm, wrong: dict[int, str], error: BadInput) -> None:
    name = error.field or ""
    if name.startswith("stueck-"):
        wrong[int(name.removeprefix("stueck-"))] = error.text
    else:
        form.refuse(error, "note")


def _settled(case: Case, pieces: dict[int, int], note: str) -> ResponseReturnValue:
    back = withdrawals_desk.settle(
        desk(), case.declaration.reference, case.part.id, pieces, note=note, subdivision=_subdivision()
    )
    flash(_sentence(case, back), "success")
    return redirect(url_for(".withdrawals"), 303)


def _sentence(case: Case, back: Money) -> str:
    if not back:
        return "Erledigt. Die Kundschaft bekommt Bescheid."
    if case.online:
        return f"Erledigt. {formats.money(back)} gehen an die Kundschaft zurück; sie bekommt Bescheid."
    return f"Erledigt. Bitte zahlen Sie {formats.money(back)} selbst zurück; die Kundschaft bekommt Bescheid."
