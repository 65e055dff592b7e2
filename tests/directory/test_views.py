"""The editor's desk and the merchant's proposal, as people use them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from market.core import db
from market.directory import opening_lists, openings
from market.directory.models import Moderation, Opening, OpeningKind
from tests.factories.directory import make_merchant, make_opening, make_shop
from tests.factories.people import make_caretaker, make_courier, make_editor, make_user, sign_in

DESK = "/betrieb/neueroeffnungen"
PROPOSAL = "/haendler/neueroeffnung"
ENTRY = {
    "kind": "opened",
    "title": "Kaffeerösterei",
    "text": "Kaffee und Kuchen.",
    "starts_on": "2026-11-14",
    "ends_on": "",
    "shop_id": "0",
    "address": "Markt 1",
}


@pytest.fixture
def s(database: str) -> Iterator[Session]:
    with db.transaction() as session:
        yield session


@pytest.fixture
def editor(s: Session, client: FlaskClient) -> FlaskClient:
    user = make_editor(s)
    s.commit()
    return sign_in(client, user)


def only_entry() -> Opening:
    with db.reading() as s:
        return s.scalars(sa.select(Opening)).one()


def test_strangers_are_sent_to_the_login_and_other_roles_away(s: Session, client: FlaskClient) -> None:
    waiting = make_opening(s, published=False)
    others = [make_user(s), make_courier(s), make_caretaker(s)]
    s.commit()
    assert client.get(DESK).status_code == 303
    for user in others:
        sign_in(client, user)
        for path in (DESK, f"{DESK}/neu", f"{DESK}/{waiting.id}", PROPOSAL):
            assert client.get(path).status_code == 403, (path, user.name)
        for step in ("veroeffentlichen", "ablehnen", "zurueckziehen"):
            assert client.post(f"{DESK}/{waiting.id}/{step}", data={"reason": "x"}).status_code == 403
    assert only_entry().moderation is Moderation.PROPOSED


def test_a_merchant_has_no_seat_at_the_editors_desk(client: FlaskClient, merchant_at_work: dict[str, Any]) -> None:
    assert client.get(DESK).status_code == 403
    assert client.post(f"{DESK}/{merchant_at_work['theirs'].id}/zurueckziehen").status_code == 403


def test_an_editor_writes_and_publishes_an_entry(editor: FlaskClient) -> None:
    assert editor.get(f"{DESK}/neu").status_code == 200
    answer = editor.post(f"{DESK}/neu", data=ENTRY | {"publish": "1"})
    assert answer.status_code == 303
    entry = only_entry()
    assert (entry.moderation, entry.kind, entry.merchant_id) == (Moderation.PUBLISHED, OpeningKind.OPENED, None)
    assert "Kaffeerösterei" in editor.get(answer.location).text
    assert "Kaffeerösterei" in editor.get("/neu").text


def test_an_entry_can_be_kept_back(editor: FlaskClient) -> None:
    editor.post(f"{DESK}/neu", data=ENTRY | {"save": "1"})
    assert only_entry().moderation is Moderation.PROPOSED
    assert "Kaffeerösterei" not in editor.get("/neu").text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": " "}, "Bitte geben Sie eine Überschrift ein."),
        ({"text": ""}, "Bitte schreiben Sie einen Satz dazu."),
        ({"starts_on": ""}, "Bitte tragen Sie ein Datum ein"),
        ({"starts_on": "morgen"}, "Bitte tragen Sie ein Datum ein"),
        ({"starts_on": "2019-01-01"}, "Es liegt mehr als zwei Jahre entfernt."),
        ({"kind": "pop_up"}, "Bitte nennen Sie den letzten Tag."),
        ({"ends_on": "2026-11-01"}, "Das Ende liegt vor dem Beginn."),
        ({"address": ""}, "Bitte nennen Sie die Adresse oder wählen Sie einen Laden."),
        ({"kind": "verkauft"}, "Bitte noch einmal ansehen"),
        ({"shop_id": "4711"}, "Bitte noch einmal ansehen"),
    ],
)
def test_a_wrong_field_gets_a_sentence_and_keeps_what_was_typed(
    editor: FlaskClient, wrong: dict[str, str], sentence: str
) -> None:
    answer = editor.post(f"{DESK}/neu", data=ENTRY | {"publish": "1"} | wrong)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'data-test="error"' in answer.text
    if "text" not in wrong:
        assert "Kaffee und Kuchen." in answer.text
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count()).select_from(Opening)) == 0


def test_a_date_may_be_typed_the_german_way(editor: FlaskClient) -> None:
    editor.post(f"{DESK}/neu", data=ENTRY | {"starts_on": "14.11.2026", "publish": "1"})
    assert only_entry().starts_on.isoformat() == "2026-11-14"


def test_an_editor_changes_an_entry_and_sees_its_history(s: Session, editor: FlaskClient) -> None:
    with db.transaction() as t:
        entry = make_opening(t, title="Alt")
    page = editor.get(f"{DESK}/{entry.id}").text
    assert 'value="Alt"' in page
    answer = editor.post(f"{DESK}/{entry.id}", data=ENTRY)
    assert answer.status_code == 303
    page = editor.get(answer.location).text
    assert "Überschrift geändert" in page
    assert only_entry().title == "Kaffeerösterei"
    refused = editor.post(f"{DESK}/{entry.id}", data=ENTRY | {"kind": "planned"})
    assert refused.status_code == 422
    assert 'id="kind-error"' in refused.text
    assert "Zur Wahl steht, was als Nächstes kommen kann." in refused.text


def test_an_editor_publishes_rejects_and_withdraws(s: Session, editor: FlaskClient) -> None:
    with db.transaction() as t:
        entry = make_opening(t, published=False)
    without = editor.post(f"{DESK}/{entry.id}/ablehnen", data={"reason": " "})
    assert without.status_code == 422
    assert "Bitte sagen Sie in einem Satz, warum." in without.text
    assert editor.post(f"{DESK}/{entry.id}/ablehnen", data={"reason": "Zu kurz."}).status_code == 303
    assert "Zu kurz." in editor.get(f"{DESK}?liste=abgelegt").text
    assert editor.post(f"{DESK}/{entry.id}/veroeffentlichen").status_code == 303
    assert only_entry().moderation is Moderation.PUBLISHED
    assert editor.post(f"{DESK}/{entry.id}/zurueckziehen").status_code == 303
    assert only_entry().moderation is Moderation.WITHDRAWN


def test_unknown_lists_and_entries_are_handled(editor: FlaskClient) -> None:
    assert editor.get(f"{DESK}?liste=quatsch").status_code == 200
    assert editor.get(f"{DESK}/4711").status_code == 404
    assert editor.post(f"{DESK}/4711/veroeffentlichen").status_code == 404
    assert editor.get(f"{DESK}/99999999999999999999").status_code == 404


@pytest.fixture
def merchant_at_work(s: Session, client: FlaskClient) -> dict[str, Any]:
    """A signed-in merchant with a shop, and another merchant's shop and entry."""
    user = make_user(s, name="Berta Beispiel")
    merchant, other = make_merchant(s, staff_user=user), make_merchant(s)
    shop, foreign = make_shop(s, merchant), make_shop(s, other)
    theirs = make_opening(s, merchant=other, title="Fremdes")
    s.commit()
    sign_in(client, user)
    return {"user": user, "merchant": merchant, "shop": shop, "foreign": foreign, "theirs": theirs}


