"""A product: the 60-second form, and the full one in folds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from market.catalogue.duties import ALLERGENS, Gap
from market.catalogue.models import (
    Availability,
    Condition,
    DepositKind,
    Product,
    Temperature,
    Unit,
    Variant,
    VatClass,
    WithdrawalClass,
)
from market.catalogue.products import VariantData
from market.core.money import ZERO
from market.web.forms import MarketForm, TextLine, optional, required
from merchants.forms.fields import (
    AmountField,
    Between,
    DecimalText,
    WholeNumber,
    above_zero,
    filled,
    member,
    picks,
    picks_of,
)


class QuickProductForm(MarketForm):
    """Photo, name and price are enough for a draft."""

    picture = FileField(_l("Foto"))
    name = TextLine(_l("Name der Ware"), validators=[required(_l("Wie heißt die Ware?")), Length(max=120)])
    price = AmountField(_l("Preis"), validators=[required(_l("Was kostet sie? Zum Beispiel 3,49.")), above_zero])
    category = SelectField(_l("Kategorie"), coerce=int, default=0)


class PictureForm(MarketForm):
    """One more picture."""

    picture = FileField(_l("Foto"))
    alt = TextLine(_l("Was ist zu sehen?"), validators=[Length(max=200)])


class VariantForm(Form):
    """One row: a size, a pack, a colour. An empty row counts for nothing."""

    id = HiddenField()
    name = TextLine(_l("Ausführung"), validators=[Length(max=80)])
    price = AmountField(_l("Preis"), validators=[above_zero])
    content = WholeNumber(_l("Füllmenge"), validators=[Between(1, 10_000_000)])
    unit = SelectField(_l("Einheit"), choices=picks_of(Unit), default=Unit.PIECE.value)
    deposit = AmountField(_l("Pfand"))
    weight_g = WholeNumber(_l("Gewicht gepackt"), validators=[Between(0, 200_000)])
    volume_ml = WholeNumber(_l("Platz in der Kiste"), validators=[Between(0, 1_000_000)])
    gtin = TextLine(_l("Strichcode (GTIN)"), validators=[Length(max=14)])
    sku = TextLine(_l("Eigene Nummer"), validators=[Length(max=40)])
    remove = BooleanField(_l("nicht mehr anbieten"))

    @property
    def empty(self) -> bool:
        """Nobody wrote anything in this row."""
        return not (self.id.data or self.name.data or (self.price.raw_data and self.price.raw_data[0].strip()))

    def data_of(self) -> VariantData:
        """The row as the catalogue takes it."""
        known = {"weight_g": self.weight_g.data, "volume_ml": self.volume_ml.data}
        known_as = self.id.data or ""
        return VariantData(
            id=int(known_as) if known_as.isdecimal() and len(known_as) < 11 else None,
            price=filled(self.price.data),
            name=self.name.data or "",
            content=self.content.data or 1,
            unit=member(Unit, self.unit.data),
            deposit=self.deposit.data or ZERO,
            gtin=self.gtin.data or "",
            sku=self.sku.data or "",
            **{name: value for name, value in known.items() if value is not None},
        )


class ProductForm(MarketForm):
    """Everything there is to say about a product."""

    name = TextLine(_l("Name der Ware"), validators=[required(_l("Wie heißt die Ware?")), Length(max=120)])
    category = SelectField(_l("Kategorie"), coerce=int)
    description = TextAreaField(_l("Beschreibung"), validators=[Length(max=4000)])
    variants = FieldList(FormField(VariantForm), max_entries=40)

    availability = RadioField(_l("Wie wissen wir, ob etwas da ist?"), choices=picks_of(Availability))
    lead_days = WholeNumber(_l("Vorlauf"), validators=[Between(0, 120)])
    order_until = TimeField(_l("Bestellen bis"), validators=[optional()])
    order_days_before = WholeNumber(_l("Tage vorher"), validators=[Between(0, 14)])

    vat_class = SelectField(_l("Mehrwertsteuer"), choices=picks_of(VatClass))
    withdrawal_class = SelectField(_l("Widerrufsrecht"), choices=picks_of(WithdrawalClass))
    deposit_kind = SelectField(_l("Art des Pfands"), choices=[*picks([("", _l("kein Pfand"))]), *picks_of(DepositKind)])
    temperature = SelectField(_l("Kühlung"), choices=picks_of(Temperature))
    min_age = SelectField(
        _l("Altersgrenze"), coerce=int, choices=picks([(0, _l("keine")), (16, _l("ab 16")), (18, _l("ab 18"))])
    )
    origin = TextLine(_l("Herkunft"), validators=[Length(max=120)])
    isbn = TextLine(_l("ISBN (Bücher)"), validators=[Length(max=17)])
    condition = SelectField(_l("Zustand"), choices=picks_of(Condition))
    deviation = TextLine(_l("Worin weicht gebrauchte Ware ab?"), validators=[Length(max=300)])
    fibres = TextLine(_l("Fasern (Textilien)"), validators=[Length(max=200)])

    goods = RadioField(
        _l("Was für eine Ware ist das?"),
        choices=picks([("food", _l("Lebensmittel oder Getränk")), ("thing", _l("alles andere"))]),
    )
    food_name = TextLine(_l("Bezeichnung des Lebensmittels"), validators=[Length(max=160)])
    ingredients = TextAreaField(_l("Zutaten"), validators=[Length(max=2000)])
    allergens = SelectMultipleField(
        _l("Enthaltene Allergene"),
        choices=picks((name, name) for name in ALLERGENS),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    allergens_named = TextLine(_l("Genauer benannt"), validators=[Length(max=300)])
    no_allergens = BooleanField(_l("Enthält keines der 14 Allergene"))
    storage = TextLine(_l("Lagerung"), validators=[Length(max=200)])
    nutrition = TextLine(_l("Nährwerte je 100 g oder 100 ml"), validators=[Length(max=500)])
    abv = DecimalText(_l("Alkohol"), validators=[Between(0, 96)])

    own_make = BooleanField(_l("Wir stellen das selbst her"))
    manufacturer = TextLine(_l("Hersteller"), validators=[Length(max=160)])
    address = TextLine(_l("Anschrift des Herstellers"), validators=[Length(max=240)])
    contact = TextLine(_l("E-Mail oder Internetseite des Herstellers"), validators=[Length(max=200)])
    eu_responsible = TextLine(_l("Verantwortliche Person in der EU"), validators=[Length(max=240)])
    model = TextLine(_l("Modell, Typ oder Charge"), validators=[Length(max=120)])
    warnings = TextAreaField(_l("Warnhinweise"), validators=[Length(max=1000)])

    def validate_variants(self, field: FieldList) -> None:
        """At least one row with a price; every row somebody wrote in needs one."""
        rows = [entry.form for entry in field if not entry.form.empty and not entry.form.remove.data]
        for row in rows:
            if row.price.data is None and not row.price.errors:
                row.price.errors = [*row.price.errors, "Bitte geben Sie einen Preis ein, zum Beispiel 3,49."]
        if not rows or any(row.price.errors for row in rows):
            raise ValidationError("Es fehlt mindestens eine Ausführung mit Preis.")

    def validate_no_allergens(self, field: BooleanField) -> None:
        """None and some contradict each other."""
        if field.data and (self.allergens.data or self.allergens_named.data):
            raise ValidationError("Sie haben auch Allergene angegeben. Bitte wählen Sie eines von beiden.")

    @property
    def rows(self) -> list[VariantData]:
        """The variants to keep."""
        kept = [entry.form for entry in self.variants if not entry.form.empty and not entry.form.remove.data]
        return [row.data_of() for row in kept]


_TEXTS = ("name", "description", "deviation", "origin", "isbn", "fibres")
_FOOD = ("ingredients", "storage", "nutrition")
_SAFETY = ("manufacturer", "address", "contact", "eu_responsible", "model", "warnings")


def fields_of(form: ProductForm, merchant_facts: dict[str, str]) -> dict[str, Any]:
    """The form as catalogue fields (products.ProductFields). `merchant_facts`: manufacturer of self-made goods."""
    fields: dict[str, Any] = {name: getattr(form, name).data or "" for name in _TEXTS}
    fields |= {
        "category_id": form.category.data,
        "availability": member(Availability, form.availability.data),
        "lead_days": form.lead_days.data or 0,
        "order_until": form.order_until.data,
        "order_days_before": 1 if form.order_days_before.data is None else form.order_days_before.data,
        "vat_class": member(VatClass, form.vat_class.data),
        "withdrawal_class": member(WithdrawalClass, form.withdrawal_class.data),
        "deposit_kind": member(DepositKind, form.deposit_kind.data) if form.deposit_kind.data else None,
        "temperature": member(Temperature, form.temperature.data),
        "min_age": form.min_age.data,
        "condition": member(Condition, form.condition.data),
        "allergens": None,
        "food": None,
        "safety": None,
    }
    if form.goods.data == "food":
        fields |= {"food": _food(form), "allergens": _allergens(form)}
    else:
        own = merchant_facts if form.own_make.data else {}
        facts = {name: (getattr(form, name).data or "").strip() or own.get(name, "") for name in _SAFETY}
        fields["safety"] = {name: value for name, value in facts.items() if value}
    return fields


def _food(form: ProductForm) -> dict[str, Any]:
    food: dict[str, Any] = {name: (getattr(form, name).data or "").strip() for name in _FOOD}
    food["name"] = form.food_name.data or ""
    if form.abv.data is not None:
        food["abv"] = form.abv.data
    return {name: value for name, value in food.items() if value != ""}


def _allergens(form: ProductForm) -> list[str] | None:
    if form.no_allergens.data:
        return []
    named = [word.strip() for word in (form.allergens_named.data or "").split(",") if word.strip()]
    return [*form.allergens.data, *named] or None


def mark_gaps(form: ProductForm, gaps: Iterable[Gap]) -> list[str]:
    """Put what the law still wants beside its fields. Returns what belongs to no field: the merchant's own papers."""
    homeless = []
    for gap in gaps:
        places = _rows_with(form, gap.field) or [getattr(form, gap.field, None)]
        for field in places:
            if field is None:
                homeless.append(gap.text)
            else:
                field.errors = [*field.errors, gap.text]
    return homeless


