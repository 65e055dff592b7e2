"""`delivery simulate`: the model's days, its table, its picture, and what it says about wrong use."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from flask import Flask

from delivery import simulation, simulation_report
from delivery.batcher.series import Series
from delivery.simulation import Day, Step, Town, Want
from market.core import config, revision

pytestmark = pytest.mark.usefixtures("database")


def run(app: Flask, *words: str) -> tuple[int, str, str]:
    """Exit status, stdout, stderr."""
    done = app.test_cli_runner().invoke(args=["delivery", "simulate", *words])
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def place() -> Town:
    return simulation.town(config.current().region)


def test_the_same_seed_gives_the_same_days(app: Flask, place: Town) -> None:
    first = list(simulation.simulate(place, (4,), 2, seed=7))
    assert first == list(simulation.simulate(place, (4,), 2, seed=7))
    assert first != list(simulation.simulate(place, (4,), 2, seed=8))


def test_every_order_is_served_given_up_or_still_waits(app: Flask, place: Town) -> None:
    (step,) = simulation.simulate(place, (2,), 6, seed=1)
    waiting = step.days[-1].moved
    assert step.total("fresh") == step.total("served") + step.total("given_up") + waiting
    assert 0 < step.thin < 1
    assert all(not day.runs for day in step.days if day.thin)


def test_a_window_below_the_minimum_is_not_driven_and_its_orders_wait(app: Flask, place: Town) -> None:
    (step,) = simulation.simulate(place, (1,), 3, seed=1)
    thin = [day for day in step.days if day.orders < simulation.MINIMUM]
    assert thin
    assert all((day.thin, day.runs, day.metres) == (True, 0, 0) for day in thin)


def test_nobody_waits_for_ever(app: Flask, place: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    arrivals = iter([1, *[0] * simulation.MOST_MOVES])
    monkeypatch.setattr(simulation, "poisson", lambda mean, random: next(arrivals))
    (step,) = simulation.simulate(place, (1,), 1 + simulation.MOST_MOVES, seed=1)
    assert [day.orders for day in step.days] == [1] * (1 + simulation.MOST_MOVES)
    assert step.total("given_up") == 1


def test_shared_runs_of_many_orders_cost_less_than_driving_alone(app: Flask, place: Town) -> None:
    (step,) = simulation.simulate(place, (12,), 1, seed=1)
    assert step.cost < step.alone
    assert step.saving > 0.2


def test_arrivals_have_the_mean_they_are_drawn_for() -> None:
    random = Random(1)
    drawn = [simulation.poisson(5, random) for _ in range(4_000)]
    assert sum(drawn) / len(drawn) == pytest.approx(5, abs=0.15)


def test_steps_begin_and_end_where_asked() -> None:
    assert simulation.steps(5, 45) == (5, 7, 10, 15, 20, 30, 40, 45)
    assert simulation.steps(6, 6) == (6,)
    assert len(simulation.steps(1, 400, quick=True)) < len(simulation.steps(1, 400))


def test_own_shops_are_used_where_there_are_some(app: Flask) -> None:
    own = ((51.05, 12.13), (51.051, 12.131), (51.052, 12.132))
    place = simulation.town(config.current().region, own)
    assert place.own
    assert place.shops == own
    assert "3 shops of this market" in simulation_report.assumptions(place, 30, 1)


def test_without_a_current_database_it_says_that_shops_are_drawn(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revision, "obstacle", lambda: "old")
    status, out, err = run(app, "--days", "1", "--orders", "4")
    assert status == 0
    assert "shops are drawn near the centre instead of this market's own" in err
    assert "drawn within 1.5 km" in out


def test_table_and_chart_are_written_and_the_way_there_is_told(app: Flask, tmp_path: Path) -> None:
    picture = tmp_path / "kosten.svg"
    status, out, err = run(app, "--days", "2", "--orders", "3..4", "-o", str(picture))
    assert status == 0
    assert "€/door" in out
    assert "A model, not a measurement. 2 days" in out
    assert "1/2: 3 orders a day" in err
    root = ET.fromstring(picture.read_text(encoding="utf-8"))
    assert root.get("role") == "img"
    assert root.find("{*}title").text.startswith("Was eine Lieferung in")  # type: ignore[union-attr]
    assert "je Tür in geteilten Touren" in root.find("{*}desc").text  # type: ignore[union-attr,operator]
    assert "style=" not in picture.read_text(encoding="utf-8")


def test_a_chart_without_a_driven_day_is_still_a_chart(app: Flask, place: Town) -> None:
    idle = Step(1, (Day(1, 1, thin=True, moved=1),))
    ET.fromstring(simulation_report.chart([idle], place, "Musterstadt", 1, 1))
    assert " - " in simulation_report.table([idle]) + " "


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("--orders", "0"), "like 40 or 5..400"),
        (("--orders", "9..3"), "like 40 or 5..400"),
        (("--orders", "viele"), "like 40 or 5..400"),
        (("--orders", "5..401"), "like 40 or 5..400"),
        (("-o", "kosten.pdf"), "ends in .svg"),
        (("--days", "0"), "1<=x<=60"),
        (("--wage", "viel"), "is not a valid float range"),
        (("--wage", "nan"), "nan is not a number"),
        (("--km", "nan"), "nan is not a number"),
        (("--orders", "5-400"), "like 40 or 5..400"),
        (("--orders", "400..5"), "small first"),
    ],
)
def test_wrong_use_says_what_to_write(app: Flask, words: tuple[str, ...], hint: str) -> None:
    status, _, err = run(app, *words)
    assert status == 2
    assert hint in err.strip().splitlines()[-1]


def test_a_folder_that_is_missing_is_said_before_minutes_of_work(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulation, "simulate", lambda *_, **__: pytest.fail("nothing may be planned"))
    status, _, err = run(app, "--orders", "1..400", "-o", str(tmp_path / "no" / "x.svg"))
    assert status == 1
    assert "no such folder" in err


def test_who_interrupts_has_the_steps_that_are_done(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = tmp_path / "kosten.svg"
    really = simulation._drive

    def tired(place: Town, wanted: Sequence[Want], series: Series) -> Day:
        if len(wanted) > 8:
            raise KeyboardInterrupt
        return really(place, wanted, series)

    monkeypatch.setattr(simulation, "_drive", tired)
    status, out, err = run(app, "--days", "2", "--orders", "3..20", "-o", str(picture))
    assert status == 1
    assert re.search(r"Interrupted: 3 of 7 steps are done and shown", err)
    assert out.splitlines()[1].split()[0] == "3"
    ET.fromstring(picture.read_text(encoding="utf-8"))
    monkeypatch.setattr(simulation, "_drive", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    status, out, err = run(app, "--days", "1", "--orders", "30")
    assert (status, out) == (1, "")
    assert "Interrupted" in err


def test_wage_and_kilometre_are_the_towns_own(app: Flask) -> None:
    cheap, dear = (run(app, "--days", "1", "--orders", "12", "--wage", wage, "--km", "0")[1] for wage in ("10", "20"))
    euros = [float(out.splitlines()[1].split()[-3]) for out in (cheap, dear)]
    assert euros[1] == pytest.approx(2 * euros[0], abs=0.02)
    assert "10.00 € an hour" in cheap
    assert "0.00 € a km" in cheap


def test_the_picture_names_vehicles_and_saving_of_every_step(app: Flask, place: Town) -> None:
    found = [Step(4, (Day(4, 4, served=4, runs=1, doors=4, paid_s=3600, metres=10_000, alone_s=7200, alone_m=20_000),))]
    picture = simulation_report.chart(found, place, "Musterstadt", 1, 1)
    texts = {"".join(one.itertext()) for one in ET.fromstring(picture).findall(".//{*}text")}
    assert {"Fahrzeuge im Mittel", "1,0", "Geld gespart", "50\N{NO-BREAK SPACE}%"} <= texts
