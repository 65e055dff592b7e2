"""Products: list, 60-second draft, full form, publish and the rest of their life."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage, MultiDict

from market.catalogue import pictures, prices, products, wording
from market.catalogue.models import Availability, Product, ProductStatus
from market.catalogue.pictures import Stored
from market.core import db
from market.directory.models import Merchant
from market.web import limits
from merchants import products_desk
from merchants.forms.fields import filled, picks
from merchants.forms.products import PictureForm, ProductForm, QuickProductForm, fields_of, form_data, mark_gaps
from merchants.views.blueprints import desk, here, in_office, office_bp, page_number, tried

PICTURES = 150
"""In ten minutes and per account: more than anybody takes with a phone."""


@office_bp.get("/produkte")
@in_office
def product_list() -> ResponseReturnValue:
    """All of the merchant's products, searched, filtered, sorted, page by page."""
    chosen = {name: request.args.get(name, "") for name in ("q", "stand", "art", "sort")}
    with db.reading() as s:
        found = products_desk.find(
            s,
            desk().merchant_id,
            text=chosen["q"][:100],
            status=next((state for state in ProductStatus if state.value == chosen["stand"]), None),
            availability=next((kind for kind in Availability if kind.value == chosen["art"]), None),
            sort=chosen["sort"],
            page=page_number(),
        )
    return render_template(
        "merchants/products.html", list=found, chosen=chosen, statuses=ProductStatus, kinds=Availability,
        sorts=products_desk.SORTS, pager_url=here(),
    )  # fmt: skip


def _upload(file: FileStorage | None) -> bytes | None:
    """The bytes of a sent picture; None when no file was chosen. Raises TooManyRequests: one is seconds of work."""
    if file is None or not file.filename:
        return None
    limits.limit("picture", str(desk().user_id), times=PICTURES, minutes=10)
    data: bytes = file.read()
    return data


@office_bp.route("/produkte/neu", methods=["GET", "POST"])
@in_office
def new_product() -> ResponseReturnValue:
    """Photo, name, price: a draft in a minute."""
    form = QuickProductForm()
    with db.reading() as s:
        form.category.choices = picks([(0, "wie zuletzt"), *products_desk.categories(s)])
    made: list[str] = []

    def draft() -> None:
        data = _upload(form.picture.data)  # re-encoded before the transaction: that takes a moment
        made.append(
            products_desk.quick_draft(
                desk(),
                name=form.name.data,
                price=filled(form.price.data),
                category_id=form.category.data or None,
                picture=pictures.store_upload(data) if data is not None else None,
            )
        )

    if form.validate_on_submit() and tried(form, draft):
        flash("Als Entwurf gespeichert. Es sieht ihn noch niemand außer Ihnen.", "success")
        return redirect(url_for(".product", code=made[0]), 303)
    return render_template("merchants/product_new.html", form=form), 422 if form.errors else 200


def _page(code: str) -> tuple[Product, list[tuple[int, str]]]:
    with db.reading() as s:
        return products_desk.page(s, desk(), code), products_desk.categories(s)


def _form(product: Product, shelves: list[tuple[int, str]], formdata: MultiDict[str, str] | None = None) -> ProductForm:
    form = ProductForm(formdata=formdata, data=form_data(product))
    kept = [] if any(value == product.category_id for value, _ in shelves) else [product.category]
    form.category.choices = picks([*((category.id, category.name) for category in kept), *shelves])
    return form


def _own_make(merchant: Merchant) -> dict[str, str]:
    """Self-made goods: the merchant is the manufacturer (GPSR Art. 19)."""
    contact = merchant.email or merchant.phone
    return {"manufacturer": merchant.legal_name, "address": merchant.address, "contact": contact}


@office_bp.route("/produkte/<code>", methods=["GET", "POST"])
@in_office
def product(code: str) -> ResponseReturnValue:
    """The full form."""
    found, shelves = _page(code)
    if request.method == "GET":
        return _product_page(found, _form(found, shelves))
    form = _form(found, shelves, request.form)

    def store() -> None:
        fields = fields_of(form, _own_make(found.merchant))
        products_desk.save(desk(), code, fields=fields, variants=form.rows)

    if form.validate() and _saved(form, store):
        if "publish" in request.form:
            return _publish(code)
        flash("Gespeichert.", "success")
        return redirect(url_for(".product", code=found.code), 303)
    return _product_page(found, form, 422)


