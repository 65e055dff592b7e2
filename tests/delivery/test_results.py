"""On the road: every result once, every part where it belongs, and what came back is listed and told."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from delivery import bringing, contradictions, planning, results, storing
from delivery.models import (
    BackTo,
    Booking,
    CourierResult,
    DeliveryWindow,
    Parcel,
    ParcelState,
    Run,
    RunState,
    Stop,
    StopKind,
    Unserved,
)
from delivery.outcomes import Actor, Dropped, Failure, Pickup, SheetResult
from market.catalogue.models import Product
from market.core import db
from market.core.errors import NotFound
from market.orders import handing
from market.orders.models import MerchantOrder, PartState
from tests.conftest import Clock
from tests.delivery.day import MarketDay, make_market_day, part_states
from tests.factories.delivery import make_window
from tests.factories.people import make_courier

pytestmark = pytest.mark.usefixtures("database", "app")


@pytest.fixture
def market(frozen: Clock) -> MarketDay:
    """Two shops, three orders, planned; it is the day of the run and the courier is about to leave."""
    with db.transaction() as s:
        courier_id = make_courier(s).id
    made = make_market_day(shops=2, courier_id=courier_id)
    made.order([0, 1])
    made.order([0])
    made.order([1])
    planning.plan_day(made.day)
    frozen.forward(days=2, hours=5)
    return made


def actor(market: MarketDay) -> Actor:
    assert market.courier_id is not None
    return Actor(market.courier_id)


def code() -> str:
    with db.reading() as s:
        return s.scalars(sa.select(Run.code).where(Run.state != RunState.DISCARDED)).one()


def pickup_stops() -> dict[int, list[int]]:
    """Position of each shop stop -> its parcels."""
    with db.reading() as s:
        rows = s.execute(
            sa.select(Stop.position, Parcel.id).join(Parcel, Parcel.pickup_stop_id == Stop.id).order_by(Parcel.id)
        )
        found: dict[int, list[int]] = {}
        for position, parcel_id in rows:
            found.setdefault(position, []).append(parcel_id)
        return found


def door_of(order_id: int) -> int:
    with db.reading() as s:
        return s.scalars(
            sa.select(Stop.position)
            .join(Parcel, Parcel.drop_stop_id == Stop.id)
            .join(MerchantOrder, MerchantOrder.id == Parcel.part_id)
            .where(MerchantOrder.order_id == order_id)
        ).first() or pytest.fail("no door")


def pick_up_everything(market: MarketDay) -> None:
    for position, parcels in pickup_stops().items():
        picked = Pickup(dict.fromkeys(parcels, ParcelState.PICKED_UP))
        results.report_pickup(code(), position, picked, key=f"pick-{position}", actor=actor(market))


def deliver(market: MarketDay, order_id: int, failure: Failure | None = None, **more: object) -> None:
    drop = Dropped(order_id, failure, **more)  # type: ignore[arg-type]  # tests say what they need by name
    results.report_drop(code(), door_of(order_id), drop, key=f"drop-{order_id}-{failure}", actor=actor(market))


def run_state() -> RunState:
    with db.reading() as s:
        return s.scalars(sa.select(Run.state)).one()


def test_a_run_from_start_to_finish(market: MarketDay) -> None:
    results.start_run(code(), actor(market))
    pick_up_everything(market)
    assert [part_states(order) for order in market.orders] == [
        [PartState.WITH_COURIER] * 2,
        [PartState.WITH_COURIER],
        [PartState.WITH_COURIER],
    ]
    for order_id in market.orders:
        deliver(market, order_id)
    assert all(state is PartState.HANDED_OVER for order in market.orders for state in part_states(order))
    results.finish_run(code(), actor(market))
    results.finish_run(code(), actor(market))
    assert run_state() is RunState.FINISHED
    with db.reading() as s:
        assert s.scalars(sa.select(Unserved)).all() == []
        assert all(stop.done_at for stop in s.scalars(sa.select(Stop)))
        assert storing.forgotten_parts(s, market.day) == set()


def test_the_same_result_sent_twice_counts_once(market: MarketDay) -> None:
    ((position, parcels), *_) = pickup_stops().items()
    picked = Pickup(dict.fromkeys(parcels, ParcelState.PICKED_UP))
    for _ in range(2):
        results.report_pickup(code(), position, picked, key="same", actor=actor(market))
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count()).select_from(CourierResult)) == 1
    other = Pickup(dict.fromkeys(parcels, ParcelState.MISSING), "weg")
    results.report_pickup(code(), position, other, key="same", actor=actor(market))
    with pytest.raises(contradictions.SaidOtherwise, match="„abgeholt“"):
        results.report_pickup(code(), position, other, key="new", actor=actor(market))  # too late to change one's mind
    with db.reading() as s:
        states = set(s.scalars(sa.select(Parcel.state).where(Parcel.id.in_(parcels))))
    assert states == {ParcelState.PICKED_UP}


def done_at(position: int) -> datetime | None:
    """When a halt had its result."""
    with db.reading() as s:
        return s.scalars(sa.select(Stop.done_at).where(Stop.position == position)).one()


def test_a_pick_up_told_again_on_the_road_stays_as_old_as_it_is(market: MarketDay, frozen: Clock) -> None:
    (position, (first, *others)), *_ = pickup_stops().items()
    some = Pickup({first: ParcelState.PICKED_UP})
    results.report_pickup(code(), position, some, key="some", actor=actor(market))
    assert done_at(position) is None, "something is still to be said of this shop"
    frozen.forward(minutes=5)
    everything = Pickup(dict.fromkeys([first, *others], ParcelState.PICKED_UP))
    results.report_pickup(code(), position, everything, key="all", actor=actor(market))
    told = done_at(position)
    assert told is not None
    frozen.forward(minutes=40)
    for key, who in (("again", actor(market)), ("office", Actor(actor(market).user_id, desk=True))):
        results.report_pickup(code(), position, everything, key=key, actor=who)
    assert done_at(position) == told, "learnt times and where the vehicle is seen go by it"


def test_the_first_result_starts_the_run(market: MarketDay) -> None:
    assert run_state() is RunState.PLANNED
    pick_up_everything(market)
    assert run_state() is RunState.STARTED


def test_delivered_says_picked_up_too(market: MarketDay) -> None:
    deliver(market, market.orders[1])
    assert part_states(market.orders[1]) == [PartState.HANDED_OVER]


def test_nobody_at_home_brings_the_goods_back_and_moves_the_order_on(market: MarketDay) -> None:
    with db.transaction() as s:
        later_id = make_window(s, day=market.day + timedelta(days=1)).id
    pick_up_everything(market)
    deliver(market, market.orders[0], Failure.NOBODY, note="Nachbar auch nicht da")
    assert part_states(market.orders[0]) == [PartState.READY, PartState.READY]
    with db.reading() as s:
        row = s.scalars(sa.select(Unserved)).one()
        assert (row.code, row.rolled_to_id) == ("failed_nobody", later_id)
        assert row.reason == "niemand angetroffen: Nachbar auch nicht da"
        booking = s.scalars(sa.select(Booking).where(Booking.order_id == market.orders[0])).one()
        assert booking.window_id == later_id
        assert [window.booked for window in s.scalars(sa.select(DeliveryWindow).order_by(DeliveryWindow.id))] == [2, 1]
        part = s.scalars(sa.select(MerchantOrder).where(MerchantOrder.order_id == market.orders[0])).first()
        assert part is not None
        assert part.failed_reason.startswith("niemand angetroffen")
    for order_id in market.orders[1:]:
        deliver(market, order_id)
    with pytest.raises(results.ReturnsOpen, match="Laden 1, Laden 2"):
        results.finish_run(code(), actor(market))
    with db.reading() as s:
        out = list(s.scalars(sa.select(Parcel.id).where(Parcel.back_to == BackTo.VEHICLE)))
    assert len(out) == 2
    bringing.report_returned(code(), out, BackTo.VEHICLE, key="back", actor=actor(market))
    results.finish_run(code(), actor(market))
    plan = planning.plan_day(market.day + timedelta(days=1))
    assert plan.orders == 1


def say(market: MarketDay, order_id: int, failure: Failure | None, key: str, *, desk: bool = False) -> None:
    who = Actor(actor(market).user_id, desk=desk)
    results.report_drop(code(), door_of(order_id), Dropped(order_id, failure), key=key, actor=who)


def test_what_a_second_phone_says_differently_is_told_and_changes_nothing(market: MarketDay) -> None:
    done, undone, third = market.orders
    pick_up_everything(market)
    say(market, done, None, "a")
    say(market, undone, Failure.NOBODY, "b")
    before = [part_states(order) for order in market.orders]
    for order_id, failure, told in (
        (done, Failure.NOBODY, "„zugestellt“"),
        (undone, None, "„nicht zugestellt: niemand angetroffen“"),
        (undone, Failure.REFUSED, "„nicht zugestellt: niemand angetroffen“"),
    ):
        with pytest.raises(contradictions.SaidOtherwise, match=told):
            say(market, order_id, failure, f"{order_id}-{failure}")
    say(market, done, None, "same again")
    say(market, undone, Failure.NOBODY, "the same again")
    say(market, done, Failure.NOBODY, "the office has seen the sheet", desk=True)
    assert [part_states(order) for order in market.orders] == before
    assert part_states(third) == [PartState.WITH_COURIER]
    with db.reading() as s:
        refused = s.scalars(sa.select(CourierResult.key).where(CourierResult.key.like("%-%"))).all()
    assert not [key for key in refused if key.startswith(f"{done}-")], "what was refused is not remembered as applied"


def test_a_closed_shop_and_collected_goods_contradict_each_other_at_the_door_too(market: MarketDay) -> None:
    (first, second) = pickup_stops().items()
    closed = Pickup(dict.fromkeys(first[1], ParcelState.SHOP_CLOSED))
    results.report_pickup(code(), first[0], closed, key="closed", actor=actor(market))
    picked = Pickup(dict.fromkeys(first[1], ParcelState.PICKED_UP))
    with pytest.raises(contradictions.SaidOtherwise, match="„Laden zu“"):
        results.report_pickup(code(), first[0], picked, key="picked", actor=actor(market))
    with db.reading() as s:
        only_there = s.scalars(
            sa.select(MerchantOrder.order_id)
            .join(Parcel, Parcel.part_id == MerchantOrder.id)
            .where(Parcel.id.in_(first[1]), MerchantOrder.order_id.in_(market.orders[1:]))
        ).one()
    with pytest.raises(contradictions.SaidOtherwise, match="„Laden zu“"):
        say(market, only_there, None, "delivered")
    say(market, only_there, Failure.NOBODY, "no goods, no door: nothing to contradict")
    short = Pickup(dict.fromkeys(second[1], ParcelState.SHORT), "Tasche 2 fehlt")
    results.report_pickup(code(), second[0], short, key="short", actor=actor(market))
    for order_id in market.orders[:1]:
        say(market, order_id, None, f"door-{order_id}")
    results.report_pickup(code(), second[0], short, key="short again", actor=actor(market))
    whole = Pickup(dict.fromkeys(second[1], ParcelState.PICKED_UP))
    with pytest.raises(contradictions.SaidOtherwise, match="Tasche 2 fehlt"):
        results.report_pickup(code(), second[0], whole, key="whole", actor=actor(market))


def test_goods_that_lie_somewhere_are_not_said_to_lie_elsewhere(market: MarketDay) -> None:
    pick_up_everything(market)
    deliver(market, market.orders[1], Failure.REFUSED)
    with db.reading() as s:
        out = list(s.scalars(sa.select(Parcel.id).where(Parcel.back_to.is_not(None))))
    bringing.report_returned(code(), out, BackTo.SHOP, key="there", actor=actor(market))
    bringing.report_returned(code(), out, BackTo.SHOP, key="there too", actor=actor(market))
    with pytest.raises(contradictions.SaidOtherwise, match=str(BackTo.SHOP.label)):
        bringing.report_returned(code(), out, BackTo.POINT, key="elsewhere", actor=actor(market))


def test_a_refusal_waits_for_a_person(market: MarketDay) -> None:
    with db.transaction() as s:
        make_window(s, day=market.day + timedelta(days=1))
    pick_up_everything(market)
    deliver(market, market.orders[1], Failure.REFUSED)
    with db.reading() as s:
        row = s.scalars(sa.select(Unserved)).one()
        assert (row.code, row.rolled_to_id) == ("failed_refused", None)


def test_another_reason_needs_words(market: MarketDay) -> None:
    with pytest.raises(results.ReasonMissing):
        deliver(market, market.orders[1], Failure.OTHER)
    assert run_state() is RunState.PLANNED  # nothing of it was kept


def test_a_closed_shop_keeps_its_parcels_and_the_rest_is_delivered(market: MarketDay) -> None:
    with db.transaction() as s:
        later_id = make_window(s, day=market.day + timedelta(days=1)).id
    (first, second) = pickup_stops().items()
    closed = Pickup(dict.fromkeys(first[1], ParcelState.SHOP_CLOSED))
    results.report_pickup(code(), first[0], closed, key="closed", actor=actor(market))
    picked = Pickup(dict.fromkeys(second[1], ParcelState.PICKED_UP))
    results.report_pickup(code(), second[0], picked, key="picked", actor=actor(market))
    deliver(market, market.orders[0])
    assert sorted(state.value for state in part_states(market.orders[0])) == ["accepted", "handed_over"]
    with db.reading() as s:
        rows = {row.order_id: (row.code, row.rolled_to_id) for row in s.scalars(sa.select(Unserved))}
    assert rows[market.orders[0]] == ("failed_shop_closed", later_id)
    assert len(rows) == 2  # and the order that had nothing else


def test_something_missing_needs_a_note_and_is_delivered_short(market: MarketDay) -> None:
    ((position, parcels), *_) = pickup_stops().items()
    short = dict.fromkeys(parcels, ParcelState.SHORT)
    with pytest.raises(results.ReasonMissing):
        results.report_pickup(code(), position, Pickup(short), key="a", actor=actor(market))
    results.report_pickup(code(), position, Pickup(short, "Tasche 2 fehlt"), key="b", actor=actor(market))
    for order_id in market.orders:
        deliver(market, order_id)
    with db.reading() as s:
        kept = s.scalars(sa.select(Parcel).where(Parcel.id.in_(parcels))).all()
        assert {(parcel.state, parcel.reason) for parcel in kept} == {(ParcelState.DELIVERED, "Tasche 2 fehlt")}


def test_a_run_ends_only_when_every_stop_has_a_result(market: MarketDay) -> None:
    pick_up_everything(market)
    deliver(market, market.orders[0])
    with pytest.raises(results.StopsOpen, match="Halt"):
        results.finish_run(code(), actor(market))


def test_a_cancelled_part_is_not_waited_for(market: MarketDay) -> None:
    with db.transaction() as s:
        s.execute(
            sa.update(MerchantOrder).where(MerchantOrder.order_id == market.orders[2]).values(state=PartState.CANCELLED)
        )
    pick_up_everything(market)
    deliver(market, market.orders[0])
    deliver(market, market.orders[1])
    results.finish_run(code(), actor(market))
    assert run_state() is RunState.FINISHED


def test_strangers_and_other_days_find_no_run(market: MarketDay, frozen: Clock) -> None:
    with db.transaction() as s:
        stranger = Actor(make_courier(s).id)
    with pytest.raises(NotFound):
        results.start_run(code(), stranger)
    frozen.forward(days=1)
    with pytest.raises(NotFound):
        results.start_run(code(), actor(market))


def test_goods_with_an_age_mark_need_the_check(frozen: Clock) -> None:
    with db.transaction() as s:
        courier_id = make_courier(s).id
    made = make_market_day(shops=1, courier_id=courier_id)
    with db.transaction() as s:
        s.execute(sa.update(Product).values(min_age=18))
    order_id = made.order([0])
    planning.plan_day(made.day)
    frozen.forward(days=2, hours=5)
    pick_up_everything(made)
    with pytest.raises(handing.AgeCheckNeeded, match="18"):
        deliver(made, order_id)
    assert part_states(order_id) == [PartState.WITH_COURIER]
    results.report_drop(
        code(), door_of(order_id), Dropped(order_id, age_checked=True), key="with-check", actor=actor(made)
    )
    with db.reading() as s:
        part = s.scalars(sa.select(MerchantOrder)).one()
        assert part.age_checked_at is not None
        assert part.age_checked_by_id == courier_id


def sheet(market: MarketDay, failures: dict[int, Failure] | None = None, note: str = "") -> SheetResult:
    pickups = {
        position: Pickup(dict.fromkeys(parcels, ParcelState.PICKED_UP)) for position, parcels in pickup_stops().items()
    }
    drops = [
        (f"row-{order_id}", door_of(order_id), Dropped(order_id, (failures or {}).get(order_id), note=note))
        for order_id in market.orders
    ]
    return SheetResult(pickups, drops)


def test_a_paper_sheet_is_entered_in_one_go(market: MarketDay) -> None:
    with db.transaction() as s:
        desk = Actor(make_courier(s).id, desk=True)
    results.apply_sheet(code(), sheet(market, {market.orders[2]: Failure.NOBODY}), key="sheet", actor=desk)
    assert run_state() is RunState.FINISHED
    assert part_states(market.orders[0]) == [PartState.HANDED_OVER] * 2
    assert part_states(market.orders[2]) == [PartState.READY]
    results.apply_sheet(code(), sheet(market), key="sheet", actor=desk)
    with pytest.raises(results.RunGone, match="beendet"):
        results.apply_sheet(code(), sheet(market), key="another", actor=desk)


def test_a_sheet_with_a_wrong_row_changes_nothing_and_names_the_row(market: MarketDay) -> None:
    wrong = sheet(market, {market.orders[1]: Failure.OTHER})
    with pytest.raises(results.SheetRefused) as refused:
        results.apply_sheet(code(), wrong, key="sheet", actor=Actor(actor(market).user_id, desk=True))
    assert set(refused.value.rows) == {f"row-{market.orders[1]}"}
    assert run_state() is RunState.PLANNED
    assert part_states(market.orders[0]) == [PartState.ACCEPTED] * 2


def test_there_is_one_stop_kind_per_use_case(market: MarketDay) -> None:
    with db.reading() as s:
        drop = s.scalars(sa.select(Stop.position).where(Stop.kind == StopKind.DROP)).first()
    assert drop is not None
    with pytest.raises(NotFound):
        results.report_pickup(code(), drop, Pickup({}), key="x", actor=actor(market))
