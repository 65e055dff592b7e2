"""/p/<code>/reservieren: keep something back without buying it. One page, one button `unverbindlich reservieren`."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import HiddenField, IntegerField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import Length

from market.core import clock, codes, config, db, formats
from market.core.errors import MarketError
from market.orders import reserving
from market.orders.drafts import Contact
from market.orders.models import Channel
from market.orders.reserving import Offer
from market.public.blueprint import bp
from market.web import access, limits, visitor
from market.web.forms import NoWebAddress, PhoneNumber, TextLine, required
from payments import checkout
from payments.forms import AsksAboutMail

RESERVATIONS_PER_ADDRESS = 30  # in ten minutes: a school class may sit behind one address


class ReservationForm(AsksAboutMail):
    """Which shop, how many, who, and where to call or write."""

    variant = HiddenField()
    token = HiddenField()
    shop = RadioField(_l("In welchem Laden?"), validate_choice=False)
    quantity = IntegerField(_l("Menge"), [required(_l("Bitte geben Sie an, wie viele Stück."))], default=1)
    name = TextLine("Name", [required(_l("Bitte geben Sie Ihren Namen an.")), Length(max=120), NoWebAddress()])
    phone = TextLine("Telefon", [Length(max=40), PhoneNumber()])

    def contact(self) -> Contact:
        """Mail when there is one, else a call."""
        email, phone = self.email.data or "", self.phone.data or ""
        channel = Channel.MAIL if email else Channel.PHONE
        return Contact(name=self.name.data or "", email=email, phone=phone, channel=channel)


@bp.route("/p/<code>/reservieren", methods=["GET", "POST"])
@access.public
def reserve(code: str) -> ResponseReturnValue:
    """Say until when it waits and that it costs nothing, ask who comes, keep it back."""
    if reason := visitor.ordering_off():
        flash(reason, "error")
        return redirect(url_for("public.product", code=code), 303)
    what = _offer(code)
    form = _form(what)
    if request.method == "GET":
        return _page(what, form)
    limits.limit("reserve", limits.client_address(), times=RESERVATIONS_PER_ADDRESS, minutes=10)
    if not (_valid(form) and (key := _kept(code, what, form))):
        return _page(what, form), 422
    return redirect(url_for("public.order", key=key), 303)


def _offer(code: str) -> Offer:
    wanted = request.values.get("variant") or request.values.get("v") or ""
    variant_id = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 10 else None
    with db.reading() as s:
        return reserving.offer(s, code, variant_id, region=config.current().region, now=clock.now())


def _form(what: Offer) -> ReservationForm:
    with db.reading() as s:
        known = checkout.person(s, current_user.id).start
    form = ReservationForm(data={"name": known.name, "email": known.email, "phone": known.phone})
    form.shop.choices = [SelectChoice(str(one.shop.id), one.shop.name) for one in what.keepers]
    if len(what.keepers) == 1:
        form.shop.data = str(what.keepers[0].shop.id)
    form.variant.data = str(what.variant.id)
    form.token.data = form.token.data or codes.key()
    return form


def _valid(form: ReservationForm) -> bool:
    good: bool = form.validate()
    if not form.email.data and not form.phone.data:
        form.email.errors = [*form.email.errors, _("Bitte geben Sie eine E-Mail-Adresse oder eine Telefonnummer an.")]
        good = False
    if form.shop.data not in {str(choice.value) for choice in form.shop.choices}:
        form.shop.errors = [_("Bitte wählen Sie, in welchem Laden Sie die Ware abholen möchten.")]
        good = False
    return good


def _kept(code: str, what: Offer, form: ReservationForm) -> str | None:
    """The key of the reservation, or None with the sentence beside its field."""
    try:
        return reserving.reserve(
            code,
            what.variant.id,
            int(form.shop.data),
            form.quantity.data or 0,
            contact=form.contact(),
            form_token=(form.token.data or "")[:64],
            user_id=current_user.id,
            region=config.current().region,
        )
    except MarketError as error:
        form.refuse(error)
        return None


def _page(what: Offer, form: ReservationForm) -> str:
    return render_template(
        "public/reserve.html", what=what, product=what.product, variant=what.variant, form=form, places=_places(what)
    )


def _places(what: Offer) -> dict[str, dict[str, str]]:
    """Address and end of each shop, for the `radios` macro."""
    return {
        str(one.shop.id): {"hint": f"{one.shop.address}, {_('wartet bis')} {formats.instant(one.until)}"}
        for one in what.keepers
    }
