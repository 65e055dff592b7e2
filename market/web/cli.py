"""Commands for the person who runs the market: database, backup, worker, first set-up, legal check."""

import signal
from pathlib import Path

import click
from flask import current_app

from market.core import backup as backups
from market.core import clock, daily, db, doorbell, migrate, outbox, settings
from market.core import revision as revisions
from market.core.cli import Failed, needs_current_database, needs_database, wrong_use
from market.core.config import Config


def config() -> Config:
    """The configuration of the running command."""
    found: Config = current_app.config["MARKET"]
    return found


@click.group("db")
def database() -> None:
    """Migrations: upgrade, downgrade, check."""


@database.command("upgrade")
@click.argument("revision", default="head")
@needs_database
def db_upgrade(revision: str) -> None:
    """Migrate the database up (default: to the newest revision)."""
    try:
        migrate.upgrade(db.engine(), revision)
    except migrate.BadRevision as error:
        wrong_use(f"{error}. Newest revision: {migrate.head()}")
    click.echo(f"Database is at {migrate.current(db.engine())}.")


@database.command("downgrade", context_settings={"ignore_unknown_options": True})  # -1 is no option
@click.argument("revision", default="-1")
@needs_database
def db_downgrade(revision: str) -> None:
    """Migrate the database down (default: one step; "base" empties it)."""
    if revision != "base" and migrate.is_first(revisions.in_use()):
        wrong_use("One step down from the first revision empties the database. Write base if you want that.")
    try:
        migrate.downgrade(db.engine(), revision)
    except migrate.BadRevision as error:
        wrong_use(f"{error}. Write a revision, -1 or base.")
    click.echo(f"Database is at {migrate.current(db.engine()) or 'base (empty)'}.")


@database.command("check")
@needs_database
def db_check() -> None:
    """Is the database at the newest revision, and do migrations and models agree?"""
    if migrate.current(db.engine()) != migrate.head():
        raise Failed(str(revisions.obstacle()))
    if differences := migrate.differences(db.engine()):
        raise Failed("Migrations and models differ:\n" + "\n".join(str(d) for d in differences))
    click.echo("Database and models agree.")


@click.command("upgrade")
@needs_database
def upgrade() -> None:
    """Backup, migrate, and say how to go back."""
    engine = db.engine()
    before = migrate.current(engine)
    if before == migrate.head():
        click.echo("Nothing to do: the database is at the newest revision.")
        return
    if before is not None:
        target = config().instance / "backups" / f"before-{migrate.head()}-{clock.now():%Y%m%dT%H%M%S}.tar.gz"
        backups.backup(engine, config(), target)
        click.echo(f"Backup: {target}")
        click.echo(f"To go back: check out the old code, empty the database, flask --app wsgi restore {target}")
    migrate.upgrade(engine)
    click.echo(f"Database is at {migrate.current(engine)}.")


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@needs_database
def backup(file: Path) -> None:
    """Save the whole market (database, pictures, region) to FILE (.tar.gz). The market may run on."""
    try:
        counts = backups.backup(db.engine(), config(), file)
    except (backups.BackupFailed, OSError) as error:
        raise Failed(str(error)) from None
    with db.transaction() as s:
        settings.put(s, "last_backup_at", clock.now().isoformat())
    click.echo(f"{file}: {sum(counts.values())} rows in {len(counts)} tables.")


@click.command("restore")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@needs_database
def restore(file: Path) -> None:
    """Read a backup FILE into an empty database."""
    if not file.exists():
        wrong_use(f"{file}: no such file.")
    try:
        counts = backups.restore(db.engine(), config(), file)
    except (backups.BackupFailed, OSError) as error:
        raise Failed(str(error)) from None
    click.echo(f"Restored {sum(counts.values())} rows in {len(counts)} tables.")


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what is due now and end.")
@needs_current_database
def worker(*, once: bool) -> None:
    """Do the jobs of the outbox: from the database, or rung by RQ when REDIS_URL is set."""
    current_app.extensions["refuse_unsafe"](config())
    handlers: outbox.Handlers = current_app.extensions["job_handlers"]
    daily.start()
    if once:
        click.echo(f"{outbox.drain(handlers)} jobs done.")
    elif redis_url := config().redis_url:
        _work_with_redis(redis_url)
    else:
        _work_alone(handlers)


def _work_with_redis(url: str) -> None:
    if not doorbell.answers(url):
        raise Failed("No Redis answers at REDIS_URL: start it, or unset REDIS_URL (jobs then come from the database).")
    sweep = doorbell.Sweep(doorbell.Bell(url))
    outbox.set_doorbell(sweep.bell)
    sweep.once()
    sweep.start()
    doorbell.work(url)
    sweep.close()


def _work_alone(handlers: outbox.Handlers) -> None:
    """Until SIGTERM or Ctrl-C, which let the job at hand finish."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    runner = outbox.Runner(handlers)
    runner.start()
    try:
        runner.thread.join()
    except KeyboardInterrupt:
        runner.close()


@click.command("prepare")
@needs_database
def prepare() -> None:
    """What `make run` does before it starts: migrate, and fill an empty development database with the demo town."""
    config().instance.mkdir(parents=True, exist_ok=True)
    migrate.upgrade(db.engine())
    for step in current_app.extensions["prepare_steps"]:
        step(config())
