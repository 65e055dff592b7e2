"""The order inbox: what a merchant sees, in which order, and what happens when a button is pressed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from delivery import rollover, windows
from market.core import clock, codes, db, formats
from market.orders import lifecycle, parts
from market.orders.models import Fulfilment, MerchantOrder, PartState, PaymentMethod
from market.people.models import User
from tests.conftest import Clock
from tests.factories.catalogue import make_product
from tests.factories.delivery import make_window, make_zone
from tests.factories.orders import fresh, make_order, part_of, staff_of
from tests.merchants.conftest import Cast

SignIn = Callable[[User], FlaskClient]


def order_part(cast: Cast, **more: object) -> MerchantOrder:
    """A confirmed order of two loaves at the bakery; its part."""
    with db.transaction() as s:
        order = make_order(s, (cast.bread, 2), paid=True, phone="03441 123456", **more)  # type: ignore[arg-type]
        return part_of(order, cast.baker)


def state(part: MerchantOrder) -> PartState:
    with db.transaction() as s:
        return fresh(s, part.id).state


def accepted(cast: Cast, **more: object) -> MerchantOrder:
    part = order_part(cast, **more)
    parts.accept(part.id, staff_of(cast.baker))
    return part


def ready(cast: Cast, **more: object) -> MerchantOrder:
    part = accepted(cast, **more)
    parts.mark_ready(part.id, staff_of(cast.baker), bags=1)
    return part


def test_a_new_part_shows_goods_deadline_and_phone_but_no_mail(cast: Cast, as_: SignIn) -> None:
    part = order_part(cast)
    page = as_(cast.berta).get("/haendler/").text
    assert 'data-test="part" data-state="placed"' in page
    assert "Roggenmischbrot" in page
    assert "2 ×" in page
    assert "Antwort bis" in page
    assert "03441 123456" in page
    assert "karla@beispiel.example" not in page
    assert part.code not in page


def test_an_unpaid_part_is_not_shown(cast: Cast, as_: SignIn) -> None:
    with db.transaction() as s:
        part = part_of(make_order(s, (cast.bread, 1)), cast.baker)
    client = as_(cast.berta)
    assert 'data-test="part"' not in client.get("/haendler/").text
    assert client.get(f"/haendler/bestellungen/{part.id}").status_code == 404


def test_the_inbox_is_sorted_by_what_is_due_next(cast: Cast, as_: SignIn) -> None:
    later = order_part(cast, day=clock.today() + timedelta(days=4))
    parts.accept(later.id, staff_of(cast.baker))
    packing = accepted(cast, day=clock.today() + timedelta(days=1))
    new = order_part(cast, day=clock.today() + timedelta(days=3))
    shown = [int(found) for found in re.findall(r'data-part="(\d+)"', as_(cast.berta).get("/haendler/").text)]
    assert shown == [new.id, packing.id, later.id]


def test_what_only_waits_to_be_collected_stands_below_and_is_never_late(cast: Cast, as_: SignIn, frozen: Clock) -> None:
    packed = accepted(cast, day=clock.today() + timedelta(days=1))
    parts.mark_ready(packed.id, staff_of(cast.baker), bags=1)
    packing = accepted(cast, day=clock.today() + timedelta(days=4))
    frozen.forward(days=2)  # the packed one's day is over: its shopper did not come yet
    page = as_(cast.berta).get("/haendler/").text
    assert [int(found) for found in re.findall(r'data-part="(\d+)"', page)] == [packing.id, packed.id]
    assert "überfällig" not in page


def test_accepting_takes_the_number_of_bags(cast: Cast, as_: SignIn) -> None:
    part = order_part(cast)
    answer = as_(cast.berta).post(f"/haendler/bestellungen/{part.id}/annehmen", data={"bags": "3", "zurueck": "liste"})
    assert answer.status_code == 303
    assert answer.location == "/haendler/"
    with db.transaction() as s:
        now = fresh(s, part.id)
        assert (now.state, now.bags, now.short_number) == (PartState.ACCEPTED, 3, 1)


@pytest.mark.parametrize("step", ["annehmen", "bereit"])
@pytest.mark.parametrize(("typed", "sentence"), [
    ("viele", "Bitte eine ganze Zahl eingeben"), ("0", "von 1 bis 30"), ("99", "von 1 bis 30"),
    ("", "wie viele Tüten"), (" ", "wie viele Tüten"),
])  # fmt: skip
def test_a_wrong_number_of_bags_is_told_beside_the_field(
    cast: Cast, as_: SignIn, step: str, typed: str, sentence: str
) -> None:
    part = order_part(cast) if step == "annehmen" else accepted(cast)
    before = state(part)
    answer = as_(cast.berta).post(f"/haendler/bestellungen/{part.id}/{step}", data={"bags": typed})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{typed}"' in answer.text
    assert 'id="bags-error"' in answer.text
    assert state(part) is before


def test_rejecting_says_first_that_only_this_part_is_refunded(cast: Cast, as_: SignIn) -> None:
    part = order_part(cast)
    client = as_(cast.berta)
    page = client.get(f"/haendler/bestellungen/{part.id}/ablehnen").text
    assert "nur diesen Teil zurück" in page
    assert "8,40" in page
    empty = client.post(f"/haendler/bestellungen/{part.id}/ablehnen", data={})
    assert empty.status_code == 422
    assert "Bitte schreiben Sie kurz, warum." in empty.text
    assert state(part) is PartState.PLACED
    done = client.post(f"/haendler/bestellungen/{part.id}/ablehnen", data={"own_reason": "Der Ofen ist kaputt."})
    assert done.status_code == 303
    with db.transaction() as s:
        assert fresh(s, part.id).reason == "Der Ofen ist kaputt."


def test_a_rejected_reason_that_is_too_long_stays_in_the_field(cast: Cast, as_: SignIn) -> None:
    part = order_part(cast)
    answer = as_(cast.berta).post(f"/haendler/bestellungen/{part.id}/ablehnen", data={"own_reason": "x" * 301})
    assert answer.status_code == 422
    assert "x" * 301 in answer.text


def test_ready_then_hand_over_against_the_code_once(cast: Cast, as_: SignIn) -> None:
    part = accepted(cast)
    client = as_(cast.berta)
    assert client.post(f"/haendler/bestellungen/{part.id}/bereit", data={"bags": "2"}).status_code == 303
    wrong = client.post(f"/haendler/bestellungen/{part.id}/uebergeben", data={"code": "XXXXXX"})
    assert wrong.status_code == 422
    assert "Dieser Abholcode passt nicht. Noch 4 Versuche" in wrong.text
    assert 'value="XXXXXX"' in wrong.text
    typed = f" {part.code[:3].lower()}-{part.code[3:]}"
    assert client.post(f"/haendler/bestellungen/{part.id}/uebergeben", data={"code": typed}).status_code == 303
    again = client.post(f"/haendler/bestellungen/{part.id}/uebergeben", data={"code": part.code})
    assert again.status_code == 409
    assert "schon übergeben" in again.text


def test_five_wrong_codes_lock_even_the_right_one(cast: Cast, as_: SignIn, frozen: Clock) -> None:
    part = ready(cast)
    client = as_(cast.berta)
    url = f"/haendler/bestellungen/{part.id}/uebergeben"
    for _ in range(5):
        last = client.post(url, data={"code": "AAAAAA" if part.code != "AAAAAA" else "BBBBBB"})
    assert "Zu viele falsche Codes" in last.text
    assert "Zu viele falsche Codes" in client.post(url, data={"code": part.code}).text
    assert state(part) is PartState.READY
    frozen.forward(minutes=16)
    assert client.post(url, data={"code": part.code}).status_code == 303


def test_goods_with_an_age_mark_need_the_tick(cast: Cast, as_: SignIn) -> None:
    with db.transaction() as s:
        wine = make_product(
            s, cast.baker, name="Müller-Thurgau", min_age=16, allergens=["Schwefeldioxid und Sulfite"],
            food={"name": "Wein", "abv": 11.5},
        )  # fmt: skip
        part = part_of(make_order(s, (wine, 1), paid=True, age_declared=16), cast.baker)
    parts.accept(part.id, staff_of(cast.baker))
    parts.mark_ready(part.id, staff_of(cast.baker), bags=1)
    client = as_(cast.berta)
    assert "Ausweis 16+" in client.get("/haendler/").text.replace("\n", "")
    url = f"/haendler/bestellungen/{part.id}/uebergeben"
    refused = client.post(url, data={"code": part.code})
    assert refused.status_code == 422
    assert "Ohne Ausweis keine Übergabe" in refused.text
    assert client.post(url, data={"code": part.code, "age_checked": "y"}).status_code == 303
    with db.transaction() as s:
        assert fresh(s, part.id).age_checked_by_id == cast.berta.id


def test_a_missing_piece_is_reported_for_its_line(cast: Cast, as_: SignIn) -> None:
    part = accepted(cast)
    line = part.lines[0]
    client = as_(cast.berta)
    url = f"/haendler/bestellungen/{part.id}/fehlt/{line.id}"
    many = client.post(url, data={"pieces": "7"})
    assert many.status_code == 422
    assert "sind nur noch 2 Stück bestellt" in many.text
    assert 'value="7"' in many.text
    assert client.post(url, data={"pieces": "1"}).status_code == 303
    with db.transaction() as s:
        assert fresh(s, part.id).lines[0].missing == 1


def test_a_line_of_another_part_is_not_found(cast: Cast, as_: SignIn) -> None:
    part, other = accepted(cast), accepted(cast)
    url = f"/haendler/bestellungen/{part.id}/fehlt/{other.lines[0].id}"
    assert as_(cast.berta).post(url, data={"pieces": "1"}).status_code == 404


def test_a_request_to_cancel_is_answered_with_yes_or_no(cast: Cast, as_: SignIn) -> None:
    client = as_(cast.berta)
    for yes in (True, False):
        part = accepted(cast)
        parts.request_cancel(part.order.key, part.id)
        assert "bittet um Stornierung" in client.get(f"/haendler/bestellungen/{part.id}").text
        if yes:
            assert client.post(f"/haendler/bestellungen/{part.id}/stornieren").status_code == 303
            assert state(part) is PartState.CANCELLED
        else:
            silent = client.post(f"/haendler/bestellungen/{part.id}/nicht-stornieren", data={"note": " "})
            assert silent.status_code == 422
            assert "Bitte schreiben Sie kurz, warum." in silent.text
            said = client.post(f"/haendler/bestellungen/{part.id}/nicht-stornieren", data={"note": "Schon gebacken."})
            assert said.status_code == 303
            assert state(part) is PartState.ACCEPTED


def test_cancelling_unasked_needs_a_reason(cast: Cast, as_: SignIn) -> None:
    part = accepted(cast)
    answer = as_(cast.berta).post(f"/haendler/bestellungen/{part.id}/stornieren", data={"reason": ""})
    assert answer.status_code == 422
    assert "Bitte schreiben Sie kurz, warum." in answer.text
    assert state(part) is PartState.ACCEPTED


def test_uncollected_goods_go_back_after_their_time(cast: Cast, as_: SignIn, frozen: Clock) -> None:
    part = ready(cast, method=PaymentMethod.IN_SHOP)
    client = as_(cast.berta)
    url = f"/haendler/bestellungen/{part.id}/nicht-abgeholt"
    early = client.post(url)
    assert early.status_code == 409
    assert "Die Abholfrist läuft noch" in early.text
    frozen.forward(days=8)
    assert "Zurücklegen" in client.get(f"/haendler/bestellungen/{part.id}").text
    assert client.post(url).status_code == 303
    assert state(part) is PartState.CANCELLED


def test_a_delivery_shows_its_window_and_no_address(cast: Cast, as_: SignIn) -> None:
    with db.transaction() as s:
        zone = make_zone(s, ("06712", ""))
        window = make_window(s, zone=zone)
        order = make_order(s, (cast.bread, 1), window=window, zone=zone, paid=True, recipient={"street": "Geheimweg 9"})
        part = part_of(order, cast.baker)
    assert part.fulfilment is Fulfilment.DELIVERY
    client = as_(cast.berta)
    for url in ("/haendler/", f"/haendler/bestellungen/{part.id}", f"/haendler/bestellungen/{part.id}/packzettel"):
        page = client.get(url).text
        assert "16:00–19:00" in page
        assert "Geheimweg" not in page


def test_the_packing_list_goes_by_short_number_and_sums_up(cast: Cast, as_: SignIn) -> None:
    first, second = accepted(cast), accepted(cast)
    day = first.day.isoformat()
    page = as_(cast.berta).get(f"/haendler/packliste?tag={day}").text
    assert "4 ×" in page  # the total over both
    assert page.index(first.order.number) < page.index(second.order.number)
    assert as_(cast.berta).get("/haendler/packliste?tag=unsinn").status_code == 200


def test_what_moved_to_another_window_is_packed_for_its_new_day(cast: Cast, as_: SignIn) -> None:
    with db.transaction() as s:
        zone = make_zone(s, ("06712", ""))
        first = make_window(s, zone=zone)
        later = make_window(s, zone=zone, day=first.day + timedelta(days=3))
        order = make_order(s, (cast.bread, 1), window=first, zone=zone, paid=True)
        windows.book(s, order.id, first.id, zone.id)
        part, before, after = part_of(order, cast.baker), first.day, later.day
    parts.accept(part.id, staff_of(cast.baker))
    with db.transaction() as s:
        lifecycle.order_for_update(s, order.id)
        rollover.roll_over(s, order.id)
    client = as_(cast.berta)
    page = client.get(f"/haendler/bestellungen/{part.id}").text
    assert f"Lieferung {formats.day(after)}" in page
    assert f"Gepackt bis {formats.day(after)}" in page
    assert formats.day(before) not in client.get("/haendler/").text
    assert order.number in client.get(f"/haendler/packliste?tag={after}").text
    assert order.number not in client.get(f"/haendler/packliste?tag={before}").text


def test_done_parts_hide_the_phone(cast: Cast, as_: SignIn) -> None:
    part = order_part(cast)
    parts.reject(part.id, staff_of(cast.baker), reason="Ofen kaputt")
    page = as_(cast.berta).get("/haendler/?stand=fertig").text
    assert part.order.number in page
    assert "03441 123456" not in page


def test_codes_of_others_do_not_open_a_part(cast: Cast, as_: SignIn) -> None:
    part, other = ready(cast), ready(cast)
    answer = as_(cast.berta).post(f"/haendler/bestellungen/{part.id}/uebergeben", data={"code": other.code})
    assert answer.status_code == (303 if codes.normalise(other.code) == part.code else 422)


@pytest.mark.parametrize("count", [3, 60])
def test_the_inbox_needs_at_most_ten_queries(cast: Cast, as_: SignIn, count: int) -> None:
    with db.transaction() as s:
        rolls = make_product(s, cast.baker, name="Brötchen", stock_count=500)
        for _ in range(count):
            make_order(s, (cast.bread, 0 + 1) if count < 5 else (rolls, 1), paid=True)
    client = as_(cast.berta)
    client.get("/haendler/")  # warms the once-a-minute facts
    for url in ("/haendler/", "/haendler/?stand=neu", "/haendler/packliste"):
        assert client.get(url).status_code == 200
        assert db.query_count.get() <= 10, url