def _rows_with(form: ProductForm, gap: str) -> list[Any]:
    """The cells of the variants that a gap about them means."""
    rows = [entry.form for entry in form.variants if not entry.form.empty] or [form.variants[0].form]
    if gap == "price":
        return [row.price for row in rows if not row.price.data] or [rows[0].price]
    if gap == "content":
        loose = Unit.PIECE.value
        return [row.content for row in rows if row.unit.data != loose and (row.content.data or 1) <= 1]
    return [row.name for row in rows] if gap == "variant" else []


def form_data(product: Product) -> dict[str, Any]:
    """What the full form shows of a product as it is."""
    food, safety, allergens = product.food or {}, product.safety or {}, product.allergens
    data: dict[str, Any] = {name: getattr(product, name) for name in (*_TEXTS, "lead_days", "order_until",
                                                                      "order_days_before", "min_age")}  # fmt: skip
    for name in ("availability", "vat_class", "withdrawal_class", "temperature", "condition"):
        data[name] = getattr(product, name).value
    data |= {
        "category": product.category_id,
        "deposit_kind": product.deposit_kind.value if product.deposit_kind else "",
        "goods": "food" if product.food is not None else "thing",
        "food_name": food.get("name", ""),
        "abv": float(food["abv"]) if food.get("abv") is not None else None,
        "allergens": [name for name in allergens or [] if name in ALLERGENS],
        "allergens_named": ", ".join(name for name in allergens or [] if name not in ALLERGENS),
        "no_allergens": allergens == [],
        "variants": [_variant_data(variant) for variant in product.variants if variant.active] + [{}],
    }
    data |= {name: food.get(name, "") for name in _FOOD} | {name: safety.get(name, "") for name in _SAFETY}
    return data


def _variant_data(variant: Variant) -> dict[str, Any]:
    names = ("id", "name", "price", "content", "weight_g", "volume_ml", "gtin", "sku")
    return {name: getattr(variant, name) for name in names} | {
        "unit": variant.unit.value,
        "deposit": variant.deposit or None,
    }
