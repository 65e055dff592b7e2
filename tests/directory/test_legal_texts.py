"""A merchant's law texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from jinja2 import UndefinedError
from sqlalchemy.orm import Session

from market.core import config as configuration
from market.core import db
from market.core.config import Config
from market.directory import legal_texts
from market.directory.legal_texts import blocks, imprint_rows, withdrawal_form, withdrawal_instruction
from market.directory.models import Merchant
from tests.factories.directory import make_merchant, zeitz

HINT_3 = (
    "Sie können Ihr Widerrufsrecht auch online unter https://markt.example/vertrag-widerrufen ausüben. Wenn Sie diese "
    "Online-Funktion nutzen, übermitteln wir Ihnen auf einem dauerhaften Datenträger (z. B. durch eine E-Mail) "
    "unverzüglich eine Eingangsbestätigung mit Informationen zum Inhalt der Widerrufserklärung sowie dem Datum und "
    "der Uhrzeit ihres Eingangs."
)


@pytest.fixture
def s(database: str, config: Config) -> Iterator[Session]:
    configuration.use(config)
    with db.transaction() as session:
        yield session


def instruction(merchant: Merchant) -> str:
    return withdrawal_instruction(merchant, zeitz(), "https://markt.example")


@pytest.mark.law("B5")
def test_the_instruction_names_the_merchant_and_the_online_function_word_for_word(s: Session) -> None:
    merchant = make_merchant(s, legal_name="Sonnenhut e. K.", phone="03441 1", email="hof@sonnenhut.example")
    text = instruction(merchant)
    assert HINT_3 in text
    assert "Sonnenhut e. K., Wendische Straße 3, 06712 Zeitz, Telefon 03441 1, E-Mail hof@sonnenhut.example" in text
    assert "binnen vierzehn Tagen" in text
    assert "die letzte Ware in Besitz genommen" in text
    assert "{{" not in text


@pytest.mark.law("B5")
@pytest.mark.parametrize(
    ("fields", "there", "absent"),
    [
        ({}, "Sie tragen die unmittelbaren Kosten", "Wir holen die Waren ab"),
        ({"pays_return": True}, "Wir tragen die Kosten der Rücksendung", "Sie tragen die unmittelbaren"),
        ({"collects_return": True}, "Wir holen die Waren ab.", "zurückzusenden"),
    ],
)
def test_the_merchants_choice_of_hints_is_in_the_text(
    s: Session, fields: dict[str, Any], there: str, absent: str
) -> None:
    text = instruction(make_merchant(s, **fields))
    assert there in text
    assert absent not in text


def test_who_collects_cannot_hold_the_refund_back(s: Session) -> None:
    assert "Rückzahlung verweigern" in instruction(make_merchant(s))
    assert "Rückzahlung verweigern" not in instruction(make_merchant(s, collects_return=True))


@pytest.mark.law("B5")
def test_the_form_goes_to_the_merchant(s: Session) -> None:
    text = withdrawal_form(make_merchant(s, legal_name="Sonnenhut e. K."))
    assert "– An Sonnenhut e. K., Wendische Straße 3" in text
    assert "(*) Unzutreffendes streichen." in text


def test_a_draft_says_so_and_a_reviewed_copy_of_the_operator_is_used_instead(s: Session, config: Config) -> None:
    merchant = make_merchant(s, legal_name="Sonnenhut e. K.")
    assert instruction(merchant).startswith("Muster ohne Gewähr – vor dem Live-Betrieb anwaltlich prüfen lassen.")
    own = config.instance / "legal"
    own.mkdir(parents=True)
    (own / "widerrufsbelehrung.md").write_text(
        '---\nstatus: geprüft\nreviewed_by: "RAin Beispiel"\n---\nGeprüft für {{ merchant.legal_name }}.\n', "utf-8"
    )
    assert instruction(merchant) == "Geprüft für Sonnenhut e. K..\n"


def test_a_wrong_placeholder_is_an_error_not_a_gap(s: Session, config: Config) -> None:
    own = config.instance / "legal"
    own.mkdir(parents=True)
    (own / "widerrufsformular.md").write_text("An {{ haendler }}", "utf-8")
    with pytest.raises(UndefinedError):
        withdrawal_form(make_merchant(s))


@pytest.mark.law("F15")
def test_the_imprint_leaves_out_what_is_empty(s: Session) -> None:
    rows = dict(imprint_rows(make_merchant(s, vat_id="", register="")))
    assert "Anbieter" in rows
    assert "Umsatzsteuer-Identifikationsnummer" not in rows


@pytest.mark.law("F15")
def test_dispute_settlement_is_the_merchants_choice(s: Session) -> None:
    merchant = make_merchant(s)
    assert legal_texts.dispute_settlement(merchant).startswith("Wir sind nicht bereit und nicht verpflichtet")
    merchant.dispute_settlement = True
    assert "Schlichtung" in legal_texts.dispute_settlement(merchant)


def test_text_becomes_headings_paragraphs_and_lists() -> None:
    found = blocks("Titel\n-----\n\nEin Satz\nund weiter.\n\n- eins\n- zwei\n")
    assert [(block.kind, block.lines) for block in found] == [
        ("heading", ("Titel",)),
        ("paragraph", ("Ein Satz", "und weiter.")),
        ("list", ("eins", "zwei")),
    ]


def test_the_operators_folder_is_read_at_each_call(s: Session, config: Config) -> None:
    configuration.use(replace(config, instance=config.instance / "other"))
    assert "Muster-Widerrufsformular" in withdrawal_form(make_merchant(s))
