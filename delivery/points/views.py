"""The keeper's pages: what lies at the point and what comes, and handing it over against the order's code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from delivery.points import keeping, looking, lying
from delivery.points.forms import HandOverForm, LongerForm
from delivery.points.keeping import Keeper
from delivery.points.looking import Waiting
from market.core import clock, config, db
from market.core.errors import BadInput, MarketError
from market.orders.handing import CodeLocked
from market.web import access

bp = Blueprint("point", __name__, url_prefix="/abholpunkt")
keeps = access.roles("keeper", "operator", "caretaker")


def _keeper() -> Keeper:
    with db.reading() as s:
        return keeping.keeper(s, current_user.id, current_user.roles)


def _waiting(order_id: int) -> Waiting:
    with db.reading() as s:
        keeper = keeping.keeper(s, current_user.id, current_user.roles)
        return looking.waiting_order(s, keeper, order_id, config.current().region)


@bp.get("/")
@keeps
def overview() -> ResponseReturnValue:
    """Everything that lies at my points, what goes back first."""
    with db.reading() as s:
        keeper = keeping.keeper(s, current_user.id, current_user.roles)
        found = looking.counters(s, keeper, config.current().region)
    return render_template("delivery/points/counter.html", counters=found)


@bp.get("/<int:order_id>")
@keeps
def order(order_id: int) -> ResponseReturnValue:
    """One order: its bags, and the code."""
    return _page(_waiting(order_id), HandOverForm(formdata=None))


def _page(one: Waiting, form: HandOverForm, longer: LongerForm | None = None) -> ResponseReturnValue:
    if longer is None:
        last = max(clock.today(), clock.business_date(one.until))
        longer = LongerForm(formdata=None, until=last + timedelta(days=1))
    page = render_template("delivery/points/order.html", one=one, form=form, longer=longer)
    wrong = form.errors or form.form_errors or longer.errors or longer.form_errors
    return page, (422 if wrong else 200)


@bp.post("/<int:order_id>/uebergeben")
@keeps
def hand_over(order_id: int) -> ResponseReturnValue:
    """Against the code, once."""
    one = _waiting(order_id)
    form = HandOverForm()
    if form.validate_on_submit():
        try:
            everything = lying.hand_over(order_id, form.said(), _keeper())
        except (BadInput, CodeLocked) as error:
            form.refuse(error, "code")
        else:
            if everything:
                flash(_("Bestellung %(number)s ist übergeben. Danke!", number=one.number), "success")
            else:
                flash(
                    _("Bestellung %(number)s: Ware mit Altersgrenze bleibt hier. Der Markt ist benachrichtigt.",
                      number=one.number), "warning",
                )  # fmt: skip
            return redirect(url_for(".overview"), 303)
    return _page(one, form)


@bp.post("/<int:order_id>/mitgegeben")
@keeps
def send_back(order_id: int) -> ResponseReturnValue:
    """The courier took along what nobody came for."""
    one = _waiting(order_id)
    return _done(
        lambda: lying.send_back(order_id, _keeper()),
        _("Bestellung %(number)s ist dem Kurier mitgegeben.", number=one.number),
    )


def _done(act: Callable[[], None], sentence: str) -> ResponseReturnValue:
    try:
        act()
    except MarketError as error:
        flash(error.text, "error")
    else:
        flash(sentence, "success")
    return redirect(url_for(".overview"), 303)


@bp.post("/<int:order_id>/laenger")
@keeps
def keep_longer(order_id: int) -> ResponseReturnValue:
    """The shopper called: it may lie a little longer."""
    one = _waiting(order_id)
    form = LongerForm()
    if form.validate_on_submit():
        try:
            lying.keep_longer(order_id, _keeper(), form.until.data)
        except MarketError as error:
            form.refuse(error, "until")
        else:
            flash(_("Bestellung %(number)s darf länger liegen.", number=one.number), "success")
            return redirect(url_for(".overview"), 303)
    return _page(one, HandOverForm(formdata=None), form)
