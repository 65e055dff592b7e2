"""The withdrawal function: two steps, nobody refused, a receipt to the second (law.md B1-B4)."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from market.core import db
from market.core.config import Config
from market.orders import withdrawal
from market.orders.models import Withdrawal

WORDS = {
    "name": "Käthe Kundin",
    "order_text": "Z-9999",
    "lines_text": "nur das Buch",
    "email": "kundin@markt.example",
}


def text_of(answer: object) -> str:
    return answer.get_data(as_text=True)  # type: ignore[attr-defined,no-any-return]  # werkzeug's TestResponse


@pytest.mark.law("B1")
def test_anybody_finds_the_entry_without_login(client: FlaskClient, database: str) -> None:
    page = text_of(client.get("/vertrag-widerrufen"))
    assert re.search(r"<button[^>]*>\s*Vertrag widerrufen\s*</button>", page)
    for public in ("/impressum", "/anmelden", "/laeden", "/korb"):
        assert 'href="/vertrag-widerrufen"' in text_of(client.get(public)), public


@pytest.mark.law("B1")
def test_two_steps_with_the_words_of_the_law(client: FlaskClient, database: str) -> None:
    summary = client.post("/vertrag-widerrufen", data=WORDS)
    assert summary.status_code == 200
    assert "nur das Buch" in text_of(summary)
    assert re.search(r"<button[^>]*>\s*Widerruf bestätigen\s*</button>", text_of(summary))
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count()).select_from(Withdrawal)) == 0
    done = client.post("/vertrag-widerrufen/bestaetigen", data=WORDS)
    assert done.status_code == 303
    with db.reading() as s:
        row = s.scalars(sa.select(Withdrawal)).one()
        assert (row.name, row.order_text, row.lines_text) == ("Käthe Kundin", "Z-9999", "nur das Buch")


@pytest.mark.law("B2")
def test_the_receipt_says_what_and_when_to_the_second(
    client: FlaskClient, database: str, config: Config, drain: Callable[[], int]
) -> None:
    address = client.post("/vertrag-widerrufen/bestaetigen", data=WORDS).headers["Location"]
    page = text_of(client.get(address))
    assert "23.11.2026 um 09:00:00 Uhr" in page
    assert "Diese Nachricht bestätigt nur den Eingang." in page
    assert "09:00:00 Uhr" in text_of(client.get(f"{address}?download"))
    drain()
    mails = [file.read_text() for file in Path(config.instance / "mail").glob("*.eml")]
    assert any("To: kundin@markt.example" in mail for mail in mails)


@pytest.mark.law("B2")
def test_a_declaration_cannot_be_changed_afterwards(client: FlaskClient, database: str) -> None:
    client.post("/vertrag-widerrufen/bestaetigen", data=WORDS)
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), db.transaction() as s:
        s.execute(sa.update(Withdrawal).values(name="jemand anderes"))


@pytest.mark.law("B1")
def test_the_order_number_is_optional_and_tells_nothing(client: FlaskClient, database: str) -> None:
    for number in ("", "gibt-es-nicht"):
        assert client.post("/vertrag-widerrufen", data={**WORDS, "order_text": number}).status_code == 200


def test_a_missing_mail_is_asked_for_beside_its_field_and_nothing_is_lost(client: FlaskClient, database: str) -> None:
    answer = client.post("/vertrag-widerrufen", data={**WORDS, "email": "quatsch"})
    page = text_of(answer)
    assert answer.status_code == 422
    assert re.search(r'id="email-error"[^>]*data-test="error"', page)
    assert "Käthe Kundin" in page
    assert "nur das Buch" in page


def test_a_forged_receipt_address_is_not_found(client: FlaskClient, database: str) -> None:
    assert client.get("/vertrag-widerrufen/eingang/IlctQUFBIg.forged").status_code == 404


@pytest.mark.law("B3")
@pytest.mark.parametrize(
    ("handed_over", "last"),
    [
        (datetime(2026, 12, 12, 11, tzinfo=UTC), date(2026, 12, 28)),  # ends on 26 Dec: holiday, Saturday, Sunday
        (datetime(2026, 11, 23, 11, tzinfo=UTC), date(2026, 12, 7)),
        (datetime(2026, 11, 23, 23, 30, tzinfo=UTC), date(2026, 12, 8)),  # local: already the 24th
        (datetime(2026, 12, 23, 11, tzinfo=UTC), date(2027, 1, 7)),  # ends on 6 Jan, a holiday here
    ],
)
def test_the_period_ends_on_a_workday(handed_over: datetime, last: date, config: Config) -> None:
    assert withdrawal.deadline(handed_over, config.region.subdivision) == last
