"""Who may buy on the merchant's own invoice."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from market.core import db
from merchants import shop_desk
from merchants.forms.shops import InvoiceCustomerForm
from merchants.views.blueprints import desk, in_office, office_bp, tried


@office_bp.route("/rechnungskunden", methods=["GET", "POST"])
@in_office
def invoice_customers() -> ResponseReturnValue:
    """List and add."""
    form = InvoiceCustomerForm()
    if form.validate_on_submit() and tried(form, lambda: shop_desk.add_invoice_customer(desk(), form.email.data)):
        flash("Hinzugefügt.", "success")
        return redirect(url_for(".invoice_customers"), 303)
    with db.reading() as s:
        customers = shop_desk.invoice_customers(s, desk().merchant_id)
    return render_template("merchants/invoice_customers.html", customers=customers, form=form), (
        422 if form.errors else 200
    )


@office_bp.post("/rechnungskunden/<int:customer_id>/entfernen")
@in_office
def remove_invoice_customer(customer_id: int) -> ResponseReturnValue:
    """No longer on invoice."""
    shop_desk.remove_invoice_customer(desk(), customer_id)
    flash("Entfernt.", "success")
    return redirect(url_for(".invoice_customers"), 303)
