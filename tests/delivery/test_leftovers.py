"""What was not delivered: a run nobody finished is closed, and every order left behind finds a way on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email import message_from_string
from email.policy import default

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from delivery import bringing, closing, planning, results
from delivery.desk import leftovers
from delivery.models import Booking, Parcel, ParcelState, Run, RunState, Unserved, Vehicle
from delivery.outcomes import Actor, Failure, Pickup
from market.catalogue.models import Stock
from market.core import daily, db
from market.core.models import Mail, OutboxMessage
from market.orders.models import Fulfilment, MerchantOrder, PartEvent, PartState
from market.people.models import AuditEntry
from tests.conftest import Clock
from tests.delivery.day import MarketDay, make_market_day, part_states
from tests.delivery.test_results import code, deliver, pick_up_everything, pickup_stops, run_state
from tests.delivery.test_results import market as market
from tests.factories.delivery import make_window
from tests.factories.people import make_caretaker, make_courier, make_operator, sign_in

pytestmark = pytest.mark.usefixtures("database", "app")


def desk() -> Actor:
    with db.transaction() as s:
        return Actor(make_caretaker(s).id, desk=True)


def left(order_id: int) -> Unserved:
    with db.reading() as s:
        return s.scalars(sa.select(Unserved).where(Unserved.order_id == order_id)).one()


def refused(market: MarketDay) -> int:
    """The last order was refused at its door: it waits for a person."""
    pick_up_everything(market)
    deliver(market, market.orders[2], Failure.REFUSED)
    return market.orders[2]


class TestClosingARun:
    def test_what_was_never_picked_up_takes_the_next_window_and_the_rest_waits(self, market: MarketDay) -> None:
        with db.transaction() as s:
            later = make_window(s, day=market.day + timedelta(days=1)).id
        (first, parcels), *_ = pickup_stops().items()
        picked = Pickup(dict.fromkeys(parcels, ParcelState.PICKED_UP))
        results.report_pickup(code(), first, picked, key="only-shop", actor=Actor(market.courier_id or 0))
        closing.close_run(code(), desk(), reason="Auto defekt")
        closing.close_run(code(), desk(), reason="noch einmal")
        assert run_state() is RunState.FINISHED
        rows = {order: left(order) for order in market.orders}
        driven = {order for order, row in rows.items() if row.code == "failed_other"}
        stayed = {order for order, row in rows.items() if row.code == "failed_not_driven"}
        assert len(driven) == 2  # the shop's own order, and the one it shares with the other shop
        assert len(stayed) == 1
        assert {rows[order].rolled_to_id for order in driven} == {None}
        assert {rows[order].rolled_to_id for order in stayed} == {later}
        assert {row.reason for row in rows.values()} >= {"anderer Grund: Auto defekt", "nicht gefahren: Auto defekt"}
        with db.reading() as s:
            assert s.scalar(sa.select(sa.func.count()).where(AuditEntry.action == "run.closed")) == 1

    def test_it_needs_a_reason(self, market: MarketDay) -> None:
        with pytest.raises(results.ReasonMissing):
            closing.close_run(code(), desk(), reason="  ")

    def test_a_run_that_may_still_leave_is_not_closed(self, market: MarketDay) -> None:
        with pytest.raises(results.RunGone):
            closing.close_run(code(), desk(), reason="zu früh")

    def test_a_run_nobody_started_is_closed_when_its_time_is_over(
        self, operator: FlaskClient, market: MarketDay, frozen: Clock
    ) -> None:
        frozen.forward(days=1)
        start = operator.get("/betrieb/")
        assert f"/betrieb/touren/{code()}/ergebnis" in start.text
        assert 'data-test="unfinished"' in operator.get("/betrieb/touren/").text
        answer = operator.post(f"/betrieb/touren/{code()}/schliessen", data={"reason": ""})
        assert answer.status_code == 422
        assert "Bitte schreiben Sie kurz, was los war." in answer.text
        answer = operator.post(
            f"/betrieb/touren/{code()}/schliessen", data={"reason": "Glatteis"}, follow_redirects=True
        )
        assert "ist geschlossen" in answer.text
        assert answer.text.count('<p data-test="why">nicht gefahren: Glatteis</p>') == 3
        assert f"{code()}/ergebnis" not in operator.get("/betrieb/").text

    def test_a_courier_cannot_close_it(self, client: FlaskClient, market: MarketDay) -> None:
        with db.transaction() as s:
            user = make_courier(s)
        sign_in(client, user)
        assert client.post(f"/betrieb/touren/{code()}/schliessen", data={"reason": "weg"}).status_code == 403

    def test_the_next_morning_the_desk_is_reminded_until_it_is_done(
        self, market: MarketDay, frozen: Clock, drain: Callable[[], int]
    ) -> None:
        with db.transaction() as s:
            make_operator(s)
            from_desk = make_caretaker(s).email
        results.start_run(code(), Actor(market.courier_id or 0))

        def reminders() -> list[str]:
            with db.reading() as s:
                return [mail.recipient for mail in s.scalars(sa.select(Mail)) if "noch nicht beendet" in mail.subject]

        daily.start()
        drain()
        assert reminders() == []  # today somebody may still be on the road
        frozen.forward(days=1)
        drain()
        drain()
        assert sorted(reminders()) == sorted({*reminders()})
        assert from_desk in reminders()
        assert len(reminders()) == 2
        closing.close_run(code(), desk(), reason="Auto defekt")
        frozen.forward(days=1)
        drain()
        assert len(reminders()) == 2

    def test_an_old_unfinished_run_can_still_be_closed(
        self, operator: FlaskClient, market: MarketDay, frozen: Clock
    ) -> None:
        frozen.forward(days=30)
        assert operator.get(f"/betrieb/touren/{code()}/ergebnis").status_code == 200
        operator.post(f"/betrieb/touren/{code()}/schliessen", data={"reason": "vergessen"})
        assert run_state() is RunState.FINISHED
        assert operator.get(f"/betrieb/touren/{code()}/ergebnis").status_code == 404


class TestCancelling:
    def test_what_was_refused_is_cancelled_and_back_in_stock(self, operator: FlaskClient, market: MarketDay) -> None:
        order_id = refused(market)
        with db.reading() as s:
            before = sum(s.scalars(sa.select(Stock.quantity)))
        page = operator.get(f"/betrieb/touren/offen/{order_id}?tag={market.day}")
        assert page.status_code == 200
        assert "Stornieren und erstatten" in page.text
        assert "zurück an die Kundschaft" in page.text
        day = {"day": market.day.isoformat()}
        path = f"/betrieb/touren/offen/{order_id}/stornieren"
        wrong = operator.post(path, data=day | {"reason": " "})
        assert wrong.status_code == 422
        assert "Bitte schreiben Sie kurz, warum." in wrong.text
        done = operator.post(path, data=day | {"reason": "Annahme verweigert"}, follow_redirects=True)
        assert "Storniert. Kundschaft und Läden sind benachrichtigt." in done.text
        assert part_states(order_id) == [PartState.CANCELLED]
        assert "erledigt" in done.text
        with db.reading() as s:
            assert sum(s.scalars(sa.select(Stock.quantity))) == before + 1
            event = s.scalars(sa.select(PartEvent).order_by(PartEvent.id.desc())).first()
            assert event is not None
            assert (event.by, event.note) == ("market", "Annahme verweigert")
        assert operator.post(path, data=day | {"reason": "noch einmal"}).status_code == 404

    def test_what_the_courier_did_not_find_is_not_put_back(self, market: MarketDay) -> None:
        for position, parcels in pickup_stops().items():
            gone = Pickup(dict.fromkeys(parcels, ParcelState.MISSING), "ausverkauft")
            results.report_pickup(code(), position, gone, key=f"gone-{position}", actor=Actor(market.courier_id or 0))
        with db.reading() as s:
            before = sum(s.scalars(sa.select(Stock.quantity)))
        leftovers.cancel(market.orders[0], market.day, desk().user_id, reason="ausverkauft")
        with db.reading() as s:
            assert sum(s.scalars(sa.select(Stock.quantity))) == before

    def test_the_place_in_the_window_is_free_again(self, market: MarketDay, drain: Callable[[], int]) -> None:
        order_id = refused(market)
        leftovers.cancel(order_id, market.day, desk().user_id, reason="Annahme verweigert")
        drain()
        with db.reading() as s:
            booking = s.scalars(sa.select(Booking).where(Booking.order_id == order_id)).one()
            assert booking.released_at is not None

    def test_only_what_waits_can_be_decided(self, operator: FlaskClient, market: MarketDay) -> None:
        refused(market)
        for path in (f"/betrieb/touren/offen/{market.orders[0]}", "/betrieb/touren/offen/999999"):
            assert operator.get(f"{path}?tag={market.day}").status_code == 404
            sent = {"day": market.day.isoformat(), "reason": "weg"}
            assert operator.post(f"{path}/stornieren", data=sent).status_code == 404
            assert operator.post(f"{path}/abholen", data=sent).status_code == 404
        assert (
            operator.post(f"/betrieb/touren/offen/{market.orders[2]}/stornieren", data={"reason": "x"}).status_code
            == 404
        )


class TestCollecting:
    def test_after_a_failed_drop_the_shopper_may_fetch_it(
        self, operator: FlaskClient, market: MarketDay, drain: Callable[[], int]
    ) -> None:
        order_id = refused(market)
        bringing.now_at_the_shop(order_id, desk().user_id)
        drain()
        day = {"day": market.day.isoformat()}
        done = operator.post(f"/betrieb/touren/offen/{order_id}/abholen", data=day, follow_redirects=True)
        assert "Wird abgeholt" in done.text
        drain()
        with db.reading() as s:
            part = s.scalars(sa.select(MerchantOrder).where(MerchantOrder.order_id == order_id)).one()
            assert (part.fulfilment, part.state) == (Fulfilment.PICKUP, PartState.READY)
            mails = [message_from_string(one.mime, policy=default) for one in s.scalars(sa.select(Mail))]
            texts = [str(body.get_content()) for mail in mails if (body := mail.get_body(("plain",)))]
            assert any(part.code in text for text in texts)
            booking = s.scalars(sa.select(Booking).where(Booking.order_id == order_id)).one()
            assert booking.released_at is not None

    def never_tried(self, *, accepted: bool = True) -> tuple[MarketDay, int]:
        """An order that is too heavy for every vehicle: nobody was ever at the door."""
        made = make_market_day(shops=2)
        order_id = made.order([0])
        with db.transaction() as s:
            s.execute(sa.update(Vehicle).values(max_weight_g=500))
        planning.plan_day(made.day)
        if not accepted:
            with db.transaction() as s:
                s.execute(sa.update(MerchantOrder).values(state=PartState.PLACED))
        return made, order_id

    def test_without_a_try_at_the_door_the_fee_goes_back(self, operator: FlaskClient) -> None:
        made, order_id = self.never_tried()
        page = operator.get(f"/betrieb/touren/offen/{order_id}?tag={made.day}").text
        assert "Die Liefergebühr geht zurück." in page
        leftovers.collect(order_id, made.day, desk().user_id)
        with db.reading() as s:
            part = s.scalars(sa.select(MerchantOrder).where(MerchantOrder.order_id == order_id)).one()
            assert part.fulfilment is Fulfilment.PICKUP
            rung = sa.select(OutboxMessage.payload).where(OutboxMessage.topic == "delivery.not_needed")
            assert s.scalars(rung).one()["order_id"] == order_id

    def test_what_no_shop_has_promised_cannot_be_collected(self, operator: FlaskClient) -> None:
        made, order_id = self.never_tried(accepted=False)
        with pytest.raises(leftovers.NotCollectable):
            leftovers.collect(order_id, made.day, desk().user_id)
        page = operator.get(f"/betrieb/touren/offen/{order_id}?tag={made.day}").text
        assert "Abholen statt liefern" not in page
        assert "Stornieren" in page


def test_the_desk_names_other_days_that_wait(operator: FlaskClient, market: MarketDay, frozen: Clock) -> None:
    refused(market)
    frozen.forward(days=3)
    page = operator.get("/betrieb/touren/").text
    assert f"/betrieb/touren/?tag={market.day}#left" in page
    assert f"/betrieb/touren/?tag={market.day}#left" in operator.get("/betrieb/").text
    with db.reading() as s:
        assert leftovers.waiting_days(s) == [(market.day, 1)]
        assert s.scalar(sa.select(sa.func.count()).select_from(Parcel).join(Run)) == 4
