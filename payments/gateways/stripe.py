"""The gateway on Stripe: hosted Checkout, separate charges and transfers, Accounts v2.

The platform is merchant of record towards Stripe; its commission is what it does not transfer. Which of this has met
the real Stripe, and which only our double: docs/sandbox.md.
"""

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import stripe

from market.core import clock
from market.core.money import Money
from payments.gateways import (
    BadSignature,
    GatewayDown,
    GatewayEvent,
    GatewayRefused,
    PageState,
    PageStatus,
    PaymentPage,
)

if TYPE_CHECKING:
    from stripe.params.checkout import SessionCreateParams
    from stripe.params.v2.core import AccountCreateParams

# Telemetry sends timings and writes an id into the home directory of whoever runs the market. Neither is our business.
stripe.enable_telemetry = False

CURRENCY = "eur"
TIMEOUT = (2.0, 8.0)  # seconds to connect, seconds to wait for an answer; a shopper is waiting behind it
RETRIES = 1  # by the library itself, with the same idempotency key
WEBHOOK_TOLERANCE = 300  # seconds a signature stays good

PAGE_MINIMUM = timedelta(minutes=30)  # Stripe refuses a page that would close earlier, counted from its own clock
PAGE_GRACE = timedelta(minutes=5)  # how long a page outlives our hold, so that a repeated call sends the same body
CLOCK_MARGIN = timedelta(minutes=1)
LATE_STEP = timedelta(minutes=10)

MARK = "market_key"  # metadata: which row of ours an object was made for, to find it after Stripe forgot the key
LOST = ("failed", "canceled")  # a refund that gives nobody anything
# What the library raises for a body no event looks like: garbage in the header, no JSON, a thin v2 event.
_NO_EVENT = (ValueError, LookupError, AttributeError, TypeError)
SEARCHED = 100  # objects looked through per page of a list


