"""Products at the merchant's desk: a draft in a minute, the full form, publishing, and wrong input on each."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.datastructures import MultiDict

from market.catalogue import products
from market.catalogue.models import Availability, Product, ProductStatus
from market.core import db
from market.core.money import Money
from market.people.models import User
from market.web.setup import MAX_UPLOAD
from merchants.forms.products import form_data
from tests.factories.catalogue import make_product
from tests.merchants.conftest import Cast

SignIn = Callable[[User], FlaskClient]


def photo() -> tuple[io.BytesIO, str]:
    data = io.BytesIO()
    Image.new("RGB", (80, 60), (120, 40, 60)).save(data, "JPEG")
    data.seek(0)
    return data, "brot.jpg"


def latest() -> Product:
    with db.transaction() as s:
        query = sa.select(Product).order_by(Product.id.desc()).limit(1)
        product = s.scalars(query).one()
        assert product.variants is not None
        assert product.pictures is not None
        return product


def sent(product: Product, **changes: Any) -> MultiDict[str, str]:
    """The full form as a browser would send it back."""
    data = form_data(product)
    fields: list[tuple[str, str]] = []
    for name, value in data.items():
        if name == "variants":
            for n, row in enumerate(value):
                for key, cell in row.items():
                    text = str(cell).removesuffix("\N{NO-BREAK SPACE}€") if cell is not None else ""
                    fields.append((f"variants-{n}-{key}", text))
                if not row:
                    fields.append((f"variants-{n}-unit", "piece"))
        elif isinstance(value, list):
            fields += [(name, each) for each in value]
        elif isinstance(value, bool):
            fields += [(name, "y")] if value else []
        else:
            fields.append((name, "" if value is None else str(value)))
    form = MultiDict(fields)
    for name, value in changes.items():
        form.setlist(name.replace("__", "-"), value if isinstance(value, list) else [value])
    return form


def stored(product: Product) -> Product:
    with db.transaction() as s:
        found = s.get_one(Product, product.id, populate_existing=True)
        assert found.variants is not None
        return found


def test_photo_name_and_price_make_a_draft(cast: Cast, as_: SignIn) -> None:
    answer = as_(cast.berta).post(
        "/haendler/produkte/neu",
        data={"name": "Dinkelstange", "price": "1,80", "category": "0", "picture": photo()},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303
    made = latest()
    assert (made.name, made.status, made.merchant_id) == ("Dinkelstange", ProductStatus.DRAFT, cast.baker.id)
    assert [variant.price for variant in made.variants] == [Money(180)]
    assert made.category_id == cast.bread.category_id  # as with the merchant's other goods
    assert made.food is not None
    assert len(made.pictures) == 1
    page = as_(cast.berta).get(answer.location).text
    assert "Das fehlt noch" in page
    assert "Allergenen fehlt" in page


@pytest.mark.parametrize(("data", "sentence", "kept"), [
    ({"name": "", "price": "1,80"}, "Wie heißt die Ware?", 'value="1,80"'),
    ({"name": "Dinkelstange", "price": ""}, "Was kostet sie?", 'value="Dinkelstange"'),
    ({"name": "Dinkelstange", "price": "drei Euro"}, "„drei Euro“ ist kein Betrag", 'value="drei Euro"'),
    ({"name": "Dinkelstange", "price": "0,00"}, "Preis über 0 €", 'value="0,00"'),
    ({"name": "x" * 121, "price": "1"}, "120", "x" * 121),
])  # fmt: skip
def test_wrong_input_on_the_quick_form(cast: Cast, as_: SignIn, data: dict[str, str], sentence: str, kept: str) -> None:
    answer = as_(cast.berta).post("/haendler/produkte/neu", data={**data, "category": "0"})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert kept in answer.text
    assert 'data-test="error"' in answer.text


def test_a_file_that_is_no_picture_is_told_and_nothing_is_made(cast: Cast, as_: SignIn) -> None:
    before = latest().id
    answer = as_(cast.berta).post(
        "/haendler/produkte/neu",
        data={"name": "Dinkelstange", "price": "1,80", "category": "0", "picture": (io.BytesIO(b"<svg/>"), "a.svg")},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 422
    assert "kein Bild, das wir lesen können" in answer.text
    assert latest().id == before


def test_an_empty_file_is_not_taken_for_no_photo(cast: Cast, as_: SignIn) -> None:
    data = {"name": "Ohne Bild", "price": "2,00", "category": "0", "picture": (io.BytesIO(b""), "leer.jpg")}
    answer = as_(cast.berta).post("/haendler/produkte/neu", data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "kein Bild" in answer.text
    assert latest().name != "Ohne Bild"


def test_a_file_over_the_limit_is_told_with_the_limit(cast: Cast, as_: SignIn) -> None:
    answer = as_(cast.berta).post(
        "/haendler/produkte/neu",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(MAX_UPLOAD + 1)},  # what a browser says before it sends
    )
    assert answer.status_code == 413
    assert f"höchstens {MAX_UPLOAD // 1024**2} MB" in answer.text


def test_the_full_form_saves_what_was_changed_and_nothing_else(cast: Cast, as_: SignIn) -> None:
    client = as_(cast.berta)
    url = f"/haendler/produkte/{cast.bread.code}"
    page = client.get(url)
    assert page.status_code == 200
    assert 'value="4,20"' in page.text
    before = stored(cast.bread)
    assert client.post(url, data=sent(before)).status_code == 303
    same = stored(cast.bread)
    assert {key: text for key, text in (before.food or {}).items() if text} == same.food
    for name in ("name", "allergens", "vat_class", "withdrawal_class", "availability", "safety", "min_age"):
        assert getattr(same, name) == getattr(before, name), name
    assert [v.id for v in same.variants if v.active] == [v.id for v in before.variants]
    changed = sent(before, variants__0__price="4,50", name="Roggenbrot", allergens=["Sesam"], availability="quota",
                   order_until="18:00", variants__1__name="halb", variants__1__price="2,30")  # fmt: skip
    assert client.post(url, data=changed).status_code == 303
    after = stored(cast.bread)
    assert after.name == "Roggenbrot"
    assert after.allergens == ["Sesam", "Weizen", "Roggen"]
    assert after.availability is Availability.QUOTA
    assert [(v.name, v.price) for v in after.variants if v.active] == [("", Money(450)), ("halb", Money(230))]


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"name": ""}, "Wie heißt die Ware?"),
    ({"variants__0__price": "vier"}, "„vier“ ist kein Betrag"),
    ({"variants__0__price": ""}, "Bitte geben Sie einen Preis ein"),
    ({"variants__0__content": "1,5"}, "Bitte eine ganze Zahl eingeben"),
    ({"variants__0__deposit": "x"}, "„x“ ist kein Betrag"),
    ({"lead_days": "bald"}, "Bitte eine ganze Zahl eingeben"),
    ({"abv": "viel"}, "Bitte eine Zahl eingeben, zum Beispiel 12,5."),
    ({"abv": "99"}, "Bitte eine Zahl von 0 bis 96 eingeben."),
    ({"no_allergens": "y"}, "Bitte wählen Sie eines von beiden."),
    ({"category": "999999"}, "category-error"),
    ({"availability": "vielleicht"}, "availability-error"),
    ({"order_until": "abends"}, "order_until-error"),
])  # fmt: skip
def test_wrong_input_on_the_full_form(cast: Cast, as_: SignIn, changes: dict[str, str], sentence: str) -> None:
    form = sent(stored(cast.bread), description="Von mir getippt", **changes)
    answer = as_(cast.berta).post(f"/haendler/produkte/{cast.bread.code}", data=form)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Von mir getippt" in answer.text
    assert stored(cast.bread).description == "Mit Natursauerteig."


def test_a_published_product_cannot_lose_what_the_law_wants(cast: Cast, as_: SignIn) -> None:
    form = sent(stored(cast.bread), allergens=[], allergens_named="")
    answer = as_(cast.berta).post(f"/haendler/produkte/{cast.bread.code}", data=form)
    assert answer.status_code == 422
    assert "Nicht gespeichert" in answer.text
    assert 'id="allergens-error"' in answer.text
    assert "Allergenen fehlt" in answer.text
    assert stored(cast.bread).allergens == ["Weizen", "Roggen"]


def test_publishing_lists_what_is_missing_and_then_works(cast: Cast, as_: SignIn) -> None:
    with db.transaction() as s:
        draft = make_product(s, cast.baker, name="Quarkbällchen", published=False, allergens=None)
    client = as_(cast.berta)
    url = f"/haendler/produkte/{draft.code}"
    refused = client.post(f"{url}/veroeffentlichen")
    assert refused.status_code == 422
    assert "Die Angabe zu Allergenen fehlt" in refused.text
    assert 'id="allergens-error"' in refused.text  # beside its field too, in an opened fold
    assert client.post(url, data=sent(stored(draft), allergens=["Eier", "Milch"])).status_code == 303
    assert client.post(f"{url}/veroeffentlichen").status_code == 303
    assert stored(draft).status is ProductStatus.PUBLISHED
    assert client.get(f"{url}/vorschau").status_code == 200


def test_what_was_typed_is_saved_when_it_cannot_be_published_yet(cast: Cast, as_: SignIn) -> None:
    with db.transaction() as s:
        draft = make_product(s, cast.baker, name="Quarkbällchen", published=False, allergens=None)
    url = f"/haendler/produkte/{draft.code}"
    client = as_(cast.berta)
    refused = client.post(url, data=sent(stored(draft), description="Heute warm", publish="1"))
    assert refused.status_code == 422
    assert 'id="allergens-error"' in refused.text
    assert stored(draft).description == "Heute warm"
    assert stored(draft).status is ProductStatus.DRAFT
    done = client.post(url, data=sent(stored(draft), allergens=["Eier"], publish="1"))
    assert done.status_code == 303
    assert stored(draft).status is ProductStatus.PUBLISHED


def test_a_content_that_is_missing_stands_beside_the_row(cast: Cast, as_: SignIn) -> None:
    row = "variants-0-"
    answer = as_(cast.berta).post(
        f"/haendler/produkte/{cast.bread.code}",
        data=sent(stored(cast.bread), **{f"{row}content": "1", f"{row}unit": "g"}),
    )
    assert answer.status_code == 422
    assert f'id="{row}content-error"' in answer.text


def test_pause_copy_and_archive(cast: Cast, as_: SignIn) -> None:
    client = as_(cast.berta)
    url = f"/haendler/produkte/{cast.bread.code}"
    copied = client.post(f"{url}/kopieren")
    assert copied.status_code == 303
    assert latest().name == "Roggenmischbrot (Kopie)"
    client.post(f"{url}/pausieren")
    assert stored(cast.bread).status is ProductStatus.PAUSED
    client.post(f"{url}/archivieren")
    assert stored(cast.bread).status is ProductStatus.ARCHIVED
    listed = client.get("/haendler/produkte").text
    assert cast.bread.code not in listed
    assert cast.bread.code in client.get("/haendler/produkte?stand=archived").text


def test_self_made_goods_have_the_merchant_as_manufacturer(cast: Cast, as_: SignIn) -> None:
    form = sent(stored(cast.top), own_make="y", manufacturer="", address="", contact="")
    assert as_(cast.frieda).post(f"/haendler/produkte/{cast.top.code}", data=form).status_code == 303
    safety = stored(cast.top).safety
    assert safety is not None
    assert safety["manufacturer"] == cast.toys.legal_name


def test_a_picture_is_added_described_and_removed(cast: Cast, as_: SignIn) -> None:
    client = as_(cast.berta)
    url = f"/haendler/produkte/{cast.bread.code}"
    empty = client.post(f"{url}/bild", data={"alt": "Ein Brot"})
    assert empty.status_code == 422
    assert "kein Bild" in empty.text
    assert 'value="Ein Brot"' in empty.text
    added = client.post(f"{url}/bild", data={"alt": "Ein Brot", "picture": photo()}, content_type="multipart/form-data")
    assert added.status_code == 303
    with db.transaction() as s:
        (picture,) = s.get_one(Product, cast.bread.id).pictures
    assert client.post(f"{url}/bild/{picture.id}/entfernen").status_code == 303


def test_the_list_is_searched_filtered_sorted_and_paged(cast: Cast, as_: SignIn) -> None:
    with db.transaction() as s:
        for n in range(45):
            make_product(s, cast.baker, name=f"Stolle {n:02d}", price=1000 - n, published=n % 2 == 0)
    client = as_(cast.berta)
    assert "Stolle 07" in client.get("/haendler/produkte?q=stolle+07").text
    assert "Hier ist nichts" in client.get("/haendler/produkte?q=100%25").text  # a % is no joker
    drafts = client.get("/haendler/produkte?stand=draft&sort=preis").text
    assert "Stolle 00" not in drafts
    assert drafts.index("Stolle 43") < drafts.index("Stolle 41")
    second = client.get("/haendler/produkte?sort=name&seite=2").text
    assert "Stolle 44" in second
    assert "Stolle 01" not in second
    assert client.get("/haendler/produkte?seite=999&sort=unsinn&stand=unsinn").status_code == 200


@pytest.mark.parametrize("count", [3, 60])
def test_product_pages_need_at_most_ten_queries(cast: Cast, as_: SignIn, count: int) -> None:
    with db.transaction() as s:
        for n in range(count):
            make_product(s, cast.baker, name=f"Stolle {n:02d}", availability=list(Availability)[n % 4])
    client = as_(cast.berta)
    client.get("/haendler/")
    for url in ("produkte", f"produkte/{cast.bread.code}", "bestand", "produkte/neu"):
        assert client.get(f"/haendler/{url}").status_code == 200
        assert db.query_count.get() <= 10, url


def test_a_product_of_a_prohibited_category_is_refused_beside_the_field(cast: Cast, as_: SignIn) -> None:
    with db.transaction() as s:
        shelf = products.make_category(s, slug="tabak", name="Tabak", prohibited=True)
    form = sent(stored(cast.bread), category=str(shelf))
    answer = as_(cast.berta).post(f"/haendler/produkte/{cast.bread.code}", data=form)
    assert answer.status_code == 422
    assert "category-error" in answer.text
