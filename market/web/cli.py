"""Commands for the person who runs the market: database, backup, worker, first set-up, legal check."""

import shutil
from pathlib import Path

import click
from flask import current_app

from market.core import backup as backups
from market.core import clock, daily, db, doorbell, migrate, outbox, settings
from market.core.cli import Failed, wrong_use
from market.core.config import BadConfiguration, Config, load_region


def config() -> Config:
    """The configuration of the running command."""
    found: Config = current_app.config["MARKET"]
    return found


@click.group("db")
def database() -> None:
    """Migrations: upgrade, downgrade, check."""


@database.command("upgrade")
@click.argument("revision", default="head")
def db_upgrade(revision: str) -> None:
    """Migrate the database up (default: to the newest revision)."""
    try:
        migrate.upgrade(db.engine(), revision)
    except migrate.BadRevision as error:
        wrong_use(f"{error}. Newest revision: {migrate.head()}")
    click.echo(f"Database is at {migrate.current(db.engine())}.")


@database.command("downgrade")
@click.argument("revision", default="-1")
def db_downgrade(revision: str) -> None:
    """Migrate the database down (default: one step; "base" empties it)."""
    try:
        migrate.downgrade(db.engine(), revision)
    except migrate.BadRevision as error:
        wrong_use(f"{error}. Write a revision, -1 or base.")
    click.echo(f"Database is at {migrate.current(db.engine()) or 'base (empty)'}.")


@database.command("check")
def db_check() -> None:
    """Is the database at the newest revision, and do migrations and models agree?"""
    if migrate.current(db.engine()) != migrate.head():
        raise Failed(f"Database is at {migrate.current(db.engine())}, code at {migrate.head()}: run flask db upgrade.")
    if differences := migrate.differences(db.engine()):
        raise Failed("Migrations and models differ:\n" + "\n".join(str(d) for d in differences))
    click.echo("Database and models agree.")


@click.command("upgrade")
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
def worker(*, once: bool) -> None:
    """Do the jobs of the outbox: from the database, or rung by RQ when REDIS_URL is set."""
    handlers: outbox.Handlers = current_app.extensions["job_handlers"]
    redis_url = config().redis_url
    daily.start()
    if once:
        click.echo(f"{outbox.drain(handlers)} jobs done.")
        return
    if redis_url:
        sweep = doorbell.Sweep(doorbell.Bell(redis_url))
        outbox.set_doorbell(sweep.bell)
        sweep.once()
        sweep.start()
        doorbell.work(redis_url)
        sweep.close()
        return
    runner = outbox.Runner(handlers)
    runner.start()
    try:
        runner.thread.join()
    except KeyboardInterrupt:
        runner.close()


@click.command("prepare")
def prepare() -> None:
    """What `make run` does before it starts: migrate, and fill an empty development database with the demo town."""
    config().instance.mkdir(parents=True, exist_ok=True)
    migrate.upgrade(db.engine())
    for step in current_app.extensions["prepare_steps"]:
        step(config())


def region_folder(source: Path) -> None:
    """Copy a region's folder into the instance. Raises BadConfiguration."""
    load_region(source)
    target = config().instance / "region"
    if source.resolve() != target.resolve():
        shutil.copytree(source, target, dirs_exist_ok=True)


def choose_region(_context: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
    """Option callback: a folder with a readable region.toml."""
    if value is not None:
        try:
            load_region(value)
        except BadConfiguration as error:
            wrong_use(str(error))
    return value
