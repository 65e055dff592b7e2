"""What the demo town says: believable, unique, and in agreement with itself. Data only, no database."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import time
from itertools import combinations

import pytest
from rapidfuzz import fuzz

from market.catalogue.duties import ALCOHOL_FROM, SPIRITS_FROM
from market.core.config import DEFAULT_REGION
from market.demo import art, errands, neighbours, news, people
from market.demo.categories import CATEGORIES
from market.demo.model import Counted, DailyQuota, MadeToOrder, Seller, ThreeState, Ware
from market.demo.town import sellers
from market.directory.gazetteer import normalise

TOWN = sellers()
WARES: list[tuple[Seller, Ware]] = [(seller, ware) for seller in TOWN for ware in seller.wares]
REDUCED_NON_FOOD = {"buecher-papier", "kind-spiel", "blumen-garten"}  # print and plants (§ 12 II UStG, annex 2)
DRINKS = "wein-saft"
ECO = re.compile(r"nachhaltig|klima|umwelt|ökologisch|biologisch abbaubar|\bbio\b|plastikfrei|CO2", re.IGNORECASE)


def shown(wares: list[tuple[Seller, Ware]]) -> list[str]:
    """Names to read when something is wrong."""
    return [f"{seller.slug}: {ware.name}" for seller, ware in wares]


def where(wrong: object) -> list[str]:
    """The wares for which `wrong(ware)` holds."""
    assert callable(wrong)
    return shown([(seller, ware) for seller, ware in WARES if wrong(ware)])


def test_there_are_sixteen_sellers_and_more_than_three_hundred_wares() -> None:
    assert len(TOWN) == 16
    assert len(WARES) >= 320
    assert sum(len(seller.places) for seller in TOWN) >= 17, "the baker has two branches"


def test_nothing_has_the_same_name_twice() -> None:
    texts: list[list[str]] = [
        [seller.slug for seller in TOWN],
        [seller.name for seller in TOWN],
        [seller.vat_id for seller in TOWN],
        [seller.email for seller in TOWN],
        [seller.phone for seller in TOWN],
        [place.slug for seller in TOWN for place in seller.places],
        [ware.name for _, ware in WARES],
        [ware.isbn for _, ware in WARES if ware.isbn],
        [choice.gtin for _, ware in WARES for choice in ware.choices if choice.gtin],
    ]
    for group in texts:
        assert [text for text, count in Counter(group).items() if count > 1] == []


def test_no_two_descriptions_are_alike() -> None:
    texts = [ware.text for _, ware in WARES] + [place.text for seller in TOWN for place in seller.places]
    texts += [seller.about for seller in TOWN] + [one.text for one in news.NEWS]
    assert [(one, other) for one, other in combinations(texts, 2) if fuzz.ratio(one, other, score_cutoff=85)] == []


def test_no_name_is_numbered_or_templated() -> None:
    numbered = re.compile(r"(?:\bNr\.?|#|\bNo\.?)\s*\d|\s\d+$")
    assert where(lambda ware: numbered.search(ware.name)) == []
    for seller in TOWN:
        first = Counter(ware.name.split()[0] for ware in seller.wares)
        assert [word for word, count in first.items() if count > 3] == [], seller.slug


def test_every_ware_is_either_food_or_has_a_manufacturer() -> None:
    assert where(lambda ware: (ware.food is None) == (ware.safety is None)) == []
    assert where(lambda ware: ware.food and not ware.food.name.strip()) == []
    assert where(lambda ware: ware.safety and not (ware.safety.address and ware.safety.contact)) == []


def test_vat_agrees_with_the_goods() -> None:
    def wrong(ware: Ware) -> bool:
        if ware.food is None:
            return ware.vat == "reduced" and ware.category not in REDUCED_NON_FOOD
        drink = ware.category == DRINKS and all(choice.unit == "ml" for choice in ware.choices)
        vinegar = "essig" in ware.name.lower() or "verjus" in ware.name.lower()
        wine = bool(ware.food.abv) and all(choice.unit == "ml" for choice in ware.choices)  # a box of bottles too
        return ware.vat != ("standard" if (drink and not vinegar) or wine else "reduced")

    milk = [ware for _, ware in WARES if ware.name.startswith("Vollmilch in")]
    assert [ware.vat for ware in milk] == ["reduced"], "milk is a drink, but a reduced one"
    assert where(wrong) == []


def test_alcohol_has_its_strength_and_its_age() -> None:
    def wrong(ware: Ware) -> bool:
        strength = (ware.food.abv if ware.food else None) or 0.0
        needed = 18 if strength >= SPIRITS_FROM else 16 if strength > ALCOHOL_FROM else 0
        return ware.min_age < needed or bool(ware.min_age and not strength)

    assert where(wrong) == []
    assert where(lambda ware: ware.min_age not in (0, 16, 18)) == []


INGREDIENTS = {
    r"Weizen(?!bier)|Paniermehl|Hartweizengrieß": "Weizen",
    r"Roggen": "Roggen",
    r"Dinkel": "Dinkel",
    r"Haferflocken": "Hafer",
    r"Gerstenmalz": "Gerste",
    r"Vollmilch|Butter(?!milch)|Sahne|Quark|Joghurt|Magermilch|Molke": "Milch",
    r"\bEier?\b|Eigelb|Eiweiß": "Eier",
    r"Haselnu": "Haselnuss",
    r"Mandel": "Mandel",
    r"Walnu|Walnüsse": "Walnuss",
    r"Soja": "Soja",
    r"Sellerie": "Sellerie",
    r"Senf": "Senf",
    r"Sesam": "Sesam",
    r"[Ss]ulfit": "Sulfite",
}


def missing_allergens() -> Iterator[str]:
    for seller, ware in WARES:
        if ware.food is None:
            continue
        declared = " ".join(ware.food.allergens)
        contents = re.sub(r"Kakaobutter|Butterbirne", "", ware.food.ingredients)
        for pattern, allergen in INGREDIENTS.items():
            if re.search(pattern, contents) and allergen not in declared:
                yield f"{seller.slug}: {ware.name}: {allergen} (in {contents})"


def test_ingredients_and_allergens_agree() -> None:
    assert list(missing_allergens()) == []


def test_goods_by_weight_or_volume_say_how_much() -> None:
    assert where(lambda ware: any(c.unit != "piece" and c.content <= 1 for c in ware.choices)) == []
    assert where(lambda ware: any(c.price <= 0 or c.weight_g <= 0 or c.volume_ml <= 0 for c in ware.choices)) == []
    assert where(lambda w: any(c.unit == "g" and c.weight_g < c.content for c in w.choices)) == [], (
        "packed, not lighter"
    )


def test_deposits_and_used_goods_are_explained() -> None:
    assert where(lambda ware: any(c.deposit for c in ware.choices) and not ware.deposit_kind) == []
    assert where(lambda ware: ware.condition == "used" and not ware.deviation) == []
    assert {ware.deposit_kind for _, ware in WARES} == {"reusable", "single_use", None}
    assert where(lambda w: w.deposit_kind == "single_use" and any(c.deposit != 25 for c in w.choices)) == []


def test_a_mixed_sausage_names_where_every_animal_lived() -> None:
    def silent(ware: Ware) -> bool:
        meat = f"{ware.food.name} {ware.food.ingredients}" if ware.food else ""
        told = ware.origin
        return bool(told) and any(animal in meat and animal not in told for animal in ("Rind", "Schwein"))

    assert where(lambda ware: ware.category == "fleisch-wurst" and silent(ware)) == []


def test_no_trade_mark_stands_for_a_thing() -> None:
    marks = re.compile(
        r"\b(Inbus|Tesa|Tempo|Weck(glas|gläser)?|Tupper\w*|Edding|Uhu|Labello|Thermoskanne|Plexiglas|Teflon|Vaseline|"
        r"Fön|Jeep|Walkman|Lego|Playmobil|Nutella|Maggi|Zewa|Pampers|Spüli|Aspirin|Sidamo|Yirgacheffe|Harrar|Pritt|Q-Tips?"
        r"|Velcro|Gore-?Tex|Frisbee|Post-it|Leukoplast|Birkenstock|Teddy Steiff|Rotkäppchen|Zekiwa)\b"
    )

    def told(ware: Ware) -> str:
        return " ".join((ware.name, ware.text, *ware.art.label, ware.food.ingredients if ware.food else ""))

    assert where(lambda ware: marks.search(told(ware)) is not None) == []


def test_choices_differ_and_are_known_like_their_ware() -> None:
    assert where(lambda ware: len({choice.name for choice in ware.choices}) < len(ware.choices)) == []
    kinds = [
        (seller, ware)
        for seller, ware in WARES
        for choice in ware.choices
        if choice.availability is not None and type(choice.availability) is not type(ware.availability)
    ]
    assert shown(kinds) == [], "a product has one way of knowing its stock"


def test_every_kind_of_availability_is_there() -> None:
    found = Counter(type(ware.availability) for _, ware in WARES)
    assert all(found[kind] >= 10 for kind in (Counted, ThreeState, DailyQuota, MadeToOrder)), found
    states = {state for _, w in WARES if isinstance(w.availability, ThreeState) for state in w.availability.per_shop}
    assert states == {"in_shop", "on_request", "out"}


def test_categories_are_known_and_none_is_empty() -> None:
    used = Counter(ware.category for _, ware in WARES)
    assert set(used) == {slug for slug, _, _ in CATEGORIES}


def test_streets_are_in_the_gazetteer() -> None:
    with (DEFAULT_REGION / "gazetteer.csv").open(encoding="utf-8") as file:
        known = {normalise(row["name"]) for row in csv.DictReader(file)}
    places = [(place.slug, place.street) for seller in TOWN for place in seller.places]
    places += [(one.mailbox, re.sub(r"\s\d+\w?$", "", one.street)) for one in people.NEIGHBOURS.values()]
    places += [(one.slug, one.street) for one in neighbours.NEIGHBOURS]
    assert [place for place in places if normalise(place[1]) not in known] == []


def vat_digit(digits: str) -> int:
    """The ninth digit of a German VAT id (ISO 7064, MOD 11, 10)."""
    product = 10
    for digit in digits:
        total = (int(digit) + product) % 10 or 10
        product = 2 * total % 11
    return (11 - product) % 10


def test_vat_ids_are_well_formed() -> None:
    for seller in TOWN:
        assert re.fullmatch(r"DE\d{9}", seller.vat_id), seller.slug
        assert vat_digit(seller.vat_id[2:10]) == int(seller.vat_id[10]), (seller.slug, vat_digit(seller.vat_id[2:10]))


def test_vat_ids_are_outside_the_numbers_in_use() -> None:
    in_use = [seller.slug for seller in TOWN if not seller.vat_id.startswith("DE9")]
    assert in_use == [], (
        "the tax office has handed out DE1 to DE4 and DE8: an invented one there may belong to somebody"
    )


def test_telephones_belong_to_nobody() -> None:
    invented = re.compile(r"03441 555 0\d\d|0171 39200 \d\d")  # made up; the mobile block is kept for films
    numbers = {seller.phone for seller in TOWN} | {one.phone for one in neighbours.NEIGHBOURS}
    numbers |= {number for s in TOWN for place in s.places for number in (place.phone, place.contact_phone)}
    assert [number for number in sorted(numbers) if not invented.fullmatch(number)] == []


def test_books_have_a_right_isbn() -> None:
    for _, ware in WARES:
        if ware.isbn:
            digits = [int(digit) for digit in ware.isbn.replace("-", "")]
            assert len(digits) == 13, ware.name
            assert sum(digit * (3 if i % 2 else 1) for i, digit in enumerate(digits)) % 10 == 0, ware.name


def test_hours_can_be_read() -> None:
    for seller in TOWN:
        for place in seller.places:
            assert place.hours, place.slug
            for hours in place.hours:
                assert time.fromisoformat(hours.opens) < time.fromisoformat(hours.closes), place.slug
                assert 6 not in hours.days or place.sunday_exception, place.slug


def test_labels_fit_and_glyphs_exist() -> None:
    glyphs = json.loads(art.GLYPHS.read_text(encoding="utf-8"))["glyphs"]
    assert where(lambda ware: len(ware.art.label) > 3) == []
    drawn = {"glyph", "loaf", "slice", "wheel", "wreath"}
    packed = [(s, w) for s, w in WARES if w.art.kind not in drawn]
    assert shown([(s, w) for s, w in packed if any(len(line) > 10 for line in w.art.label)]) == []
    assert where(lambda ware: ware.art.kind == "glyph" and ware.art.glyph not in glyphs) == []
    assert shown([(s, w) for s, w in packed if not w.art.label]) == []
    for seller, ware in WARES:
        assert art.draw(ware.art, f"{seller.slug}/{ware.name}").startswith("<svg ")


def test_no_two_wares_of_a_shop_look_the_same() -> None:
    for seller in TOWN:
        same = [pair for pair in combinations(seller.wares, 2) if pair[0].art == pair[1].art]
        assert [(one.name, other.name) for one, other in same] == []


def test_nobody_makes_claims_about_the_environment() -> None:
    assert where(lambda ware: ECO.search(f"{ware.name} {ware.text}")) == []
    for seller in TOWN:
        for place in seller.places:
            assert not ECO.search(f"{seller.about} {place.text} {place.tagline} {' '.join(seller.tags)}"), seller.slug


def test_nobody_promises_health_or_borrows_a_protected_name() -> None:
    health = re.compile(
        r"gesund|heilt|heilsam|lindert|entschlack|detox|magenfreund|abwehrkräfte|\bwunden?\b", re.IGNORECASE
    )
    borrowed = re.compile(
        r"Heumilch|Bergkäse|Champagner|Parmesan|Feta\b|Dresdner|Salzwedeler|Spreewälder|Nürnberger|"
        r"Thüringer (?:Rost|Leber|Rot)|Zetti|Zekiwa|Rotkäppchen"
    )
    goods = [(s, w) for s, w in WARES if w.food or w.category == "drogerie-pflege"]
    assert shown([(s, w) for s, w in goods if health.search(f"{w.name} {w.text}")]) == []
    assert where(lambda ware: borrowed.search(f"{ware.name} {ware.text} {ware.origin}")) == []


def test_cloth_says_what_it_is_woven_from() -> None:
    cloth = re.compile(r"Geschirrtuch|Einkaufsbeutel|Strickbezug|[Ss]ocken|Mütze|[Hh]andschuh|Schal\b")
    assert where(lambda ware: cloth.search(ware.name) and not ware.fibres) == []
    assert sum(bool(cloth.search(ware.name)) for _, ware in WARES) >= 3, "or the pattern finds nothing"


def test_errands_name_wares_and_neighbours_that_exist() -> None:
    names = {ware.name for _, ware in WARES}
    slugs = {seller.slug for seller in TOWN}
    plans = [*errands.FINISHED_DAY, *errands.MORNING_ROUND, *errands.COUNTER, errands.STILL_TO_COME]
    for plan in plans:
        assert plan.who in people.NEIGHBOURS
        assert {name for name, _ in plan.goods} <= names, plan
        assert set(plan.collects) <= slugs, plan
    assert {one.shop for one in news.NEWS if one.shop} <= {place.slug for seller in TOWN for place in seller.places}


@pytest.mark.parametrize("plan", errands.MORNING_ROUND + errands.COUNTER, ids=lambda plan: plan.who)
def test_what_a_job_orders_needs_nobody_to_pay(plan: errands.Plan) -> None:
    assert plan.method in (errands.INVOICE, errands.IN_SHOP)
