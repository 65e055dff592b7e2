"""The double refuses what the pinned API version would refuse: parameters against the library's own types."""

from __future__ import annotations

from typing import Any

import pytest
from stripe import params as v1
from stripe.params import checkout as v1_checkout
from stripe.params.v2 import core as v2

from payments.sandbox.api import CALLS
from payments.sandbox.brackets import decode
from payments.sandbox.schema import Rejected, check

GOOD_LINE = {"quantity": "1", "price_data": {"currency": "eur", "unit_amount": "100", "product_data": {"name": "x"}}}


def problems(params: dict[str, Any], shape: type, *, text_only: bool = True) -> dict[str, str]:
    with pytest.raises(Rejected) as rejected:
        check(params, shape, text_only=text_only)
    return dict(rejected.value.problems)


def test_the_old_word_hosted_is_refused_with_the_words_allowed_now() -> None:
    found = problems({"mode": "payment", "ui_mode": "hosted"}, v1_checkout.SessionCreateParams)
    assert found == {"$.ui_mode": "'hosted' not in ('elements', 'embedded_page', 'form', 'hosted_page')"}


def test_a_misspelt_parameter_is_unknown() -> None:
    assert problems({"sucess_url": "https://x"}, v1_checkout.SessionCreateParams) == {
        "$.sucess_url": "unknown parameter"
    }


def test_a_missing_currency_is_found_deep_inside() -> None:
    params = {"line_items": [GOOD_LINE, {"quantity": "1", "price_data": {"unit_amount": "100"}}]}
    assert problems(params, v1_checkout.SessionCreateParams) == {"$.line_items[1].price_data.currency": "missing"}


def test_a_transfer_knows_no_application_fee() -> None:
    params = {"amount": "1", "currency": "eur", "destination": "acct_1", "application_fee_amount": "1"}
    assert problems(params, v1.TransferCreateParams) == {"$.application_fee_amount": "unknown parameter"}


@pytest.mark.parametrize("wrong", ["1.5", "x", "", " 1", "1_0", "١"])
def test_what_is_no_whole_number_is_refused(wrong: str) -> None:
    assert problems({"amount": wrong}, v1.RefundCreateParams) == {"$.amount": f"{wrong!r} is no integer"}


def test_every_problem_is_told_at_once() -> None:
    params = {"line_items": [{"quantity": "many", "price_data": "x"}], "metadata": {"a": ["b"]}, "locale": "sachsen"}
    assert set(problems(params, v1_checkout.SessionCreateParams)) == {
        "$.line_items[0].quantity",
        "$.line_items[0].price_data",
        "$.metadata.a",
        "$.locale",
    }


def test_good_parameters_come_back_with_real_types() -> None:
    params = {"line_items": [GOOD_LINE], "automatic_tax": {"enabled": "true"}, "metadata": {"order": "17"}}
    checked = check(params, v1_checkout.SessionCreateParams, text_only=True)
    assert checked["line_items"][0] == {
        "quantity": 1,
        "price_data": {"currency": "eur", "unit_amount": 100, "product_data": {"name": "x"}},
    }
    assert checked["automatic_tax"] == {"enabled": True}
    assert checked["metadata"] == {"order": "17"}


def test_an_empty_text_may_unset_what_is_otherwise_free() -> None:
    for colour in ("", "#123456"):
        params = {"branding_settings": {"background_color": colour}}
        assert check(params, v1_checkout.SessionCreateParams, text_only=True) == params


def test_a_parameter_may_be_a_number_or_a_range() -> None:
    assert check({"created": "7"}, v1.TransferListParams, text_only=True) == {"created": 7}
    assert check({"created": {"gte": "7"}}, v1.TransferListParams, text_only=True) == {"created": {"gte": 7}}
    assert problems({"created": {"since": "7"}}, v1.TransferListParams) == {"$.created.since": "unknown parameter"}


def test_json_must_have_the_type_itself() -> None:
    recipient = {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": "true"}}}}
    params = {"configuration": {"recipient": recipient}, "dashboard": "express"}
    path = "$.configuration.recipient.capabilities.stripe_balance.stripe_transfers.requested"
    assert problems(params, v2.AccountCreateParams, text_only=False) == {path: "'true' is no boolean"}


def test_half_of_the_collectors_is_not_enough() -> None:
    params = {"defaults": {"responsibilities": {"fees_collector": "platform"}}}
    found = problems(params, v2.AccountCreateParams, text_only=False)
    assert "not in" in found["$.defaults.responsibilities.fees_collector"]
    assert found["$.defaults.responsibilities.losses_collector"] == "missing"


def test_the_checker_understands_every_type_of_every_call_of_the_double() -> None:
    for _, rule, shape, _ in CALLS:
        assert problems({"no_such_thing": "x"}, shape)["$.no_such_thing"] == "unknown parameter", rule


def test_brackets_become_hashes_and_lists() -> None:
    pairs = [("a[b][0][c]", "1"), ("a[b][1][c]", "2"), ("d", "3"), ("expand[]", "x"), ("expand[]", "y"), ("e[1]", "z")]
    assert decode(pairs) == {"a": {"b": [{"c": "1"}, {"c": "2"}]}, "d": "3", "expand": ["x", "y"], "e": {"1": "z"}}


@pytest.mark.parametrize(
    "pairs", [[("a", "1"), ("a[b]", "2")], [("a", "1"), ("a", "2")], [("a[b", "1")], [("[]", "1")]]
)
def test_names_that_contradict_each_other_are_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(Rejected):
        decode(pairs)
