"""Commands of the delivery room: plan a day, print a sheet, run the solver on files, simulate."""

from __future__ import annotations

import math
import os
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from delivery import paper, planning, runs, simulation, simulation_report
from delivery.batcher import BadProblem, Problem
from delivery.batcher.child import PlanFailed, plan_in_child
from delivery.batcher.solve import DEFAULT_SECONDS
from delivery.halts import RunView
from delivery.models import StopKind
from delivery.sheet import SheetFailed, render_pdf
from market.core import config, db, formats, revision, settings
from market.core.cli import Failed, needs_current_database, wrong_use
from market.core.errors import MarketError, NotFound

SOLVE_TIMEOUT_S = 86_400.0
"""`solve` is somebody at a terminal, who can stop it."""


@click.group("delivery")
def delivery() -> None:
    """Delivery runs: plan, sheet, solve, simulate."""


def _day(_context: click.Context, _parameter: click.Parameter, value: str | None) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        wrong_use(f"--day {value}: write a day like 2026-11-26.")


@delivery.command("plan")
@click.option("--day", callback=_day, help="YYYY-MM-DD; default: the next day with deliveries.")
@needs_current_database
def plan(day: date | None) -> None:
    """Close the day's windows for booking and plan. Repeating gives the same plan."""
    try:
        made = planning.plan_day(day or planning.next_day())
    except planning.DayOver as error:
        wrong_use(f"{error.text} Give --day with today or a later day.")
    except MarketError as error:
        raise Failed(error.text) from None
    with db.reading() as s:
        views = runs.day_runs(s, made.day)
    again = " (unchanged: this plan stood already)" if made.repeated else ""
    click.echo(f"{formats.short_day(made.day)}: {len(views)} runs, {made.orders} orders{again}")
    for view in views:
        _print_run(view)
    if made.unserved:
        click.echo(f"Not planned: {len(made.unserved)}")
    for left in made.unserved:
        target = f"-> {left.rolled_to}" if left.rolled_to else "-> a person decides"
        click.echo(f"  {left.number}: {left.reason} {target}")


def _print_run(view: RunView) -> None:
    click.echo(
        f"{view.code}: {view.vehicle}, {view.courier or 'no courier yet'}, "
        f"{view.starts}-{view.ends}, about {view.km}, {len(view.stops)} stops"
    )
    for stop in view.stops:
        numbers = ", ".join(parcel.number for parcel in stop.parcels)
        if stop.kind is StopKind.PICKUP:
            where = stop.shop.name if stop.shop else ""
        else:
            where = " / ".join(f"{to.street}, {to.city}" for to in stop.recipients)
        click.echo(f"  {stop.planned:>5}  {stop.label:<3} {where}: {numbers}")