class StripeGateway:
    """One per process; threads may share it (the library keeps one connection pool per thread)."""

    def __init__(
        self,
        secret_key: str,
        webhook_secret: str,
        *,
        api_base: str | None = None,
        timeout: tuple[float, float] = TIMEOUT,
        retries: int = RETRIES,
    ) -> None:
        """`api_base` points at the double (scheme, host and port); None is Stripe. `timeout` is in seconds."""
        self._webhook_secret = webhook_secret
        self._client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_base.rstrip("/")} if api_base else None,
            max_network_retries=retries,
            http_client=stripe.RequestsClient(timeout=timeout),
        )

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
        """See Gateway.open_page."""
        closes, key = self._closing(expires_at, idempotency_key)
        metadata = {"payment_id": payment_id, "order_number": order_number}
        params: SessionCreateParams = {
            "mode": "payment",
            "ui_mode": "hosted_page",
            "locale": "de",
            "submit_type": "pay",
            "adaptive_pricing": {"enabled": False},  # or Stripe offers other currencies, and our cents are euro
            "success_url": success_url,
            "cancel_url": cancel_url,
            "expires_at": int(closes.timestamp()),
            "client_reference_id": payment_id,
            "metadata": metadata,
            # One line only: the payment company needs the sum, not what somebody eats, reads or takes.
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": CURRENCY,
                        "unit_amount": amount.cents,
                        "product_data": {"name": f"Bestellung {order_number}", "description": description},
                    },
                }
            ],
            "payment_intent_data": {
                "description": f"Bestellung {order_number}",
                "transfer_group": transfer_group,
                "metadata": metadata,
            },
        }
        try:
            session = self._open(params | ({"customer_email": customer_email} if customer_email else {}), key)
        except GatewayRefused as refused:
            if refused.code != "email_invalid":
                raise
            session = self._open(params, f"{key}:plain")  # Stripe is stricter than the mail; it is a convenience only
        if session.url is None:  # a replay of a page that was closed meanwhile
            raise GatewayRefused("the page of this key is closed", status=409, code="page_closed")
        return PaymentPage(reference=session.id, url=session.url)

    def _open(self, params: "SessionCreateParams", key: str) -> stripe.checkout.Session:
        with _our_errors():
            return self._client.v1.checkout.sessions.create(params, {"idempotency_key": key})

    def _closing(self, expires_at: datetime, key: str) -> tuple[datetime, str]:
        """When the page closes and under which key it is made.

        A first call and its quick repeats send the same time. A repeat minutes later would be under Stripe's minimum:
        it gets a new time and, because the body differs, a key of its own. Should the first call have made a page,
        nobody ever saw its address, so nobody can pay it.
        """
        closes = expires_at + PAGE_GRACE
        earliest = clock.now() + PAGE_MINIMUM + CLOCK_MARGIN
        if closes >= earliest:
            return closes, key
        step = LATE_STEP.total_seconds()
        late = math.ceil(earliest.timestamp() / step) * step
        return datetime.fromtimestamp(late, UTC), f"{key}:{int(late)}"

    def fetch_page(self, reference: str) -> PageStatus:
        """See Gateway.fetch_page."""
        with _our_errors():
            session = self._client.v1.checkout.sessions.retrieve(
                reference, {"expand": ["payment_intent.latest_charge.balance_transaction"]}
            )
        return _page_status(session)

    def expire_page(self, reference: str) -> PageStatus:
        """See Gateway.expire_page."""
        try:
            with _our_errors():
                self._client.v1.checkout.sessions.expire(reference)
        except GatewayRefused as refused:
            if refused.status == 404:
                raise
            # Not open any more: somebody paid, or it expired by itself. The fetch tells which.
        return self.fetch_page(reference)

    def refund(
        self, *, charge: str, amount: Money, idempotency_key: str, mark: str | None = None, repeated: bool = False
    ) -> str:
        """See Gateway.refund."""
        mark = mark or idempotency_key
        with _our_errors():
            if repeated:
                refunds = self._client.v1.refunds.list({"charge": charge, "limit": SEARCHED}).auto_paging_iter()
                if found := _marked((each for each in refunds if each.status not in LOST), mark, amount):
                    return found
            made = self._client.v1.refunds.create(
                {"charge": charge, "amount": amount.cents, "metadata": {MARK: mark}},
                {"idempotency_key": idempotency_key},
            )
        if made.status in LOST:
            raise GatewayRefused(f"the refund {made.status}", status=402, code="refund_failed")
        return made.id

    def refund_failed(self, reference: str) -> bool:
        """See Gateway.refund_failed."""
        with _our_errors():
            return self._client.v1.refunds.retrieve(reference).status in LOST

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
        """See Gateway.transfer."""
        mark = mark or idempotency_key
        with _our_errors():
            if repeated:
                transfers = self._client.v1.transfers.list({"transfer_group": transfer_group, "limit": SEARCHED})
                if found := _marked(transfers.auto_paging_iter(), mark, amount):
                    return found
            return self._client.v1.transfers.create(
                {
                    "amount": amount.cents,
                    "currency": CURRENCY,
                    "destination": destination,
                    "source_transaction": charge,
                    "transfer_group": transfer_group,
                    "metadata": {MARK: mark},
                },
                {"idempotency_key": idempotency_key},
            ).id

    def reverse(
        self, *, transfer: str, amount: Money, idempotency_key: str, mark: str | None = None, repeated: bool = False
    ) -> str:
        """See Gateway.reverse."""
        mark = mark or idempotency_key
        with _our_errors():
            if repeated:
                reversals = self._client.v1.transfers.reversals.list(transfer, {"limit": SEARCHED})
                if found := _marked(reversals.auto_paging_iter(), mark, amount):
                    return found
            return self._client.v1.transfers.reversals.create(
                transfer,
                {"amount": amount.cents, "metadata": {MARK: mark}},
                {"idempotency_key": idempotency_key},
            ).id

    def read_event(self, payload: bytes, signature: str) -> GatewayEvent:
        """See Gateway.read_event."""
        if not self._webhook_secret:  # an empty key would be everybody's key
            raise BadSignature("no webhook secret is configured")
        try:
            event = self._client.construct_event(payload, signature, self._webhook_secret, WEBHOOK_TOLERANCE)
            return GatewayEvent(
                id=event.id,
                type=event.type,
                reference=str(event.data.object["id"]),
                created=datetime.fromtimestamp(event.created, UTC),
            )
        except (stripe.SignatureVerificationError, *_NO_EVENT) as wrong:
            raise BadSignature(str(wrong)) from wrong

    def create_account(self, *, name: str, email: str, idempotency_key: str) -> str:
        """See Gateway.create_account."""
        params: AccountCreateParams = {
            "display_name": name,
            "contact_email": email,
            "dashboard": "express",
            "identity": {"country": "de"},
            "defaults": {
                "currency": CURRENCY,
                "locales": ["de-DE"],
                "responsibilities": {"fees_collector": "application", "losses_collector": "application"},
            },
            # Transfers only. Asking for card payments too would make the merchant's sign-up longer for nothing.
            "configuration": {
                "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}
            },
        }
        with _our_errors():
            return self._client.v2.core.accounts.create(params, {"idempotency_key": idempotency_key}).id

    def account_ready(self, account: str) -> bool:
        """See Gateway.account_ready."""
        with _our_errors():
            found = self._client.v2.core.accounts.retrieve(account, {"include": ["configuration.recipient"]})
        node: object = found.to_dict()
        for step in ("configuration", "recipient", "capabilities", "stripe_balance", "stripe_transfers", "status"):
            node = node.get(step) if isinstance(node, dict) else None
        return node == "active"

    def onboarding_url(self, account: str, *, return_url: str, refresh_url: str) -> str:
        """See Gateway.onboarding_url."""
        with _our_errors():
            return self._client.v2.core.account_links.create(
                {
                    "account": account,
                    "use_case": {
                        "type": "account_onboarding",
                        "account_onboarding": {"return_url": return_url, "refresh_url": refresh_url},
                    },
                }
            ).url


