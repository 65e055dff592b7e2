"""German words: stems, compounds, soft hyphens."""

from __future__ import annotations

import pytest

from market.core import german


@pytest.mark.parametrize("word", ["Käse", "Kaese", "Kase", "KÄSE"])
def test_umlauts_may_be_written_in_any_way(word: str) -> None:
    assert german.stem(word) == "kas"


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("Apfelsaft", ("apfel", "saft")),
        ("Schweinebraten", ("schweine", "braten")),
        ("Lindenblütenhonig", ("linden", "blüten", "honig")),
        ("Grünkohlpesto", ("pesto",)),  # only the head is known
        ("Wein", ()),
        ("Brot", ()),
        ("Zeitung", ()),
    ],
)
def test_compounds_come_apart_at_their_nouns(word: str, parts: tuple[str, ...]) -> None:
    assert german.parts(word) == parts


def test_the_head_of_a_compound_says_what_it_is() -> None:
    rye = german.analyse("Roggenknäckebrot")
    assert {"brot", "knackebrot"} <= set(rye.head)
    assert "rogg" in rye.rest
    knife = german.analyse("Brotmesser")
    assert "brot" not in knife.head
    assert "brot" in knife.rest


def test_a_pig_is_no_wine() -> None:
    assert not {"wein"} & {*german.analyse("Schweinebraten").head, *german.analyse("Schweinebraten").rest}


def test_numbers_are_one_term_and_little_words_none() -> None:
    assert german.tokens("Wein und Saft mit 0,75 l") == ["Wein", "Saft", "0,75", "l"]
    assert german.stem("0,75") == "0k75"


def test_soft_hyphens_stand_where_the_parts_meet() -> None:
    soft = german.SOFT_HYPHEN
    assert german.hyphenate("Lindenblütenhonig 500 g") == f"Linden{soft}blüten{soft}honig 500 g"
    assert german.hyphenate("Grünkohlpesto") == f"Grünkohl{soft}pesto"
    assert german.hyphenate("Apfelsaft") == "Apfelsaft"
    assert german.tokens(german.hyphenate("Lindenblütenhonig")) == ["Lindenblütenhonig"]


def test_beech_wood_is_no_book() -> None:
    assert german.stem("Buche") == german.stem("Buchen") != german.stem("Buch") == german.stem("Büchern")
