"""Law pages: within reach, marked as drafts until somebody reviewed them, and what stands on them is ours."""

from __future__ import annotations

import email
import re
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from market.core import db
from market.core.config import ROOT, Config
from market.core.models import Mail
from market.core.money import Money
from market.directory.legal_texts import DRAFT
from tests.factories.delivery import make_zone

pytestmark = pytest.mark.usefixtures("database")

OPERATOR_PAGES = (
    "impressum", "datenschutz", "agb", "kontaktstellen", "jugendschutz", "lieferung-und-zahlung", "barrierefreiheit",
)  # fmt: skip


def test_every_link_of_the_footer_leads_to_a_page_with_one_heading(client: FlaskClient) -> None:
    footer = client.get("/anmelden").text.rpartition("<footer")[2]
    links = sorted({link for link in re.findall(r'href="(/[^"#]*)"', footer) if not link.startswith("/static/")})
    assert {f"/{name}" for name in OPERATOR_PAGES} | {"/widerrufsbelehrung", "/gewaehrleistung"} <= set(links)
    for link in links:
        page = client.get(link)
        assert page.status_code == 200, link
        assert len(re.findall(r"<h1[\s>]", page.text)) == 1, link


@pytest.mark.parametrize("name", OPERATOR_PAGES)
def test_a_draft_says_so_until_a_reviewed_copy_lies_in_the_instance(
    client: FlaskClient, config: Config, name: str
) -> None:
    assert "Muster ohne Gewähr" in DRAFT
    assert DRAFT in client.get(f"/{name}").text
    folder = config.instance / "legal"
    folder.mkdir(parents=True, exist_ok=True)
    text = "Geprüfter Text\n--------------\n\nVon {{ market_name }} und der Kanzlei.\n"
    (folder / f"{name}.md").write_text(f'---\nreviewed_by: "Kanzlei Muster"\n---\n{text}', encoding="utf-8")
    reviewed = client.get(f"/{name}").text
    assert "Muster ohne Gewähr" not in reviewed
    assert "<h1>Geprüfter Text</h1>" in reviewed
    assert f"Von {config.region.market_name} und der Kanzlei." in reviewed


def test_a_copy_nobody_reviewed_stays_a_draft(client: FlaskClient, config: Config) -> None:
    folder = config.instance / "legal"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "agb.md").write_text('---\nreviewed_by: ""\n---\nEigene AGB\n----------\n\nText.\n', encoding="utf-8")
    page = client.get("/agb").text
    assert "Eigene AGB" in page
    assert DRAFT in page


@pytest.mark.law("F15")
def test_nothing_points_to_the_dispute_platform_that_was_switched_off() -> None:
    files = [path for folder in ("templates", "regions") for path in _texts(ROOT / folder)]
    assert len(files) > 100
    gone = "ec.europa.eu/consumers/" + "odr"
    assert [path for path in files if gone in path.read_text(encoding="utf-8")] == []


def _texts(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.suffix in {".html", ".txt", ".md", ".toml", ".xml"}]


class TestBarriers:
    @pytest.mark.parametrize(("typed", "field"), [
        ({"text": "", "email": ""}, "text"),
        ({"text": "Der Knopf ist stumm.", "email": "kein-at"}, "email"),
        ({"text": "x" * 2001, "email": ""}, "text"),
    ])  # fmt: skip
    def test_wrong_input_is_told_beside_its_field_and_sends_nothing(
        self, client: FlaskClient, typed: dict[str, str], field: str
    ) -> None:
        answer = client.post("/barrierefreiheit", data=typed)
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text
        assert typed["text"][:20] in answer.text
        assert self.mails() == []

    def test_a_message_is_mailed_with_the_way_to_answer(
        self, client: FlaskClient, config: Config, drain: Callable[[], int]
    ) -> None:
        typed = {"text": "Der Knopf Weiter ist stumm.", "email": "nutzer@beispiel.example"}
        answer = client.post("/barrierefreiheit", data=typed)
        assert (answer.status_code, answer.location) == (303, "/barrierefreiheit")
        assert "Danke! Wir kümmern uns darum." in client.get("/barrierefreiheit").text
        (mail,) = self.mails()
        assert "Der Knopf Weiter ist stumm." in mail
        assert "nutzer@beispiel.example" in mail
        drain()
        assert len(list((config.instance / "mail").glob("*.eml"))) == 1

    def mails(self) -> list[str]:
        with db.reading() as s:
            found = [email.message_from_string(mime, policy=default) for mime in s.scalars(sa.select(Mail.mime))]
        bodies = [one.get_body(("plain",)) for one in found if isinstance(one, EmailMessage)]
        return [str(body.get_content()) for body in bodies if body is not None]


class TestDeliveryAndPayment:
    def test_without_zones_it_says_that_collecting_always_works(self, client: FlaskClient) -> None:
        assert "Zurzeit liefern wir nicht. Abholen geht immer." in client.get("/lieferung-und-zahlung").text

    def test_every_zone_shows_its_places_fee_and_minimum(self, client: FlaskClient) -> None:
        with db.transaction() as s:
            make_zone(s, ("06712", "Zeitz"), name="Innenstadt", fee=Money(290), minimum=Money(1500))
            make_zone(s, ("06711", "Theißen"), name="Dörfer", fee=Money(590))
            make_zone(s, ("04600", "Altenburg"), name="Stillgelegt").active = False
        page = client.get("/lieferung-und-zahlung").text.replace("\N{NO-BREAK SPACE}", " ")
        for shown in ("Innenstadt", "06712 Zeitz", "2,90 €", "15,00 €", "Dörfer", "06711 Theißen", "5,90 €"):
            assert shown in page, shown
        assert "Stillgelegt" not in page