@delivery.command("sheet")
@click.argument("run")
@click.option("-o", "output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="FILE.pdf")
@needs_current_database
def sheet(run: str, output: Path) -> None:
    """Write the route sheet of RUN (a code such as T17) as a PDF."""
    try:
        with db.reading() as s:
            view, demo = runs.desk_run(s, run), bool(settings.get(s, "demo"))
        output.write_bytes(render_pdf(paper.sheet(view, config.current(), demo=demo)))
    except NotFound:
        wrong_use(f"There is no run {run}: flask delivery plan prints the codes.")
    except (SheetFailed, OSError) as error:
        raise Failed(str(error)) from None
    click.echo(f"{output}: run {view.code}, {len(view.pickups)} shops, {len(view.drops)} doors")


@delivery.command("solve")
@click.argument("problem", type=click.Path(path_type=Path))
@click.argument("plan_file", metavar="PLAN", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="CPU seconds of search.")
@click.option("--iterations", type=click.IntRange(min=0), help="Iterations of search (reproducible).")
@click.option("--seed", type=int, default=0, show_default=True)
def solve(problem: Path, plan_file: Path, seconds: float | None, iterations: int | None, seed: int) -> None:
    """Plan PROBLEM.json and write PLAN.json (format: docs/batcher.md)."""
    if seconds is not None and iterations is not None:
        wrong_use("Give --seconds or --iterations, not both.")
    try:
        asked = Problem.read(problem)
    except BadProblem as error:
        wrong_use(str(error))
    if seconds is None and iterations is None:
        seconds = DEFAULT_SECONDS
    try:
        made = plan_in_child(
            asked, seconds=seconds, iterations=iterations, seed=seed, timeout_s=SOLVE_TIMEOUT_S, memory_mb=0
        )  # fmt: skip
        made.write(plan_file)
    except (PlanFailed, OSError) as error:
        raise Failed(str(error)) from None
    click.echo(
        f"{plan_file}: {len(made.routes)} routes, {len(made.unserved)} orders left, {made.iterations} iterations"
    )


def _range(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[int, int]:
    """5..400 or 40. Orders a day."""
    first, dots, last = value.partition("..")
    low, high = (int(one) if one.isdecimal() and len(one) < 5 else 0 for one in (first, last if dots else first))
    if 1 <= low <= high <= simulation.MOST_ORDERS:
        return low, high
    return wrong_use(
        f"--orders {value}: write orders a day like 40 or 5..400 (1 to {simulation.MOST_ORDERS}, small first)."
    )


class Rate(click.FloatRange):
    """A number in a range; "nan" is in every range."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it."""
        number: float = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value} is not a number, write it like 19.00.", param, ctx)
        return number


@delivery.command("simulate")
@click.option("--days", type=click.IntRange(1, 60), help="Days for each number of orders.  [default: 30]")
@click.option("--orders", default="1..40", show_default=True, callback=_range, help="Orders a day, 40 or 5..400.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--quick", is_flag=True, help=f"Fewer steps, {simulation.QUICK_DAYS} days each: a first look.")
@click.option("--wage", type=Rate(0, 200), default=19.0, show_default=True, help="Euros an hour, all in.")
@click.option("--km", type=Rate(0, 20), default=0.45, show_default=True, help="Euros a kilometre, all in.")
@click.option("-o", "output", type=click.Path(dir_okay=False, path_type=Path), help="FILE.svg: a chart (German).")
def simulate(
    days: int | None, orders: tuple[int, int], seed: int, *, quick: bool, wage: float, km: float, output: Path | None
) -> None:
    """What delivery would cost with so many orders a day, against driving every order by itself. A model.

    Ctrl-C ends it early and shows the steps that are done.
    """
    _check_chart(output)
    region, count = config.current().region, days or (simulation.QUICK_DAYS if quick else 30)
    rates = simulation.Rates(round(wage * 100), round(km * 100))
    means, found, stopped = simulation.steps(*orders, quick=quick), list[simulation.Step](), ""
    try:
        place = simulation.town(region, _own_shops())
        for step in simulation.simulate(place, means, count, seed, rates=rates, told=_tell):
            found.append(step)
    except KeyboardInterrupt:
        stopped = "Interrupted"
    except (simulation.NoPlaces, PlanFailed) as error:
        stopped = str(error)
    if not found:
        raise Failed(stopped)
    click.echo(simulation_report.table(found))
    click.echo(simulation_report.assumptions(place, count, seed, rates))
    if output is not None:
        _write_chart(output, simulation_report.chart(found, place, region.name, count, seed))
    if stopped:
        raise Failed(f"{stopped}: {len(found)} of {len(means)} steps are done and shown.")


def _check_chart(output: Path | None) -> None:
    """Before minutes of work: can the chart be written afterwards?"""
    if output is None:
        return
    if output.suffix != ".svg":
        wrong_use(f"-o {output}: the chart is an SVG, give a name that ends in .svg.")
    if not os.access(output if output.exists() else output.absolute().parent, os.W_OK):
        raise Failed(f"-o {output}: there is no such folder, or it may not be written to.")


def _write_chart(output: Path, chart: str) -> None:
    try:
        output.write_text(chart, encoding="utf-8")
    except OSError as error:
        raise Failed(str(error)) from None


def _tell(at: simulation.Progress) -> None:
    """Progress: at a terminal one line that counts the days, elsewhere a line per step."""
    begun = f"{at.step}/{at.steps}: {at.mean} orders a day"
    if sys.stderr.isatty():
        click.echo(f"\r{begun}, day {at.day} of {at.days}".ljust(60), nl=at.day == at.days, err=True)
    elif at.day == 1:
        click.echo(f"{begun}, {at.days} days ...", err=True)


def _own_shops() -> tuple[tuple[float, float], ...]:
    """This market's shops; none without a current database: the model does not need one."""
    if revision.obstacle() is not None:
        click.echo("No current database: shops are drawn near the centre instead of this market's own.", err=True)
        return ()
    with db.reading() as s:
        return simulation.own_shops(s)