def _saved(form: ProductForm, step: Any) -> bool:
    """Like `tried`; what the law still wants of a published product stands beside its fields."""
    try:
        return tried(form, step)
    except products.NotPublishable as refusal:
        form.form_errors.extend(mark_gaps(form, refusal.gaps))
        return False


def _product_page(found: Product, form: ProductForm, status: int = 200, **more: Any) -> ResponseReturnValue:
    parts = {
        "missing": products.publish_errors(found),
        "warnings": products.publish_warnings(found),
        "picture_form": PictureForm(formdata=None),
        "pictures": [(each, pictures.url(each.sha256, each.kind, 320)) for each in found.pictures],
    } | more
    return render_template("merchants/product.html", product=found, form=form, **parts), status


@office_bp.post("/produkte/<code>/veroeffentlichen")
@in_office
def publish(code: str) -> ResponseReturnValue:
    """Show it to the public, or say what is missing, in a list and beside each field."""
    return _publish(code)


def _publish(code: str) -> ResponseReturnValue:
    found, shelves = _page(code)
    try:
        products_desk.publish(desk(), code)
    except products.NotPublishable as refusal:
        form = _form(found, shelves)
        mark_gaps(form, refusal.gaps)
        return _product_page(found, form, 422, missing=refusal.errors, tried=True)
    flash(f"„{found.name}“ ist jetzt im Markt zu sehen.", "success")
    return redirect(url_for(".product", code=found.code), 303)


@office_bp.post("/produkte/<code>/pausieren")
@in_office
def pause(code: str) -> ResponseReturnValue:
    """Off the public pages for a while."""
    products_desk.pause(desk(), code)
    flash("Pausiert: Im Markt ist die Ware nicht mehr zu sehen.", "success")
    return redirect(url_for(".product", code=code), 303)


@office_bp.post("/produkte/<code>/archivieren")
@in_office
def archive(code: str) -> ResponseReturnValue:
    """For good; old orders still show it."""
    products_desk.archive(desk(), code)
    flash("Ins Archiv gelegt. Zurückholen: unter „archiviert“ öffnen und wieder veröffentlichen.", "success")
    return redirect(url_for(".product_list"), 303)


@office_bp.post("/produkte/<code>/kopieren")
@in_office
def copy(code: str) -> ResponseReturnValue:
    """A draft like it."""
    made = products_desk.copy(desk(), code)
    flash("Kopie angelegt. Sie ist ein Entwurf ohne Bild und ohne Bestand.", "success")
    return redirect(url_for(".product", code=made), 303)


@office_bp.post("/produkte/<code>/bild")
@in_office
def add_picture(code: str) -> ResponseReturnValue:
    """One more picture."""
    found, shelves = _page(code)
    form = PictureForm()

    def store() -> None:
        data = _upload(form.picture.data)
        if data is None:
            raise pictures.NoPicture(field="picture")
        stored: Stored = pictures.store_upload(data)
        products_desk.add_picture(desk(), code, stored, alt=form.alt.data or "")

    if form.validate_on_submit() and tried(form, store, field="picture"):
        flash("Bild gespeichert.", "success")
        return redirect(url_for(".product", code=found.code), 303)
    return _product_page(found, _form(found, shelves), 422, picture_form=form)


@office_bp.post("/produkte/<code>/bild/<int:picture_id>/entfernen")
@in_office
def remove_picture(code: str, picture_id: int) -> ResponseReturnValue:
    """Take a picture off."""
    products_desk.remove_picture(desk(), code, picture_id)
    flash("Bild entfernt.", "success")
    return redirect(url_for(".product", code=code), 303)


@office_bp.get("/produkte/<code>/vorschau")
@in_office
def preview(code: str) -> ResponseReturnValue:
    """How shoppers will see it."""
    found, _ = _page(code)
    rows = [(variant, prices.base_price(variant)) for variant in found.variants if variant.active]
    return render_template(
        "merchants/product_preview.html", product=found, rows=rows,
        withdrawal=wording.withdrawal(found.withdrawal_class),
        pictures=[(each, pictures.url(each.sha256, each.kind, 640)) for each in found.pictures],
    )  # fmt: skip
