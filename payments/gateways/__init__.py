"""Online payment as a few verbs.

Use cases know this module only. The one implementation is `payments.gateways.stripe`; `make run` without keys and the
tests point that same implementation at our double (`payments.sandbox`). No vendor object leaves this folder.

All money is euro in whole cents (`Money`), all instants are aware UTC.

About repeating a call: every verb that changes something takes an `idempotency_key` derived from a row of ours. The
same key with the same arguments gives the same object for at least 24 hours, whatever happened to the first answer.
The same key with other arguments is `GatewayRefused`. A refusal is remembered too: asking again after its reason is
gone (the merchant signed up meanwhile) needs a new key, e.g. `transfer:<row>:2`. Put something random of the row into
the key: the vendor remembers keys longer than a developer keeps a database, and a database restored from yesterday's
backup gives yesterday's numbers out again.
A verb with `repeated` may be called again after days: pass True when an earlier call may have reached the gateway,
then the object is looked for before one is made. It is known by its `mark` (default: the key), which stays the same
over all keys that were tried for one row of ours, and by its amount.

    GatewayError
    ├── GatewayDown      nobody answered, or not now: try again later with the same key
    ├── GatewayRefused   the gateway understood and said no: trying again changes nothing
    └── BadSignature     a webhook that is not from the gateway, too old, or not an event
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from market.core.money import Money
from market.core.outbox import NotNow


class GatewayError(Exception):
    """Base of everything a gateway raises."""


class GatewayDown(GatewayError, NotNow):
    """Network trouble, a timeout, 5xx or "too many requests": the call may or may not have had its effect."""


class GatewayRefused(GatewayError):
    """The gateway answered 4xx. `reason` is its own (English) sentence: for logs and staff, never for shoppers."""

    def __init__(self, reason: str, *, status: int, code: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status  # HTTP status, 404 = no such object
        self.code = code  # the gateway's machine word, e.g. "charge_already_refunded"


class BadSignature(GatewayError):
    """Answer 400 and store nothing."""


class PageState(StrEnum):
    """Where a hosted payment page stands. Read it as a fact of now; events may arrive late, twice or out of order."""

    OPEN = "open"  # can still be paid
    PAID = "paid"  # the money is there
    UNPAID_PROCESSING = "unpaid_processing"  # promised by a slow method (SEPA): may still succeed or fail, for days
    EXPIRED = "expired"  # closed for good without money; `PageStatus.late_failure` tells a failed slow payment


@dataclass(frozen=True, slots=True)
class PaymentPage:
    """A hosted page somebody can pay on."""

    reference: str  # ask `fetch_page` with it; at most 255 characters
    url: str  # where the shopper goes; single use, do not store it for others


@dataclass(frozen=True, slots=True)
class PageStatus:
    """What the gateway knows about one page right now."""

    reference: str
    state: PageState
    payment_intent: str | None  # None until somebody tried to pay
    charge: str | None  # what `refund` and `transfer` want; None until money moved
    amount_received: Money  # 0 unless PAID
    refunded: Money  # sum of all refunds of the charge, also those made in the gateway's own dashboard
    fee: Money | None  # what the gateway kept for itself; None while it is not known
    late_failure: bool = False  # a slow payment that failed after the page was closed
    payment_id: str | None = None  # what `open_page` was given


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """A hint that something changed. Fetch the object; never believe the order of events."""

    id: str  # unique per event, the same when it is sent again
    type: str  # e.g. "checkout.session.completed"
    reference: str  # of the object it is about: page reference, charge id, transfer id ...
    created: datetime


class Gateway(Protocol):
    """Every verb raises GatewayDown or GatewayRefused. None may be called inside a database transaction."""

    def open_page(
        self,
        *,
        payment_id: str,
        order_number: str,
        amount: Money,
        description: str,
        success_url: str,
        cancel_url: str,
        expires_at: datetime,
        transfer_group: str,
        idempotency_key: str,
        customer_email: str | None = None,
    ) -> PaymentPage:
        """Open a hosted page for the whole order. Shows the order number and the description, never the shopping list.

        `expires_at` is when OUR hold ends: keep it in the row and pass the same value when repeating. The page lives
        a few minutes longer (the vendor demands 30 minutes from its own clock), so call `expire_page` when the hold
        ends. `amount` is at least 50 cents. `transfer_group` ties later transfers to this payment.
        """
        ...

    def fetch_page(self, reference: str) -> PageStatus:
        """Ask how a page stands now. Changes nothing."""
        ...

    def expire_page(self, reference: str) -> PageStatus:
        """Close an open page and say how it stands. Safe to repeat; a page paid meanwhile comes back as PAID."""
        ...

    def refund(
        self, *, charge: str, amount: Money, idempotency_key: str, mark: str | None = None, repeated: bool = False
    ) -> str:
        """Give `amount` of a charge back to the payer; returns the refund's reference. Touches no transfer.

        A refund that was taken on may still fail days later (a closed card): an event tells, `refund_failed` knows.
        """
        ...

    def refund_failed(self, reference: str) -> bool:
        """Whether a refund did not reach the payer after all: the money is back with us. Changes nothing."""
        ...

    def transfer(
        self,
        *,
        charge: str,
        destination: str,
        amount: Money,
        transfer_group: str,
        idempotency_key: str,
        mark: str | None = None,
        repeated: bool = False,
    ) -> str:
        """Pass `amount` of a charge on to a merchant's account; returns the transfer's reference.

        The sum over one charge must not exceed the charge. `transfer_group` is the one given to `open_page`.
        """
        ...

    def reverse(
        self, *, transfer: str, amount: Money, idempotency_key: str, mark: str | None = None, repeated: bool = False
    ) -> str:
        """Take `amount` of a transfer back from the merchant's account; returns the reversal's reference."""
        ...

    def read_event(self, payload: bytes, signature: str) -> GatewayEvent:
        """Verify and read a webhook from its raw body and its signature header. Makes no call. Raises BadSignature."""
        ...

    def create_account(self, *, name: str, email: str, idempotency_key: str) -> str:
        """Make the account a merchant is paid out to; returns its id. It is not ready until the merchant signed up."""
        ...

    def account_ready(self, account: str) -> bool:
        """Whether transfers to this account are accepted now. Changes nothing."""
        ...

    def onboarding_url(self, account: str, *, return_url: str, refresh_url: str) -> str:
        """A fresh link to the vendor's sign-up pages. It works once and for minutes: mint it on the click."""
        ...