def test_a_merchant_proposes_and_reads_the_editors_answer(
    s: Session, client: FlaskClient, merchant_at_work: dict[str, Any]
) -> None:
    shop = merchant_at_work["shop"]
    page = client.get(PROPOSAL).text
    assert f'value="{shop.id}"' in page
    assert f'value="{merchant_at_work["foreign"].id}"' not in page
    assert "Fremdes" not in page
    answer = client.post(PROPOSAL, data=ENTRY | {"shop_id": str(shop.id), "address": ""})
    assert answer.status_code == 303
    with db.transaction() as t:
        entry = t.scalars(sa.select(Opening).where(Opening.shop_id == shop.id)).one()
        assert (entry.moderation, entry.merchant_id) == (Moderation.PROPOSED, merchant_at_work["merchant"].id)
        editor = make_editor(t)
    assert "Kaffeerösterei" not in client.get("/neu").text
    sign_in(client, editor)
    client.post(f"{DESK}/{entry.id}/ablehnen", data={"reason": "Bitte mit Uhrzeit."})
    sign_in(client, merchant_at_work["user"])
    assert "Die Redaktion schreibt: Bitte mit Uhrzeit." in client.get(PROPOSAL).text


def test_a_merchant_cannot_name_anothers_shop_or_take_back_anothers_entry(
    client: FlaskClient, merchant_at_work: dict[str, Any]
) -> None:
    foreign = client.post(PROPOSAL, data=ENTRY | {"shop_id": str(merchant_at_work["foreign"].id)})
    assert foreign.status_code == 422
    theirs = merchant_at_work["theirs"]
    assert client.post(f"{PROPOSAL}/{theirs.id}/zurueckziehen").status_code == 404
    with db.reading() as s:
        assert s.get_one(Opening, theirs.id).moderation is Moderation.PUBLISHED