def _page_status(session: stripe.checkout.Session) -> PageStatus:
    intent = session.payment_intent
    intent = intent if isinstance(intent, stripe.PaymentIntent) else None
    charge = intent.latest_charge if intent else None
    charge = charge if isinstance(charge, stripe.Charge) else None
    if charge is not None and charge.status != "succeeded":
        charge = None  # declined or still promised: nothing anybody could refund or pass on
    if intent is not None and intent.currency != CURRENCY:
        raise GatewayRefused(f"page {session.id} takes {intent.currency}", status=400, code="currency")
    booked = charge.balance_transaction if charge else None
    state = _page_state(session, intent)
    return PageStatus(
        reference=session.id,
        state=state,
        payment_intent=intent.id if intent else None,
        charge=charge.id if charge else None,
        amount_received=Money(intent.amount_received if intent else 0),
        refunded=Money(charge.amount_refunded if charge else 0),
        fee=Money(booked.fee) if isinstance(booked, stripe.BalanceTransaction) else None,
        late_failure=state is PageState.EXPIRED and session.status == "complete",
        payment_id=session.client_reference_id,
    )


def _page_state(session: stripe.checkout.Session, intent: stripe.PaymentIntent | None) -> PageState:
    if session.payment_status == "paid":
        return PageState.PAID
    if session.status == "open":
        return PageState.OPEN
    if session.status == "complete" and intent is not None and intent.status == "processing":
        return PageState.UNPAID_PROCESSING
    return PageState.EXPIRED


def _marked(
    objects: Iterable[stripe.Refund | stripe.Transfer | stripe.TransferReversal], mark: str, amount: Money
) -> str | None:
    for each in objects:
        known = each.metadata is not None and each.metadata.to_dict().get(MARK) == mark
        if known and each.amount == amount.cents:
            return each.id
    return None


@contextmanager
def _our_errors() -> Iterator[None]:
    try:
        yield
    except stripe.StripeError as error:
        status = error.http_status or 0
        # 409 is "another call with this key is running", 429 "too many": both are over in a moment.
        if not 400 <= status < 500 or status in (409, 429):
            raise GatewayDown(str(error)) from error
        raise GatewayRefused(error.user_message or str(error), status=status, code=error.code) from error
