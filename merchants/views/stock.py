"""The stock table of a shop."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.core import db
from market.core.errors import NotFound
from market.directory.models import Shop
from merchants import scope, stock_desk
from merchants.forms.stock import DAYS, STATES, StockForm, read
from merchants.views.blueprints import desk, here, in_office, number_in, office_bp, page_number


def _load() -> tuple[Shop | None, list[Shop], stock_desk.StockTable | None]:
    """The chosen shop (default: the first), all shops, and its table as searched."""
    wanted = number_in("laden")
    with db.reading() as s:
        shops = scope.shops_of(s, desk().merchant_id)
        shop = next((each for each in shops if wanted is None or each.id == wanted), None)
        if shop is None:
            if wanted is not None:
                raise NotFound
            return None, shops, None
        table = stock_desk.table(
            s, desk(), shop.id, text=request.args.get("q", "")[:100], only_stale=request.args.get("nur") == "alt",
            page=page_number(),
        )  # fmt: skip
    return shop, shops, table


@office_bp.route("/bestand", methods=["GET", "POST"])
@in_office
def stock_table() -> ResponseReturnValue:
    """See and write what a shop has of everything."""
    shop, shops, table = _load()
    form = StockForm()
    wrong: dict[int, str] = {}
    if shop is not None and table is not None and form.validate_on_submit():
        changes, wrong = read(table.rows, request.form)
        if not wrong:
            wrong = _written(shop.id, changes)
        if not wrong:
            return redirect(request.full_path.rstrip("?"), 303)
    return render_template(
        "merchants/stock.html", shop=shop, shops=shops, table=table, form=form, wrong=wrong, days=DAYS, states=STATES,
        sent=request.form, query=request.args.get("q", ""), only_stale=request.args.get("nur") == "alt",
        pager_url=here(),
    ), 422 if wrong or form.errors else 200  # fmt: skip


def _written(shop_id: int, changes: list[stock_desk.StockChange]) -> dict[int, str]:
    """Save; the sentences of refused rows."""
    try:
        saved = stock_desk.save(desk(), shop_id, changes)
    except stock_desk.RowsRefused as refusal:
        return refusal.rows
    flash(f"{saved} Zeilen gespeichert." if saved != 1 else "1 Zeile gespeichert.", "success" if saved else "info")
    return {}


@office_bp.post("/bestand/<int:shop_id>/stimmt")
@in_office
def confirm_stock(shop_id: int) -> ResponseReturnValue:
    """ "Stimmt alles noch": everything in this shop confirmed at once."""
    count = stock_desk.confirm_all(desk(), shop_id)
    flash(f"Danke! {count} Bestände sind bestätigt.", "success")
    return redirect(url_for(".stock_table", laden=shop_id), 303)