def test_a_merchant_takes_the_own_entry_back(client: FlaskClient, merchant_at_work: dict[str, Any]) -> None:
    client.post(PROPOSAL, data=ENTRY)
    page = client.get(PROPOSAL).text
    found = re.search(rf"{PROPOSAL}/(\d+)/zurueckziehen", page)
    assert found
    assert client.post(found[0]).status_code == 303
    assert "zurückgezogen" in client.get(PROPOSAL).text


def test_a_merchant_mends_a_proposal_and_proposes_a_rejected_one_again(
    client: FlaskClient, merchant_at_work: dict[str, Any]
) -> None:
    client.post(PROPOSAL, data=ENTRY)
    with db.reading() as reading:
        entry = reading.scalars(sa.select(Opening).where(Opening.title == ENTRY["title"])).one()
    address = f"{PROPOSAL}/{entry.id}"
    assert address in client.get(PROPOSAL).text
    assert 'value="Kaffeerösterei"' in client.get(address).text
    wrong = client.post(address, data=ENTRY | {"title": "Neuer Name", "starts_on": "bald"})
    assert wrong.status_code == 422
    assert 'value="Neuer Name"' in wrong.text
    openings.reject(entry.id, "Bitte mit Hausnummer.", by=None)
    assert "Bitte mit Hausnummer." in client.get(address).text
    assert client.post(address, data=ENTRY | {"address": "Markt 1a"}).status_code == 303
    with db.reading() as reading:
        mended = openings.by_id(reading, entry.id)
    assert (mended.moderation, mended.address, mended.reason) == (Moderation.PROPOSED, "Markt 1a", "")
    openings.publish(entry.id, by=None)
    assert client.post(address, data=ENTRY | {"title": "Heimlich"}).status_code == 422
    with db.reading() as reading:
        assert openings.by_id(reading, entry.id).title == ENTRY["title"]
    assert client.get(f"{PROPOSAL}/{merchant_at_work['theirs'].id}").status_code == 404
    assert client.post(f"{PROPOSAL}/{merchant_at_work['theirs'].id}", data=ENTRY).status_code == 404


def test_the_editors_list_has_pages_and_names_who_proposed(editor: FlaskClient) -> None:
    with db.transaction() as t:
        merchant = make_merchant(t, name="Teeladen Kluntje")
        for number in range(opening_lists.PAGE_SIZE + 1):
            make_opening(t, title=f"Vorschlag {number}", published=False, merchant=merchant)
    first, second = (editor.get(f"{DESK}?liste=vorschlaege&seite={page}").text for page in (1, 2))
    assert first.count('data-test="opening"') == opening_lists.PAGE_SIZE
    assert second.count('data-test="opening"') == 1
    assert "von Teeladen Kluntje" in second
    assert editor.get(f"{DESK}?liste=vorschlaege&seite=99").text.count('data-test="opening"') == 1


def test_an_entry_of_a_shop_that_left_can_still_be_mended(editor: FlaskClient) -> None:
    with db.transaction() as t:
        shop = make_shop(t, name="Ehemals", active=False)
        entry = make_opening(t, shop=shop)
    page = editor.get(f"{DESK}/{entry.id}").text
    assert re.search(rf'<option selected value="{shop.id}">Ehemals', page)


def test_the_proposal_form_keeps_what_was_typed(client: FlaskClient, merchant_at_work: dict[str, Any]) -> None:
    answer = client.post(PROPOSAL, data=ENTRY | {"starts_on": ""})
    assert answer.status_code == 422
    assert 'value="Kaffeerösterei"' in answer.text
