"""One house with many recipients: one halt, listed as one walks through it, on the sheet, the phone and the desk."""

from __future__ import annotations

import random
import re
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from delivery import paper, planning, runs
from delivery.halts import letters, natural
from delivery.models import Stop, StopKind
from delivery.sheet import render_pdf
from market.core import config, db
from market.people.models import User
from tests.conftest import Clock
from tests.delivery.day import CENTRE, MarketDay, make_market_day
from tests.factories.people import make_courier, make_operator, sign_in

pytestmark = pytest.mark.usefixtures("database")

#: As one walks: the ground floor first, ward 9 before ward 10, room 2 before room 12.
WALK = [
    ("Haus A", "EG, Pforte"),
    ("Haus A", "1. OG, Zimmer 7"),
    ("Haus A", "Station 2, Zimmer 2"),
    ("Haus A", "Station 2, Zimmer 12"),
    ("Haus A", "Station 9, Zimmer 1"),
    ("Haus A", "Station 10, Zimmer 1"),
    ("Haus B", "Station 1, Zimmer 3"),
]


@pytest.fixture
def market(app: Flask, frozen: Clock) -> MarketDay:
    """A hospital with seven recipients who ordered in a muddle, and one house with nobody else."""
    with db.transaction() as s:
        courier_id = make_courier(s).id
    made = make_market_day(shops=1, courier_id=courier_id)
    at: dict[str, Any] = {"street": "Klinikweg 1", "lat": CENTRE[0] + 0.01, "lon": CENTRE[1]}
    muddle = list(enumerate(WALK))
    random.Random(4).shuffle(muddle)
    for n, (house, ward) in muddle:
        made.order([0], house=house, ward=ward, name=f"Nummer {n}", **at)
    made.order([0], name="Einzeln")
    planning.plan_day(made.day)
    frozen.forward(days=2, hours=5)
    return made


def test_seven_recipients_are_one_halt_in_the_sequence_of_the_walk(market: MarketDay) -> None:
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count(Stop.id)).where(Stop.kind == StopKind.DROP)) == 2
        (view,) = runs.day_runs(s, market.day)
    (house,) = [stop for stop in view.drops if len(stop.recipients) > 1]
    assert [(to.house, to.ward) for to in house.recipients] == WALK
    assert [label for label, _ in house.numbered] == [f"{house.label}{one}" for one in "abcdefg"]
    (alone,) = [stop for stop in view.drops if len(stop.recipients) == 1]
    assert [label for label, _ in alone.numbered] == [alone.label]


def in_sequence(text: str) -> bool:
    """Whether the names come as one walks."""
    found = [int(n) for n in re.findall(r"Nummer (\d)", text)]
    return list(dict.fromkeys(found)) == list(range(len(WALK)))


def test_sheet_phone_and_desk_list_them_by_ward_and_room(market: MarketDay, client: FlaskClient) -> None:
    with db.reading() as s:
        (view,) = runs.day_runs(s, market.day)
    (house,) = [stop for stop in view.drops if len(stop.recipients) > 1]
    pages = PdfReader(BytesIO(render_pdf(paper.sheet(view, config.current())))).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert in_sequence(text)
    assert f"Halt {house.label}: 7 Empfänger im selben Haus, nach Station und Zimmer" in text
    assert "Haus A, Station 10, Zimmer 1" in text
    with db.transaction() as s:
        boss = make_operator(s).id
    with db.reading() as s:
        sign_in(client, s.get_one(User, boss))
    desk = client.get(f"/betrieb/touren/?tag={market.day}").text
    table = desk[desk.index("Halte von") :]
    assert in_sequence(table)
    assert "Haus A, Station 2, Zimmer 12: Nummer 3" in table
    assert table.count("Klinikweg 1") == 1, "the address once, then who lives where"
    assert "(7 Empfänger)" in desk[: desk.index("Halte von")], "the list beside the map says how many"
    assert in_sequence(client.get(f"/betrieb/touren/{view.code}/ergebnis").text)
    printed = client.get(f"/betrieb/touren/{view.code}/blatt").text
    assert in_sequence(printed)
    assert printed.count('data-test="house"') == 1
    assert market.courier_id is not None
    with db.reading() as s:
        sign_in(client, s.get_one(User, market.courier_id))
    phone = client.get(f"/touren/{view.code}/halt/{house.position}").text
    assert in_sequence(phone[phone.index('data-test="house"') :])
    first = house.recipients[0]
    assert f'href="#o{first.order_id}"' in phone
    assert f'id="o{first.order_id}"' in phone


def test_numbers_in_words_sort_as_numbers() -> None:
    assert sorted(["Zimmer 10", "Zimmer 9", "EG", "", "2. OG"], key=natural) == [
        "",
        "EG",
        "2. OG",
        "Zimmer 9",
        "Zimmer 10",
    ]
    assert natural("Station 3") == natural("station  3".replace("  ", " "))
    assert natural("٣") == natural("٣"), "digits of other scripts do not stop anybody"


def test_a_house_may_have_more_recipients_than_the_alphabet_letters() -> None:
    assert [letters(n) for n in (0, 25, 26, 27, 701, 702)] == ["a", "z", "aa", "ab", "zz", "aaa"]
