"""The gateway on paper: the whole Protocol in this process, fast, for tests that play hundreds of moves.

It keeps the vendor's rules (one effect per key, the same key with other arguments refused, refunds up to the charge,
transfers up to the charge, reversals up to the transfer) and it can be silent, lose answers and refuse. What the real
library sends over the wire is the business of payments/sandbox; nothing here replaces it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from random import Random
from typing import Any

from market.core.money import ZERO, Money
from payments.gateways import (
    GatewayDown,
    GatewayEvent,
    GatewayRefused,
    PageState,
    PageStatus,
    PaymentPage,
)


@dataclass
class Page:
    """A hosted page and the charge behind it."""

    reference: str
    payment_id: str
    amount: Money
    group: str
    state: PageState = PageState.OPEN
    late_failure: bool = False
    charge: str | None = None


@dataclass
class Outgoing:
    """A refund, transfer or reversal."""

    reference: str
    of: str  # charge or transfer
    amount: Money
    mark: str
    to: str = ""
    failed: bool = False


@dataclass
class PaperGateway:
    """All its state is in plain lists, so that a test can add it up."""

    random: Random
    silent: float = 0.0  # how often a call is not even heard
    lossy: float = 0.0  # how often it works and the answer gets lost
    refusing: float = 0.0  # how often a refund, transfer or reversal is refused
    pages: dict[str, Page] = field(default_factory=dict)
    refunds: list[Outgoing] = field(default_factory=list)
    transfers: list[Outgoing] = field(default_factory=list)
    reversals: list[Outgoing] = field(default_factory=list)
    answered: dict[str, tuple[Any, Any]] = field(default_factory=dict)  # key -> (arguments, reference or refusal)
    _numbers: Any = field(default_factory=lambda: count(1))

    def new(self, prefix: str) -> str:
        """An id nobody had before."""
        return f"{prefix}_{next(self._numbers)}"

    def calm(self) -> None:
        """Everything works from now on."""
        self.silent = self.lossy = self.refusing = 0.0

    # ---------------------------------------------------------------------------------------------- the world outside

    def pay(self, page: Page, *, later: bool = False) -> None:
        """Somebody pays on an open page, at once or by a slow method."""
        if page.state is PageState.OPEN:
            page.state = PageState.UNPAID_PROCESSING if later else PageState.PAID
            page.charge = None if later else self.new("ch")

    def settle(self, page: Page, *, good: bool) -> None:
        """A slow payment arrives, or fails."""
        if page.state is PageState.UNPAID_PROCESSING:
            page.state, page.late_failure = (PageState.PAID, False) if good else (PageState.EXPIRED, True)
            page.charge = self.new("ch") if good else None

    def paid(self) -> Money:
        """What all pages took."""
        return Money(sum(page.amount.cents for page in self.pages.values() if page.state is PageState.PAID))

    def refunded(self, charge: str | None) -> Money:
        """What of a charge went back."""
        return Money(sum(each.amount.cents for each in self.refunds if each.of == charge and not each.failed))

    def passed_on(self, account: str) -> Money:
        """What a merchant has: transfers less reversals."""
        mine = {each.reference: each.amount.cents for each in self.transfers if each.to == account}
        return Money(sum(mine.values()) - sum(each.amount.cents for each in self.reversals if each.of in mine))

    # ---------------------------------------------------------------------------------------------- the Protocol

    def open_page(
        self, *, payment_id: str, amount: Money, transfer_group: str, idempotency_key: str, **asked: Any
    ) -> PaymentPage:
        """See Gateway.open_page."""

        def make() -> str:
            reference = self.new("cs")
            self.pages[reference] = Page(reference, payment_id, amount, transfer_group)
            return reference

        reference = self._once(idempotency_key, (payment_id, amount, transfer_group), make)
        return PaymentPage(reference, f"https://paper.example/{reference}")

    def fetch_page(self, reference: str) -> PageStatus:
        """See Gateway.fetch_page."""
        self._heard()
        return self._status(self.pages[reference])

    def expire_page(self, reference: str) -> PageStatus:
        """See Gateway.expire_page."""
        self._heard()
        page = self.pages[reference]
        if page.state is PageState.OPEN:
            page.state = PageState.EXPIRED
        self._answer()
        return self._status(page)

    def refund(
        self, *, charge: str, amount: Money, idempotency_key: str, mark: str | None = None, repeated: bool = False
    ) -> str:
        """See Gateway.refund."""
        taken = next(page.amount for page in self.pages.values() if page.charge == charge)

        def make() -> str:
            if self.refunded(charge) + amount > taken:
                raise GatewayRefused("more than the charge", status=400)
            return self._keep(self.refunds, "re", charge, amount, mark or idempotency_key)

        return self._moved(self.refunds, idempotency_key, mark, (charge, amount), make, repeated=repeated)

    def refund_failed(self, reference: str) -> bool:
        """See Gateway.refund_failed."""
        self._heard()
        return next(each.failed for each in self.refunds if each.reference == reference)

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
        page = next(page for page in self.pages.values() if page.charge == charge)

        def make() -> str:
            before = sum(each.amount.cents for each in self.transfers if each.of == charge)
            if before + amount.cents > page.amount.cents or transfer_group != page.group:
                raise GatewayRefused("more than the charge, or another group", status=400)
            return self._keep(self.transfers, "tr", charge, amount, mark or idempotency_key, to=destination)

        arguments = (charge, destination, amount)
        return self._moved(self.transfers, idempotency_key, mark, arguments, make, repeated=repeated)

    def reverse(
        self, *, transfer: str, amount: Money, idempotency_key: str, mark: str | None = None, repeated: bool = False
    ) -> str:
        """See Gateway.reverse."""
        passed_on = next(each.amount for each in self.transfers if each.reference == transfer)

        def make() -> str:
            if (
                sum(each.amount.cents for each in self.reversals if each.of == transfer) + amount.cents
                > passed_on.cents
            ):
                raise GatewayRefused("more than the transfer", status=400)
            return self._keep(self.reversals, "trr", transfer, amount, mark or idempotency_key)

        return self._moved(self.reversals, idempotency_key, mark, (transfer, amount), make, repeated=repeated)

    def read_event(self, payload: bytes, signature: str) -> GatewayEvent:
        """See Gateway.read_event. Not used: the test stores events itself."""
        raise NotImplementedError

    def create_account(self, *, name: str, email: str, idempotency_key: str) -> str:
        """See Gateway.create_account."""
        return self.new("acct")

    def account_ready(self, account: str) -> bool:
        """See Gateway.account_ready."""
        return True

    def onboarding_url(self, account: str, *, return_url: str, refresh_url: str) -> str:
        """See Gateway.onboarding_url."""
        return return_url

    # ---------------------------------------------------------------------------------------------- how it behaves

    def _heard(self) -> None:
        if self.random.random() < self.silent:
            raise GatewayDown("nobody heard")

    def _answer(self) -> None:
        if self.random.random() < self.lossy:
            raise GatewayDown("done, but the answer got lost")

    def _once(self, key: str, arguments: Any, make: Callable[[], str]) -> str:
        self._heard()
        if key not in self.answered:
            self.answered[key] = (arguments, make())
        before, reference = self.answered[key]
        if before != arguments:
            raise GatewayRefused("same key, other arguments", status=400, code="idempotency_error")
        self._answer()
        if isinstance(reference, GatewayRefused):
            raise reference
        return str(reference)

    def _moved(
        self,
        kept: list[Outgoing],
        key: str,
        mark: str | None,
        arguments: Any,
        make: Callable[[], str],
        *,
        repeated: bool,
    ) -> str:
        if repeated:
            self._heard()
            found = [each for each in kept if each.mark == mark and each.amount == arguments[-1] and not each.failed]
            if found:
                return found[0].reference
        if key not in self.answered and self.random.random() < self.refusing:
            self.answered[key] = (arguments, GatewayRefused("today not", status=402))
        return self._once(key, arguments, make)

    def _keep(self, kept: list[Outgoing], prefix: str, of: str, amount: Money, mark: str, *, to: str = "") -> str:
        kept.append(Outgoing(self.new(prefix), of, amount, mark, to))
        return kept[-1].reference

    def _status(self, page: Page) -> PageStatus:
        paid = page.state is PageState.PAID
        return PageStatus(
            reference=page.reference,
            state=page.state,
            payment_intent=f"pi_{page.reference}",
            charge=page.charge,
            amount_received=page.amount if paid else ZERO,
            refunded=self.refunded(page.charge) if page.charge else ZERO,
            fee=self.fee(page) if paid else None,
            late_failure=page.late_failure,
            payment_id=page.payment_id,
        )

    @staticmethod
    def fee(page: Page) -> Money:
        """What it keeps of a page: 1.5 % and 25 cents."""
        return page.amount.share(150, 10_000) + Money(25)


def event(kind: str, reference: str, number: str, at: datetime) -> GatewayEvent:
    """A hint as the webhook would bring it."""
    return GatewayEvent(id=number, type=kind, reference=reference, created=at)
