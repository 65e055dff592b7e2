"""Migrations as functions: no alembic.ini, one connection, both databases."""

from collections.abc import Callable

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy.engine import Engine

from market.core.config import ROOT


class BadRevision(Exception):
    """The revision asked for does not exist."""


def _config() -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("prepend_sys_path", str(ROOT))
    config.set_main_option("path_separator", "os")
    return config


def head() -> str:
    """The newest revision in the code."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None
    return revision


def is_first(revision: str | None) -> bool:
    """Whether nothing stands below this revision: going down from it empties the database."""
    return revision in ScriptDirectory.from_config(_config()).get_bases()


def current(engine: Engine) -> str | None:
    """The revision the database is at; None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate up. All or nothing on both databases. Raises BadRevision."""
    _run(engine, lambda config: command.upgrade(config, revision))


def downgrade(engine: Engine, revision: str = "-1") -> None:
    """Migrate down. Raises BadRevision."""
    _run(engine, lambda config: command.downgrade(config, revision))


def differences(engine: Engine) -> list[object]:
    """What autogenerate would change: empty when migrations and models agree."""
    found: list[object] = []

    def collect(_context: object, _revision: object, directives: list[object]) -> None:
        found.extend(directives[0].upgrade_ops.as_diffs())  # type: ignore[attr-defined]  # alembic types it as object
        directives[:] = []

    config = _config()
    with engine.connect().execution_options(write=True) as connection:
        config.attributes["connection"] = connection
        config.attributes["compare_only"] = True
        command.revision(config, autogenerate=True, process_revision_directives=collect)  # type: ignore[arg-type]
        connection.rollback()
    return found


def _run(engine: Engine, action: Callable[[AlembicConfig], None]) -> None:
    config = _config()
    with engine.connect().execution_options(write=True) as connection:
        config.attributes["connection"] = connection
        try:
            action(config)
        except CommandError as error:
            raise BadRevision(str(error)) from None
        connection.commit()
