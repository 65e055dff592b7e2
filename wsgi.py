"""The composition root: create_app() and the visible tables that say who is in the house.

BLUEPRINTS     what answers requests
JOB_HANDLERS   who reacts to which outbox topic
COMMANDS       `flask --app wsgi ...`
CONTEXT        what every page gets, from rooms the base page must not reach over to
STAFF_NAV      what staff see in their navigation, by role
PERSONAL_DATA  what each room keeps about a person (export and erasure)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from click import Command
from flask import Blueprint, Flask
from sqlalchemy.orm import Session

from market.core import clock, db, mail, outbox
from market.core.config import Config, load
from market.directory import staff
from market.people import accounts
from market.public.blueprint import bp as public
from market.web import access, logs, setup

BLUEPRINTS: Sequence[Blueprint] = (public,)

JOB_HANDLERS: Mapping[str, Sequence[outbox.Handler]] = {
    "mail.queued": (mail.send,),
}

COMMANDS: Sequence[Command] = ()

CONTEXT: Mapping[str, Callable[[], Any]] = {}

STAFF_NAV: Sequence[tuple[str, str, frozenset[str]]] = ()

PERSONAL_DATA: Mapping[str, tuple[Callable[[Session, int], Any], Callable[[Session, int], None]]] = {}


def create_app(config: Config | None = None) -> Flask:
    """The application for one configuration (default: the environment). Connects the database, starts nothing."""
    config = config or load()
    clock.shift(config.clock_shift)
    mail.configure(config)
    if not config.testing:
        logs.configure()
        db.connect(config.database_url)
    app = Flask(__name__, template_folder="templates", static_folder="static")
    setup.configure(app, config, accounts.loader(staff.extra_roles))
    setup.base_context(app, CONTEXT)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for command in COMMANDS:
        app.cli.add_command(command)
    access.check_every_route(app)
    return app


def run_outbox_row(row_id: int) -> None:
    """RQ's entry point: the wake-up names a row, the row says what to do."""
    outbox.run_row(row_id, JOB_HANDLERS)
