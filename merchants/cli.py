"""Commands of the operator's desk: first set-up, the legal check, exports."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email

from market.core import db, migrate, regions, revision, settings
from market.core.cli import Failed, needs_current_database, needs_database, wrong_use
from market.core.config import BadConfiguration, current, load_region
from market.core.errors import MarketError
from market.directory import legal_check
from market.people import accounts
from market.people.models import Role, User
from market.web.cli import config
from merchants import export as exports


def _region(_context: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
    if value is not None:
        try:
            load_region(value)
        except BadConfiguration as error:
            wrong_use(str(error))
    return value


def _imprint(_context: click.Context, _parameter: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    found = {}
    for text in values:
        key, equals, value = text.partition("=")
        if not equals or not value.strip() or key not in (*regions.IMPRINT, *regions.IMPRINT_MORE):
            known = ", ".join((*regions.IMPRINT, *regions.IMPRINT_MORE))
            wrong_use(f'--imprint {text}: write KEY="VALUE" with one of {known}.')
        found[key] = value.strip()
    return found


@click.command("setup")
@click.option("--email", help="The first operator's mail address.")
@click.option("--name", default="Betrieb", help="The first operator's name.")
@click.option("--password", help="At least ten characters; asked for when left out.")
@click.option(
    "--region",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    callback=_region,
    help="A folder with region.toml (name, postcodes, holidays, imprint), copied into the instance.",
)
@click.option(
    "--imprint", multiple=True, callback=_imprint, metavar="KEY=VALUE", help='For example operator="Stadt Muster".'
)
@click.option("--online-payment/--no-online-payment", default=None, help="Switch paying online on or off.")
@needs_database
def setup(
    email: str | None,
    name: str,
    password: str | None,
    region: Path | None,
    *,
    imprint: dict[str, str],
    online_payment: bool | None,
) -> None:
    """First operator, region and imprint. May be run again: only what is given changes.

    An empty database is migrated first. At a terminal and without options it asks.
    """
    if not (email or region or imprint or online_payment is not None):
        if not sys.stdin.isatty():
            wrong_use(
                'Nothing to do: give --email, --region FOLDER, --imprint KEY="VALUE" or --no-online-payment, '
                "or run it at a terminal to be asked."
            )
        email, imprint = _ask()
    _place(region, imprint)
    if not (email or online_payment is not None):
        return
    if revision.in_use() is None:
        migrate.upgrade(db.engine())
    if problem := revision.obstacle():
        raise Failed(problem)
    if online_payment is not None:
        with db.transaction() as s:
            settings.put(s, "online_payment", online_payment)
        click.echo(f"Online payment is {'on' if online_payment else 'off'}.")
    if email:
        _operator(email, name, password)


def _ask() -> tuple[str | None, dict[str, str]]:
    """The operator's mail address and the imprint, asked for one by one; an empty answer leaves it as it is."""
    email = click.prompt("First operator's mail address (empty: none)", default="", show_default=False).strip()
    now = config().region.imprint
    answers = {key: click.prompt(f"Imprint: {key}", default=now.get(key, "")).strip() for key in regions.IMPRINT}
    return email or None, {key: value for key, value in answers.items() if value and value != now.get(key)}


def _place(region: Path | None, imprint: dict[str, str]) -> None:
    try:
        if region is not None:
            regions.adopt(config(), region)
            click.echo(f"Region taken from {region}. Restart the market to use it.")
        if imprint:
            regions.write_imprint(config(), imprint)
            click.echo(f"Imprint: {', '.join(imprint)} written to {regions.own(config())}. Restart the market.")
    except (BadConfiguration, OSError) as error:
        raise Failed(str(error)) from None


def _operator(email: str, name: str, password: str | None) -> None:
    with db.reading() as s:
        known = s.scalar(sa.select(User.id).where(User.email == accounts.normalise_email(email)))
    if known is not None:
        wrong_use(f"{email} has an account already.")
    try:
        validate_email(email, check_deliverability=False)
    except EmailNotValidError:
        wrong_use(f"--email {email}: that is no mail address. Write it like you@town.de.")
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
@needs_current_database
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
@needs_current_database
def export_merchant(slug: str, folder: Path) -> None:
    """Everything of merchant SLUG into FOLDER: CSV, JSON and pictures."""
    _empty(folder)
    try:
        with db.reading() as s:
            counts = exports.merchant(s, slug, folder, current().media)
    except exports.NoSuchMerchant as error:
        wrong_use(error.text)
    except OSError as error:
        raise Failed(str(error)) from None
    _tell(folder, counts)


@export_group.command("town")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@needs_current_database
def export_town(folder: Path) -> None:
    """Every merchant, shops without a merchant and the openings into FOLDER."""
    _empty(folder)
    try:
        with db.reading() as s:
            counts = exports.town(s, folder, current().media)
    except OSError as error:
        raise Failed(str(error)) from None
    _tell(folder, counts)


@export_group.command("22f")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; default: the screen.")
@needs_current_database
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
