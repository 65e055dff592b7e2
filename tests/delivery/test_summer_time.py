"""The days on which the clocks change: what is planned is what the clocks in the street say."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from delivery import planning, runs
from delivery.models import DeliveryWindow, Vehicle
from market.core import clock, db
from market.directory.models import HoursException, Shop, SpecialOpenDay
from tests.conftest import Clock
from tests.delivery.day import make_market_day

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize("day", [date(2028, 3, 26), date(2028, 10, 29)])
@pytest.mark.parametrize("starts", [time(1), time(10)])
def test_a_run_is_at_the_door_within_the_window_of_the_day_the_clocks_change(
    app: Flask, operator: FlaskClient, frozen: Clock, day: date, starts: time
) -> None:
    frozen.set(datetime(day.year, day.month, day.day, 12, tzinfo=UTC) - timedelta(days=2))
    market = make_market_day(shops=2)
    with db.transaction() as s:
        window = s.get_one(DeliveryWindow, market.window_id)
        window.day, window.starts, window.ends = day, starts, time(12)
        window.cutoff_at = clock.at(day, time(0))
        s.execute(sa.update(Vehicle).values(shift_from=time(0), shift_to=time(20)))
        s.add(SpecialOpenDay(day=day, opens=time(0), closes=time(18), name="Frühlingsfest"))
        s.add_all(
            HoursException(shop_id=shop.id, first_day=day, last_day=day, opens=time(0), closes=time(18))
            for shop in s.scalars(sa.select(Shop))
        )
    for _ in range(3):
        market.order([0, 1])
    assert planning.plan_day(day).orders == 3
    with db.reading() as s:
        (view,) = runs.day_runs(s, day)
    assert view.drops[0].planned == f"{starts:%-H:%M}", "waits for nothing, comes not an hour early or late"
    page = operator.get(f"/betrieb/touren/?tag={day}").text
    assert f"{view.starts}–{view.ends} Uhr" in page, "the picture has the sheet's clock"
