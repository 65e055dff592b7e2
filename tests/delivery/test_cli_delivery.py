"""`flask delivery ...`: what it prints, and how it fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from delivery.models import Run
from market.core import db
from tests.delivery.day import make_market_day

pytestmark = pytest.mark.usefixtures("database")


def run(app: Flask, *words: str) -> tuple[int, str, str]:
    """Exit status, stdout, last line of stderr."""
    done = app.test_cli_runner().invoke(args=["delivery", *words])
    return done.exit_code, done.stdout, (done.stderr.strip().splitlines() or [""])[-1]


def test_plan_prints_runs_stops_and_leftovers(app: Flask) -> None:
    market = make_market_day(shops=2)
    market.order([0, 1])
    status, printed, _ = run(app, "plan", "--day", market.day.isoformat())
    assert status == 0
    assert "25.11.2026: 1 runs, 1 orders" in printed
    assert "L1" in printed
    assert "Gartenweg 1, Zeitz" in printed
    status, again, _ = run(app, "plan")
    assert "unchanged" in again


def test_plan_says_why_something_stays_behind(app: Flask) -> None:
    market = make_market_day(shops=1, vehicles=0)
    market.order([0])
    _, printed, _ = run(app, "plan")
    assert "Not planned: 1" in printed
    assert (
        "An diesem Tag fährt kein Fahrzeug. Es hilft, für diesen Tag ein Fahrzeug einzutragen. -> a person decides"
        in printed
    )


@pytest.mark.parametrize(("day", "hint"), [("morgen", "2026-11-26"), ("2026-11-01", "--day with today")])
def test_a_wrong_day_is_wrong_use(app: Flask, day: str, hint: str) -> None:
    status, _, said = run(app, "plan", "--day", day)
    assert status == 2
    assert hint in said


def test_sheet_writes_a_pdf(app: Flask, tmp_path: Path) -> None:
    market = make_market_day(shops=1)
    market.order([0])
    run(app, "plan")
    with db.reading() as s:
        code = s.scalars(sa.select(Run.code)).one()
    status, printed, _ = run(app, "sheet", code, "-o", str(tmp_path / "tour.pdf"))
    assert status == 0
    assert "1 shops, 1 doors" in printed
    assert (tmp_path / "tour.pdf").read_bytes().startswith(b"%PDF")
    assert run(app, "sheet", code, "-o", str(tmp_path / "no" / "tour.pdf"))[0] == 1
    status, _, said = run(app, "sheet", "T999", "-o", str(tmp_path / "x.pdf"))
    assert status == 2
    assert "There is no run T999" in said


def test_solve_reads_and_writes_the_interchange_format(app: Flask, tmp_path: Path) -> None:
    problem = {
        "shops": [{"id": 1, "loc": 1, "open": 0, "close": 86400, "setup": 60, "per_parcel": 10}],
        "orders": [
            {"id": 7, "loc": 2, "tw": [0, 86400], "setup": 60, "parcels": [{"shop": 1, "weight": 1, "volume": 1}]}
        ],
        "vehicles": [{"id": 1, "type": "van", "depot": 0, "shift": [0, 86400], "cap": [10, 10, 10]}],
        "time": {"van": [[0, 5, 5], [5, 0, 5], [5, 5, 0]]},
        "cost": {"vehicle": 1800, "unserved": 20000},
    }
    source, target = tmp_path / "problem.json", tmp_path / "plan.json"
    source.write_text(json.dumps(problem))
    status, printed, _ = run(app, "solve", str(source), str(target), "--iterations", "20", "--seed", "3")
    assert status == 0
    assert "1 routes, 0 orders left" in printed
    assert json.loads(target.read_text())["routes"][0]["stops"] == [{"shop": 1, "orders": [7]}, {"drop": 7}]


def test_solve_says_what_is_wrong_with_the_file(app: Flask, tmp_path: Path) -> None:
    source = tmp_path / "problem.json"
    source.write_text('{"shops": 3}')
    status, _, said = run(app, "solve", str(source), str(tmp_path / "plan.json"))
    assert status == 2
    assert "shops" in said
    assert run(app, "solve", str(tmp_path / "none.json"), "x.json")[0] == 2
    assert run(app, "solve", str(source), "x.json", "--seconds", "1", "--iterations", "5")[0] == 2
