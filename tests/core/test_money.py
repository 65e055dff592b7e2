"""Money is whole cents, added exactly and split without losing one."""

import pytest

from market.core.money import BadAmount, Money, parse, split, total


def test_a_float_is_an_error_and_not_a_rounding() -> None:
    with pytest.raises(TypeError):
        Money(3.5)  # type: ignore[arg-type]  # that is the point


def test_german_amounts_are_read() -> None:
    assert [parse(t).cents for t in ("3,49", "3,5", "12", "1.234,50 €", "0,05 Euro")] == [349, 350, 1200, 123450, 5]


@pytest.mark.parametrize(
    "text",
    ["", "abc", "-1", "1.23", "1,234", "3,4,5", "12.34,00", "99999999", "1.000.000.000", "999.999.999.999.999.999.999"],
)
def test_what_is_no_amount_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadAmount, match="kein Betrag"):
        parse(text)


def test_vat_is_taken_out_of_the_gross_once() -> None:
    assert Money(1190).vat_included(1900) == Money(190)
    assert Money(107).vat_included(700) == Money(7)
    assert Money(100).vat_included(0) == Money(0)


def test_a_split_adds_up_to_the_cent() -> None:
    parts = split(Money(490), [1, 1, 1])
    assert total(parts) == Money(490)
    assert [p.cents for p in parts] == [164, 163, 163]


def test_a_split_without_weights_goes_to_the_first() -> None:
    assert split(Money(5), [0, 0]) == [Money(5), Money(0)]


def test_money_is_shown_with_a_space_that_never_breaks() -> None:
    assert str(Money(123456)) == "1.234,56\N{NO-BREAK SPACE}€"
    assert str(Money(-5)) == "-0,05\N{NO-BREAK SPACE}€"
