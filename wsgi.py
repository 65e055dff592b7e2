"""The composition root: create_app() and the visible tables that say who is in the house.

BLUEPRINTS     what answers requests
JOB_HANDLERS   who reacts to which outbox topic
COMMANDS       `flask --app wsgi ...`, loaded when called
CONTEXT        what every page gets, from rooms the base page must not reach over to
STAFF_NAV      what staff see in their navigation, by role
PERSONAL_DATA  what each room keeps about a person (export and erasure)
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import click
from flask import Blueprint, Flask

import delivery.jobs
import merchants.views
import payments.models  # noqa: F401 - the tables of every room are known before anything asks for them
from delivery import personal as delivery_data
from delivery import views_phone as phone
from delivery.desk.views import bp as dispatch
from delivery.desk.views_hold import bp as dispatch_hold
from delivery.desk.views_run import bp as dispatch_runs
from delivery.desk.views_settings import bp as dispatch_settings
from delivery.desk.views_street import bp as dispatch_street
from delivery.points import jobs as points
from delivery.points import keeping
from delivery.points.views import bp as point_counter
from delivery.points.views_setup import bp as points_setup
from delivery.views import bp as courier
from delivery.views_substitute import bp as substitute
from market.catalogue import remembered
from market.core import clock, daily, db, mail, outbox
from market.core.config import BadConfiguration, Config, load, use
from market.core.i18n import N_
from market.demo import prepare as demo_prepare
from market.demo import refresh as demo_refresh
from market.directory import gazetteer, openings
from market.directory.views import bp as directory
from market.orders import cart, handing, notices, parts, withdrawal
from market.orders import personal as orders_data
from market.people import accounts, production, secrets
from market.people import personal as people_data
from market.public import (  # noqa: F401 - they hang their routes on the public blueprint
    account_pages,
    base,
    cart_pages,
    catalogue_pages,
    directory_pages,
    health,
    home,
    legal_pages,
    login_pages,
    media,
    order_pages,
    region_pictures,
    reservation_pages,
    search_pages,
    village_pages,
    withdrawal_pages,
)
from market.public.blueprint import bp as public
from market.web import access, logs, setup
from market.web.commands import LaterCommands
from market.web.jobthread import JobThread
from payments import cashier, fees, inbox, online, payouts, refunds
from payments import personal as payments_data
from payments.views import bp as checkout
from payments.views_webhook import bp as webhooks

BLUEPRINTS: Sequence[Blueprint] = (
    public,
    directory,
    checkout,
    webhooks,
    courier,
    phone.bp,
    dispatch,
    dispatch_runs,
    substitute,
    dispatch_hold,
    dispatch_settings,
    dispatch_street,
    point_counter,
    points_setup,
    *merchants.views.BLUEPRINTS,
)

JOB_HANDLERS: Mapping[str, Sequence[outbox.Handler]] = {
    "mail.queued": (mail.send,),
    "password.forgotten": (secrets.mail_link,),
    "day.begins": (
        daily.ring_next,
        delivery.jobs.make_windows,
        delivery.jobs.look_for_unfinished,
        delivery.jobs.learn_pace,
        delivery.jobs.forget_proofs,
        delivery.jobs.end_substitutes,
        points.keep_claims,
        delivery.jobs.measure_tonight,
        payouts.sweep,
        inbox.forget_payloads,
        openings.openings_day,
        demo_refresh.day_begins,
        cart.tidy_daily,
        orders_data.forget_reservations,
    ),
    "window.cutoff": (delivery.jobs.close_window, delivery.jobs.plan_window),
    "capacity.measure": (delivery.jobs.measure_capacity,),
    "vehicles.changed": (delivery.jobs.follow_vehicles,),
    "vehicle.speed": (delivery.jobs.relearn_pace,),
    "delivery.not_needed": (refunds.needless_delivery,),
    "runs.check": (delivery.jobs.remind_of_unfinished,),
    "run.settled": (delivery.jobs.end_broken_run,),
    "order.at_point": (points.told,),
    "order.point_reminder": (points.remind,),
    "order.point_ends": (points.ends,),
    "order.point_refused": (points.refused,),
    "order.placed": (notices.placed,),
    "order.confirmed": (notices.confirmed,),
    "order.hold_ends": (online.end_hold,),
    "order.unpaid": (notices.unpaid,),
    "part.answer_due": (parts.answer_due,),
    "reservation.ends": (parts.end_reservation,),
    "part.accepted": (notices.accepted, delivery.jobs.plan_late_part),
    "part.rejected": (notices.rejected, delivery.jobs.release_booking, points.part_died, refunds.dead_part),
    "part.expired": (notices.expired, delivery.jobs.release_booking, points.part_died, refunds.dead_part),
    "part.cancelled": (
        notices.cancelled,
        delivery.jobs.release_booking,
        delivery.jobs.part_died,
        points.part_died,
        refunds.dead_part,
    ),
    "part.cancel_requested": (notices.cancel_requested,),
    "part.cancel_declined": (notices.cancel_declined,),
    "part.lines_missing": (notices.lines_missing, refunds.missing_lines),
    "part.ready": (notices.ready, points.own_part),
    "part.with_courier": (notices.with_courier,),
    "part.short": (notices.short,),
    "part.brought_back": (notices.brought_back,),
    "part.handed_over": (notices.handed_over, payouts.handed_over),
    "part.uncollected": (notices.uncollected,),
    "part.closing": (handing.close,),
    "withdrawal.received": (withdrawal.match,),
    "webhook.received": (inbox.received,),
    "payment.fee_due": (fees.ask,),
    "refund.opened": (refunds.send,),
    "reversal.opened": (refunds.reverse,),
    "transfer.opened": (payouts.send,),
}

COMMANDS: Mapping[str, str] = {
    "setup": "merchants.cli:setup",
    "db": "market.web.cli:database",
    "upgrade": "market.web.cli:upgrade",
    "prepare": "market.web.cli:prepare",
    "seed": "market.demo.cli:seed",
    "worker": "market.web.cli:worker",
    "delivery": "delivery.cli:delivery",
    "geo": "market.directory.cli:geo",
    "search": "market.catalogue.cli:search",
    "backup": "market.web.cli:backup",
    "restore": "market.web.cli:restore",
    "legal": "merchants.cli:legal",
    "export": "merchants.cli:export_group",
}

PREPARE_STEPS: Sequence[Callable[[Config], None]] = (
    gazetteer.load_region_gazetteer,
    partial(demo_prepare.fill_when_empty, handlers=JOB_HANDLERS),
    demo_refresh.before_start,
    daily.start,
)

STAFF_NAV: Sequence[tuple[str, str, frozenset[str]]] = (
    ("/haendler/", N_("Bestellungen"), frozenset({"merchant"})),
    ("/haendler/produkte", N_("Produkte"), frozenset({"merchant"})),
    ("/haendler/bestand", N_("Bestand"), frozenset({"merchant"})),
    ("/haendler/widerrufe", N_("Widerrufe"), frozenset({"merchant"})),
    ("/haendler/laeden", N_("Läden und Öffnungszeiten"), frozenset({"merchant"})),
    ("/haendler/hilfe", N_("Hilfe vom Markt"), frozenset({"merchant"})),
    ("/haendler/protokoll", N_("Protokoll des Geschäfts"), frozenset({"merchant"})),
    ("/betrieb/", N_("Was ist zu tun?"), frozenset({"caretaker", "operator", "editor"})),
    ("/betrieb/anrufe", N_("Anrufe und Briefe"), frozenset({"caretaker", "operator"})),
    ("/betrieb/haendler", N_("Geschäfte"), frozenset({"caretaker", "operator"})),
    ("/betrieb/konten", N_("Konten und Rollen"), frozenset({"operator"})),
    ("/betrieb/zahlungen", N_("Zahlungen"), frozenset({"operator"})),
    ("/betrieb/auftraege", N_("Gescheiterte Aufträge"), frozenset({"operator"})),
    ("/betrieb/protokoll", N_("Protokoll des Marktes"), frozenset({"operator"})),
    ("/touren/", N_("Meine Touren"), frozenset({"courier"})),
    ("/betrieb/touren/", N_("Touren und Lieferung"), frozenset({"operator", "caretaker"})),
    ("/abholpunkt/", N_("Abholpunkt"), frozenset({"keeper", "operator", "caretaker"})),
    ("/haendler/neueroeffnung", N_("Neueröffnung melden"), frozenset({"merchant"})),
    ("/betrieb/neueroeffnungen", N_("Neueröffnungen"), frozenset({"editor", "operator"})),
    ("/betrieb/verzeichnis", N_("Läden ohne Verkauf"), frozenset({"editor", "operator"})),
    ("/betrieb/sonntage", N_("Verkaufsoffene Sonntage"), frozenset({"editor", "operator"})),
)

CONTEXT: Mapping[str, Callable[[], Any]] = {
    "search_words": search_pages.search_words,
    "demo": base.demo,
    "ordering_off": base.ordering_off,
    "footer_links": base.footer_links,
    "staff_nav": base.staff_nav(STAFF_NAV),
    "cart_count": cart_pages.cart_count,
}

PERSONAL_DATA: account_pages.PersonalData = {
    "account": (people_data.export, people_data.erase),
    "orders": (orders_data.export, orders_data.erase),
    "delivery": (delivery_data.export, delivery_data.erase),
    "payments": (payments_data.export, payments_data.erase),  # erased from the last to the first
}


def create_app(config: Config | None = None) -> Flask:
    """The application for one configuration (default: the environment). Connects the database, starts nothing."""
    config = config or _configuration()
    use(config)
    clock.shift(config.clock_shift)
    mail.configure(config)
    remembered.hold_for(0 if config.testing else remembered.SECONDS)
    cashier.configure(config)
    if not config.testing:
        logs.configure(production=config.production)
        _connect(config)
        if _serving():
            production.refuse(config)
    app = Flask(__name__, template_folder="templates", static_folder="static")
    setup.configure(app, config, accounts.loader(keeping.extra_roles))
    setup.base_context(app, CONTEXT, shoppers_only={"search_words", "cart_count"})
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.cli = LaterCommands(COMMANDS)
    app.extensions["job_handlers"] = JOB_HANDLERS
    app.extensions["refuse_unsafe"] = production.refuse
    app.extensions["ordering_off"] = base.ordering_off
    app.extensions["prepare_steps"] = PREPARE_STEPS
    app.extensions["personal_data"] = PERSONAL_DATA
    app.extensions["warm"] = remembered.warm
    app.extensions["job_thread"] = JobThread(config, JOB_HANDLERS)
    app.jinja_env.globals["region_picture"] = region_pictures.address
    access.check_every_route(app)
    return app


def _configuration() -> Config:
    try:
        return load()
    except BadConfiguration as error:
        click.echo(str(error), err=True)
        sys.exit(2)


def _connect(config: Config) -> None:
    try:
        db.connect(config.database_url)
    except OSError as error:
        sys.exit(f"The database's folder cannot be used ({error}): check INSTANCE_DIR and DATABASE_URL.")


def _serving() -> bool:
    """Whether this is a web server. The worker asks for itself; every other command always runs."""
    command = click.get_current_context(silent=True)
    return command is None or command.info_name == "run"


def run_outbox_row(row_id: int) -> None:
    """RQ's entry point: the wake-up names a row, the row says what to do. A bare `rq worker` works too."""
    if not db.connected():
        create_app()
    outbox.run_row(row_id, JOB_HANDLERS)
