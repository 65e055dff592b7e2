"""A market day at random: shoppers, merchants, couriers and a bad-tempered gateway, and the evening after it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.catalogue import stockkeeping
from market.core import db, outbox, settings
from market.core.errors import MarketError
from market.core.money import Money
from market.directory.models import Merchant
from market.orders import handing, parts, withdrawal
from market.orders.models import (
    Fulfilment,
    MerchantOrder,
    Order,
    OrderLine,
    PartState,
)
from market.orders.parts import Staff
from merchants import withdrawals_desk
from merchants.scope import Desk
from payments import checkout, inbox, online, payouts, refunds
from payments.cashier import Cashier, use
from payments.gateways import GatewayDown, GatewayRefused, PageState
from payments.models import OutgoingState, Refund
from tests.conftest import Clock
from tests.factories.catalogue import only_stock
from tests.factories.delivery import make_window, make_zone
from tests.factories.directory import make_staff, zeitz
from tests.factories.orders import make_order, make_town
from tests.payments.paper_gateway import Page, PaperGateway, event
from wsgi import JOB_HANDLERS

PIECES = 30

DEAD = (PartState.REJECTED, PartState.EXPIRED, PartState.CANCELLED)


class Day:
    """One random market day."""

    def __init__(self, seed: int, clock_: Clock) -> None:
        self.random, self.clock = Random(seed), clock_
        self.gateway = PaperGateway(self.random, silent=0.05, lossy=0.05, refusing=0.1)
        use(Cashier(self.gateway, "http://localhost"))
        self.kept_back: set[int] = set()  # dead parts whose goods did not go back on the shelf
        self.events = 0
        with db.transaction() as s:
            self.bread, self.top = make_town(s)
            self.zone = make_zone(s, ("06712", ""))
            for product in (self.bread, self.top):
                stockkeeping.count(s, only_stock(s, product).id, PIECES)
            self.window = make_window(s, capacity=9)
            settings.put(s, "commission_bp", 730)
            self.desks = {p.merchant_id: self._desk(s, p.merchant) for p in (self.bread, self.top)}

    def _desk(self, s: Session, merchant: Merchant) -> Desk:
        merchant.payout_account, merchant.payout_ready = f"acct_{merchant.id}", True
        return Desk(merchant, make_staff(s, merchant, name=f"Team {merchant.id}").id, "merchant")

    # ---------------------------------------------------------------------------------------------- what can happen

    @property
    def moves(self) -> list[tuple[int, Callable[[], None]]]:
        """(how often, what)"""
        return [
            (18, self.place),
            (24, self.go_to_pay),
            (30, self.pay),
            (4, self.money_of_a_slow_payment),
            (12, self.webhook),
            (12, self.come_back),
            (1, self.pay_in_shop_instead),
            (4, self.shopper_cancels),
            (34, self.merchant_answers),
            (7, self.pieces_are_missing),
            (3, self.merchant_cancels),
            (60, self.goods_move),
            (12, self.withdraw),
            (6, self.goodwill),
            (4, self.refund_comes_back),
            (6, self.operator_tries_again),
            (2, self.hold_ends_unasked),
            (30, self.work),
            (4, self.time_passes),
        ]

    def move(self) -> str:
        """One random move; its name. A sentence for the shopper or a silent gateway is an answer, not a failure."""
        weights, moves = zip(*self.moves, strict=True)
        (chosen,) = self.random.choices(moves, weights)
        with suppress(MarketError, GatewayDown, GatewayRefused):
            chosen()
        return str(chosen.__name__)

    def place(self) -> None:
        wanted = [(product, self.random.randint(1, 3)) for product in (self.bread, self.top)]
        goods = self.random.choice([wanted, wanted[:1], wanted[1:]])
        more: dict[str, Any] = {}
        if self.random.random() < 0.5:
            more = {"window": self.window, "zone": self.zone}
            if len(goods) > 1 and self.random.random() < 0.3:
                more["collect"] = [self.bread]
        with db.transaction() as s:
            make_order(s, *goods, **more)

    def go_to_pay(self) -> None:
        if order := self._any(Order):
            online.start_payment(order.id)

    def pay(self) -> None:
        if page := self._page(PageState.OPEN):
            self.gateway.pay(page, later=self.random.random() < 0.15)

    def money_of_a_slow_payment(self) -> None:
        if page := self._page(PageState.UNPAID_PROCESSING):
            self.gateway.settle(page, good=self.random.random() < 0.6)

    def webhook(self) -> None:
        """About any page, true or not, once or twice; the store keeps one, the job asks."""
        if self.gateway.pages:
            self._hear("checkout.session.completed", self.random.choice(list(self.gateway.pages)))

    def _hear(self, kind: str, reference: str) -> None:
        self.events += 1
        for _ in range(self.random.choice([1, 1, 3])):
            inbox.store(event(kind, reference, f"evt_{self.events}", self.clock.now()), b"{}")

    def come_back(self) -> None:
        if order := self._any(Order):
            online.refresh_order(order.id)

    def pay_in_shop_instead(self) -> None:
        if order := self._any(Order):
            checkout.pay_in_shop_instead(order.key, region=zeitz())

    def shopper_cancels(self) -> None:
        if part := self._any(MerchantOrder, MerchantOrder.state == PartState.PLACED):
            parts.cancel_by_shopper(self._key(part), part.id)

    def merchant_answers(self) -> None:
        if part := self._any(MerchantOrder, MerchantOrder.state == PartState.PLACED):
            if self.random.random() < 0.8:
                parts.accept(part.id, self._staff(part))
            else:
                back = self.random.random() < 0.5
                parts.reject(part.id, self._staff(part), reason="heute nicht", put_back=back)
                self._note_gone(part, back)

    def pieces_are_missing(self) -> None:
        line = self._any(OrderLine, OrderLine.missing < OrderLine.quantity)
        if line is None:
            return
        with db.reading() as s:
            part = s.get_one(MerchantOrder, line.part_id)
        on_the_road = part.state is PartState.WITH_COURIER
        parts.report_missing(line.id, self.random.randint(1, line.quantity - line.missing), self._staff(part))
        self._note_gone(part, not on_the_road)

    def merchant_cancels(self) -> None:
        alive = (PartState.ACCEPTED, PartState.READY, PartState.WITH_COURIER)
        if part := self._any(MerchantOrder, MerchantOrder.state.in_(alive)):
            parts.agree_to_cancel(part.id, self._staff(part), reason="Ofen kaputt")
            self._note_gone(part, part.state is not PartState.WITH_COURIER)

    def goods_move(self) -> None:
        """Packed, handed over the counter, taken by the courier, delivered, or brought back."""
        going = (PartState.ACCEPTED, PartState.READY, PartState.WITH_COURIER)
        part = self._any(MerchantOrder, MerchantOrder.state.in_(going))
        if part is None:
            return
        if part.state is PartState.ACCEPTED:
            parts.mark_ready(part.id, self._staff(part), bags=1)
        elif part.fulfilment is Fulfilment.PICKUP:
            handing.hand_over(part.id, self._staff(part), code=part.code)
        else:
            with db.transaction() as s:
                if part.state is PartState.READY:
                    handing.give_to_courier(s, part.id, by_user_id=None)
                elif self.random.random() < 0.8:
                    handing.hand_over_by_courier(s, part.id, by_user_id=None)
                else:
                    handing.bring_back(s, part.id, by_user_id=None, reason="niemand da")

    def withdraw(self) -> None:
        """The shopper declares, the merchant settles: some pieces, sometimes all."""
        part = self._any(MerchantOrder, MerchantOrder.state == PartState.HANDED_OVER)
        if part is None:
            return
        with db.reading() as s:
            lines = list(s.scalars(sa.select(OrderLine).where(OrderLine.part_id == part.id)))
        said = withdrawal.Declaration("Karla", "karla@beispiel.example", "", "", tuple(line.id for line in lines))
        reference = withdrawal.declare(said)
        self.work()
        pieces = {line.id: self.random.randint(0, line.quantity - line.missing) for line in lines}
        desk = self.desks[part.merchant_id]
        withdrawals_desk.settle(desk, reference, part.id, pieces, note="ist gut", subdivision="ST")

    def goodwill(self) -> None:
        """Some cents back, whatever the reason; also more than is left, which is refused."""
        if part := self._any(MerchantOrder, MerchantOrder.state.in_((PartState.HANDED_OVER, PartState.READY))):
            with db.transaction() as s:
                cents = Money(self.random.randint(1, part.total.cents))
                refunds.open_refund(s, part.id, cents, key=f"kulanz/{self.random.random()}", reason="trocken")

    def refund_comes_back(self) -> None:
        gone = [each for each in self.gateway.refunds if not each.failed]
        if gone:
            refund = self.random.choice(gone)
            refund.failed = True
            self._hear("refund.failed", refund.reference)

    def operator_tries_again(self) -> None:
        failed = sa.or_(Refund.state == OutgoingState.FAILED, Refund.reversal_state == OutgoingState.FAILED)
        if refund := self._any(Refund, failed):
            with db.transaction() as s:
                refunds.try_again(s, refund.id)
        with db.transaction() as s:
            payouts.release(s, self.random.choice(list(self.desks)))

    def hold_ends_unasked(self) -> None:
        """As if the gateway's page could not be closed: it stays payable although we gave everything back."""
        if order := self._any(Order, Order.confirmed_at.is_(None), Order.hold_until.is_not(None)):
            with db.transaction() as s:
                online.release_hold(s, order.id)

    def work(self) -> None:
        for _ in range(self.random.randint(1, 40)):
            job = outbox.claim()
            if job is None:
                return
            outbox.run(job, JOB_HANDLERS)

    def time_passes(self) -> None:
        self.clock.forward(minutes=self.random.choice([1, 5, 12, 31]))

    # ---------------------------------------------------------------------------------------------- helpers

    def _any(self, table: Any, *where: sa.ColumnElement[bool]) -> Any:
        with db.reading() as s:
            ids = s.scalars(sa.select(table.id).where(*where).order_by(table.id.desc()).limit(12)).all()
            return s.get_one(table, self.random.choice(ids)) if ids else None

    def _page(self, state: PageState) -> Page | None:
        fitting = [page for page in self.gateway.pages.values() if page.state is state]
        return self.random.choice(fitting) if fitting else None

    def _staff(self, part: MerchantOrder) -> Staff:
        return self.desks[part.merchant_id].staff

    def _key(self, part: MerchantOrder) -> str:
        with db.reading() as s:
            return s.get_one(Order, part.order_id).key

    def _note_gone(self, part: MerchantOrder, put_back: bool) -> None:
        with db.reading() as s:
            if s.get_one(MerchantOrder, part.id).state in DEAD and not put_back:
                self.kept_back.add(part.id)

    # ---------------------------------------------------------------------------------------------- the evening

    def evening(self) -> None:
        """The gateway works again, everything that waits is done, what failed is tried again, weeks pass."""
        self.gateway.calm()
        for page in list(self.gateway.pages.values()):
            self.gateway.settle(page, good=True)
            self._hear("checkout.session.completed", page.reference)
        for _ in range(12):
            self.clock.forward(hours=9)
            outbox.drain(JOB_HANDLERS)
            self.operator_tries_again_all()

    def operator_tries_again_all(self) -> None:
        with db.reading() as s:
            failed = sa.or_(Refund.state == OutgoingState.FAILED, Refund.reversal_state == OutgoingState.FAILED)
            ids = list(s.scalars(sa.select(Refund.id).where(failed)))
        for refund_id in ids:
            with db.transaction() as s:
                refunds.try_again(s, refund_id)
        with db.transaction() as s:
            for merchant_id in self.desks:
                payouts.release(s, merchant_id)
