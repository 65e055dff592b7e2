"""Commands of the operator's desk: first set-up, the legal check, exports."""

import sys
from collections.abc import Mapping
from pathlib import Path

import click
import sqlalchemy as sa

from market.core import db, settings
from market.core.cli import wrong_use
from market.core.config import current
from market.core.errors import MarketError
from market.directory import legal_check
from market.people import accounts
from market.people.models import Role, User
from market.web.cli import choose_region, config, region_folder
from merchants import export as exports


@click.command("setup")
@click.option("--email", help="The first operator's mail address.")
@click.option("--name", default="Betrieb", help="The first operator's name.")
@click.option("--password", help="At least ten characters; asked for when left out.")
@click.option(
    "--region",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    callback=choose_region,
    help="A folder with region.toml (name, postcodes, holidays, imprint), copied into the instance.",
)
@click.option("--online-payment/--no-online-payment", default=None, help="Switch paying online on or off.")
def setup(
    email: str | None, name: str, password: str | None, region: Path | None, *, online_payment: bool | None
) -> None:
    """First operator, region and imprint. May be run again: only what is given changes."""
    if not (email or region or online_payment is not None):
        wrong_use("Nothing to do: give --email for the first operator, --region FOLDER, or --no-online-payment.")
    if region is not None:
        region_folder(region)
        click.echo(f"Region taken from {region}. Restart the market to use it.")
    if online_payment is not None:
        with db.transaction() as s:
            settings.put(s, "online_payment", online_payment)
        click.echo(f"Online payment is {'on' if online_payment else 'off'}.")
    if email:
        _operator(email, name, password)


def _operator(email: str, name: str, password: str | None) -> None:
    with db.reading() as s:
        known = s.scalar(sa.select(User.id).where(User.email == accounts.normalise_email(email)))
    if known is not None:
        wrong_use(f"{email} has an account already.")
    secret = password or click.prompt("Password", hide_input=True, confirmation_prompt=True)
    try:
        with db.transaction() as s:
            accounts.create(s, email=email, name=name, password=secret, roles=[Role.OPERATOR])
    except MarketError as error:
        wrong_use(error.text)
    click.echo(f"Operator {email} can sign in at {config().public_url}/anmelden.")


@click.group("legal")
def legal() -> None:
    """Duties before the market may take orders."""


@legal.command("check")
def check() -> None:
    """List what is missing; exit status 1 while anything is."""
    with db.reading() as s:
        gaps = legal_check.failures(s, config())
    if not gaps:
        click.echo("Alles vorhanden. Das ersetzt keine Rechtsberatung.")
        return
    for gap in gaps:
        click.echo(f"- {gap}")
    click.echo(f"{len(gaps)} Punkte fehlen: In der Produktion bleibt das Bestellen ausgeschaltet.", err=True)
    raise click.exceptions.Exit(1)


@click.group("export")
def export_group() -> None:
    """Take data out: a merchant's, the town's, the records of § 22f UStG."""


@export_group.command("merchant")
@click.argument("slug")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def export_merchant(slug: str, folder: Path) -> None:
    """Everything of merchant SLUG into FOLDER: CSV, JSON and pictures."""
    _empty(folder)
    try:
        with db.reading() as s:
            counts = exports.merchant(s, slug, folder, current().media)
    except exports.NoSuchMerchant as error:
        wrong_use(error.text)
    _tell(folder, counts)


@export_group.command("town")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def export_town(folder: Path) -> None:
    """Every merchant, shops without a merchant and the openings into FOLDER."""
    _empty(folder)
    with db.reading() as s:
        counts = exports.town(s, folder, current().media)
    _tell(folder, counts)


@export_group.command("22f")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; default: the screen.")
def export_22f(output: Path | None) -> None:
    """The records of § 22f UStG as CSV: every accepted sale that was paid online."""
    with db.reading() as s:
        if output is None:
            exports.records_22f(s, sys.stdout)
            return
        if not output.parent.is_dir():
            wrong_use(f"{output.parent} is no folder: make it first.")
        with output.open("w", encoding="utf-8", newline="") as file:
            count = exports.records_22f(s, file)
    click.echo(f"{count} rows in {output}.")


def _empty(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        wrong_use(f"{folder} is not empty: name a new folder.")


def _tell(folder: Path, counts: Mapping[str, int]) -> None:
    click.echo(f"{folder}: " + ", ".join(f"{name} {count}" for name, count in counts.items()))
