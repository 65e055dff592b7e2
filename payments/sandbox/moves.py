"""Refunds, transfers, reversals and the platform's balance, with the limits Stripe puts on them.

Every function runs inside `store.transaction()`; it checks first and writes afterwards. Error codes marked "ours" are
plausible, not confirmed by Stripe's documents.
"""

from typing import Any

from payments.sandbox.accounts import can_receive
from payments.sandbox.answers import Refusal, demanded, known
from payments.sandbox.store import Object, Store, new_id
from payments.sandbox.webhooks import emit


def create_refund(store: Store, params: dict[str, Any]) -> Object:
    """Give money of a charge back. Transfers stay as they are."""
    charge = _charge_of(store, params)
    left = charge["amount_captured"] - charge["amount_refunded"]
    if not charge["paid"]:
        raise Refusal("This charge has not succeeded.", code="charge_not_refundable")  # code: ours
    if left == 0:
        raise Refusal("Charge has already been refunded.", code="charge_already_refunded")
    amount = _positive(params.get("amount", left))
    if amount > left:
        raise Refusal(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount")
    for name in ("reverse_transfer", "refund_application_fee"):
        if params.get(name):
            raise Refusal(f"{name} does not go with separate charges and transfers.", param=name)
    refund = _record(store, "re", "refund", amount, params)
    refund |= {"charge": charge["id"], "payment_intent": charge["payment_intent"], "status": "succeeded"}
    refund["reason"] = params.get("reason")
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    store.put(charge)
    store.put(refund)
    emit(store, "refund.created", refund)
    emit(store, "charge.refunded", charge)
    return refund


def fail_refund(store: Store, ident: str) -> Object:
    """A refund does not reach the payer (a closed card or account): its money is back on the balance. Once."""
    refund = known(store, "refund", ident)
    if refund["status"] != "succeeded":
        return refund
    charge = known(store, "charge", refund["charge"])
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    refund |= {"status": "failed", "failure_reason": "lost_or_stolen_card"}
    store.put(charge)
    store.put(refund)
    emit(store, "refund.failed", refund)
    return refund


def _charge_of(store: Store, params: dict[str, Any]) -> Object:
    if "charge" in params:
        return known(store, "charge", params["charge"], "charge")
    if "payment_intent" not in params:
        raise demanded("payment_intent")
    intent = known(store, "payment_intent", params["payment_intent"], "payment_intent")
    return known(store, "charge", intent["latest_charge"] or "", "payment_intent")


def create_transfer(store: Store, params: dict[str, Any]) -> Object:
    """Pass money on to a connected account."""
    if "amount" not in params:
        raise demanded("amount")
    amount = _positive(params["amount"])
    if params["currency"] != "eur":
        raise Refusal("The double knows euro only.", param="currency")
    if not can_receive(store, params["destination"]):
        raise Refusal(
            "Your destination account needs the stripe_transfers capability to be active.",
            code="insufficient_capabilities_for_transfer",
            param="destination",
        )
    group = params.get("transfer_group")
    if "source_transaction" in params:
        group = _check_source(store, params["source_transaction"], amount, group)
    elif amount > balance(store):
        raise Refusal("Insufficient funds in your account.", code="balance_insufficient")
    transfer = _record(store, "tr", "transfer", amount, params)
    transfer |= {
        "amount_reversed": 0,
        "description": params.get("description"),
        "destination": params["destination"],
        "reversed": False,
        "source_transaction": params.get("source_transaction"),
        "transfer_group": group,
    }
    store.put(transfer)
    emit(store, "transfer.created", transfer)
    return transfer


def _check_source(store: Store, ident: str, amount: int, group: str | None) -> str | None:
    """The transfer group, after the limits of the charge the money comes from."""
    charge = known(store, "charge", ident, "source_transaction")
    if not charge["paid"]:
        raise Refusal("The source charge has not succeeded.", param="source_transaction")
    if charge["transfer_group"] and group not in (None, charge["transfer_group"]):
        raise Refusal("transfer_group differs from the one of the source charge.", param="transfer_group")
    before = store.find("transfer", source_transaction=ident)
    passed_on = sum(each["amount"] - each["amount_reversed"] for each in before)
    if passed_on + amount > charge["amount"]:
        raise Refusal(
            f"Transfers using this transaction as a source must not exceed the source amount of {charge['amount']}. "
            f"(There are already transfers using this source, amounting to a total of {passed_on}.)",
            param="amount",
        )
    return group or charge["transfer_group"]


def create_reversal(store: Store, ident: str, params: dict[str, Any]) -> Object:
    """Take money of a transfer back."""
    transfer = known(store, "transfer", ident)
    left = transfer["amount"] - transfer["amount_reversed"]
    if left == 0:
        raise Refusal("This transfer has already been fully reversed.", code="transfer_already_reversed")  # code: ours
    amount = _positive(params.get("amount", left))
    if amount > left:
        raise Refusal(f"Reversal amount ({amount}) is greater than what is left of the transfer ({left})")
    reversal = _record(store, "trr", "transfer_reversal", amount, params) | {"transfer": ident}
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    store.put(transfer)
    store.put(reversal)
    emit(store, "transfer.reversed", transfer)
    return reversal


def balance(store: Store) -> int:
    """Cents on the platform's balance: charged less fees, transfers and refunds, plus reversals. May be negative."""
    charged = sum(each["net"] for each in store.find("balance_transaction"))
    passed_on = sum(each["amount"] - each["amount_reversed"] for each in store.find("transfer"))
    given_back = sum(each["amount"] for each in store.find("refund", status="succeeded"))
    return int(charged - passed_on - given_back)


def _positive(amount: int) -> int:
    if amount < 1:
        raise Refusal(
            "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount"
        )
    return amount


def _record(store: Store, prefix: str, kind: str, amount: int, params: dict[str, Any]) -> Object:
    return {
        "id": new_id(prefix),
        "object": kind,
        "amount": amount,
        "balance_transaction": None,
        "created": store.now(),
        "currency": "eur",
        "livemode": False,
        "metadata": params.get("metadata", {}),
    }
