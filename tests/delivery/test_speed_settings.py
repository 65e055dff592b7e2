"""Every vehicle may have its own speed: the operator sets it, and what is learnt follows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from delivery import capacity, pace, planning
from delivery.models import Pace, Run, RunState, Vehicle
from market.core import clock, db
from market.core.models import OutboxMessage
from tests.conftest import Clock
from tests.delivery.day import make_market_day
from tests.delivery.test_speed import configured
from tests.factories.delivery import make_vehicle

pytestmark = pytest.mark.usefixtures("database", "app")
PAGE = "/betrieb/touren/einstellungen/fahrzeug"
VAN = {
    "name": "Wagen", "kind": "van", "max_weight_kg": "500", "max_volume_l": "900", "max_cooled_l": "40",
    "shift_from": "10:00", "shift_to": "19:00", "driver_id": "0", "break_minutes": "0", "active": "y",
}  # fmt: skip
ASKED_FOR = "Bitte geben Sie ganze km/h von 3 bis 130 ein, oder lassen Sie das Feld leer."


# ------------------------------------------------------------------------------------------------------------- learning


def drive(day: date, *, slower: float) -> None:
    """Every planned run is driven; ways take `slower` times as long, handling as long as assumed."""
    with db.transaction() as s:
        for run in s.scalars(sa.select(Run).where(Run.day == day)):
            run.state, at = RunState.FINISHED, run.starts_at
            for stop in run.stops:
                at += timedelta(seconds=stop.travel_s * slower) + (stop.leaves_at - stop.arrives_at)
                stop.done_at = at


def driven_day(frozen: Clock, kmh_near: int | None = None) -> None:
    """Twenty doors by a van that in truth does 20 km/h in town: its kind is assumed to do 28."""
    market = make_market_day(shops=2)
    with db.transaction() as s:
        s.execute(sa.update(Vehicle).values(kmh_near=kmh_near))
    for n in range(20):
        market.order([n % 2])
    planning.plan_day(market.day)
    drive(market.day, slower=(kmh_near or 28) / 20)
    frozen.set(clock.at(market.day, clock.local(frozen.instant).time()))


def test_a_van_that_is_as_slow_as_the_operator_said_teaches_nothing(frozen: Clock) -> None:
    driven_day(frozen, kmh_near=20)
    with db.reading() as s:
        assert pace.fit(pace.gaps(s))["van"].factor == pytest.approx(1.0, abs=0.02)


def test_a_speed_set_later_takes_the_place_of_what_was_learnt_instead_of_coming_on_top(
    operator: FlaskClient, frozen: Clock, drain: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capacity, "measure", lambda _ids: {})
    driven_day(frozen)
    with db.transaction() as s:
        assert pace.learn(s)["van"].factor > 1.1
        s.add(Pace(subject="van", valid_from=clock.today(), factor=1.3, samples=40))
        van = s.scalars(sa.select(Vehicle.id)).one()
    days = [clock.today(), clock.today() + pace.FROM]
    assert operator.post(f"{PAGE}/{van}", data=VAN | {"kmh_near": "20"}).status_code == 303
    drain()
    with db.reading() as s:
        for day in days:
            assert pace.factors(s, day)["van"] == pytest.approx(1.0, abs=0.02)


def test_times_of_the_road_network_are_not_measured_by_the_speed(frozen: Clock) -> None:
    driven_day(frozen)
    with db.transaction() as s:
        for run in s.scalars(sa.select(Run)):
            run.plan = {**run.plan, "estimate": False}
    with db.reading() as s:
        before = pace.gaps(s)
    with db.transaction() as s:
        s.scalars(sa.select(Vehicle)).one().kmh_near = 20
    with db.reading() as s:
        assert pace.gaps(s) == before


def test_a_plan_of_before_speeds_could_be_set_was_made_with_its_kinds(frozen: Clock) -> None:
    driven_day(frozen)
    with db.transaction() as s:
        s.scalars(sa.select(Vehicle)).one().kmh_near = 20
    with db.reading() as s:
        known = pace.gaps(s)
    with db.transaction() as s:
        for run in s.scalars(sa.select(Run)):
            run.plan = {key: value for key, value in run.plan.items() if key != "speed"}
    with db.reading() as s:
        assert pace.gaps(s) == known


def test_without_a_run_to_learn_from_a_lesson_does_not_outlive_the_speed_it_was_learnt_against() -> None:
    with db.transaction() as s:
        s.add(Pace(subject="van", valid_from=clock.today() - timedelta(days=90), factor=1.4, samples=80))
        s.add(Pace(subject="cargo_bike", valid_from=clock.today(), factor=1.2, samples=80))
        pace.relearn(s, "van")
    with db.reading() as s:
        assert pace.factors(s, clock.today()) == {"van": 1.0, "cargo_bike": 1.2}


# ------------------------------------------------------------------------------------------------------------- settings


def told() -> list[str]:
    """Kinds of vehicles whose pace is to be learnt anew."""
    with db.reading() as s:
        rows = s.scalars(sa.select(OutboxMessage).where(OutboxMessage.topic == "vehicle.speed"))
        return [str(row.payload["kind"]) for row in rows]


def test_the_operator_sets_a_speed_and_takes_it_away(operator: FlaskClient) -> None:
    assert "Leer: Lastenrad 15, Transporter 28." in operator.get(f"{PAGE}/neu").text
    assert operator.post(f"{PAGE}/neu", data=VAN | {"kmh_near": "", "kmh_far": ""}).status_code == 303
    with db.reading() as s:
        van = s.scalars(sa.select(Vehicle.id)).one()
    for near, far, stored in (
        ("22", "60", (22, 60)),
        (" 130", "", (130, None)),
        ("", "3", (None, 3)),
        ("", "", (None, None)),
    ):
        assert operator.post(f"{PAGE}/{van}", data=VAN | {"kmh_near": near, "kmh_far": far}).status_code == 303
        with db.reading() as s:
            row = s.get_one(Vehicle, van)
            assert (row.kmh_near, row.kmh_far) == stored
    operator.post(f"{PAGE}/{van}", data=VAN | {"kmh_near": "22", "kmh_far": "60"})
    assert 'value="22"' in operator.get(f"{PAGE}/{van}").text
    listed = operator.get("/betrieb/touren/einstellungen").text
    assert "in der Stadt 22&nbsp;km/h" in listed
    assert "über Land 60&nbsp;km/h" in listed


@pytest.mark.parametrize("nonsense", ["2", "131", "-20", "20-30", "27,5", "schnell", "٢٠", "9" * 5_000])
@pytest.mark.parametrize("name", ["kmh_near", "kmh_far"])
def test_nonsense_gets_one_sentence_and_stays_to_be_corrected(operator: FlaskClient, name: str, nonsense: str) -> None:
    answer = operator.post(f"{PAGE}/neu", data=VAN | {name: nonsense})
    assert answer.status_code == 422
    assert answer.text.split(f'id="{name}-error"')[1].split("<span>")[1].split("</span>")[0] == ASKED_FOR
    assert f'value="{nonsense}"' in answer.text
    with db.reading() as s:
        assert s.scalar(sa.select(sa.func.count(Vehicle.id))) == 0


def test_a_form_without_the_fields_changes_nothing_else(operator: FlaskClient) -> None:
    assert operator.post(f"{PAGE}/neu", data=VAN).status_code == 303


def test_the_hint_says_when_a_road_network_tells_the_times(operator: FlaskClient) -> None:
    said = "sagt das Straßennetz (OSRM)"
    assert said not in operator.get(f"{PAGE}/neu").text
    with configured(osrm_url="http://roads.example"):
        assert said in operator.get(f"{PAGE}/neu").text


def test_only_a_changed_speed_has_its_kind_learnt_anew(operator: FlaskClient) -> None:
    operator.post(f"{PAGE}/neu", data=VAN | {"kmh_near": "22"})
    with db.reading() as s:
        van = s.scalars(sa.select(Vehicle.id)).one()
    operator.post(f"{PAGE}/{van}", data=VAN | {"kmh_near": "22", "max_weight_kg": "600"})
    assert told() == []
    operator.post(f"{PAGE}/{van}", data=VAN | {"kmh_near": "22", "kmh_far": "45"})
    assert told() == [], "45 is what was assumed"
    operator.post(f"{PAGE}/{van}", data=VAN | {"kmh_near": "23", "kmh_far": "45"})
    assert told() == ["van"]


@pytest.mark.parametrize("wrong", [2, 131, -5])
@pytest.mark.parametrize("name", ["kmh_near", "kmh_far"])
def test_a_speed_out_of_bounds_is_refused_by_the_database(name: str, wrong: int) -> None:
    with pytest.raises(sa.exc.IntegrityError, match=f"{name}_bounded"), db.transaction() as s:
        make_vehicle(s, **{name: wrong})
