"""Who may call what: the committed table is the application's, and no role can make any page fail."""

import random
import re
import string

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from market.core import db
from market.core.config import ROOT
from market.people.models import Role, User
from market.web import access
from tests.factories import directory, people
from tests.web import permissions

CSRF_EXEMPT = {"/webhooks/stripe"}  # signed by the sender
SAFE = {"GET", "HEAD", "OPTIONS"}
LETTERS = string.ascii_letters + string.digits + "-_äß'\"<>%"


def test_the_committed_table_is_the_applications(app: Flask) -> None:
    committed = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")
    assert committed == permissions.table(app), "run: python -m tests.web.permissions > docs/permissions.md"


def test_a_route_without_a_rule_keeps_the_market_from_starting(app: Flask) -> None:
    app.view_functions["silent"] = lambda: "x"
    app.url_map.add(Rule("/still", endpoint="silent"))
    with pytest.raises(RuntimeError, match="silent"):
        access.check_every_route(app)


def make(role: str) -> User | None:
    with db.transaction() as s:
        if role == "guest":
            return None
        if role == "merchant":
            user = people.make_user(s, name="Berta Bäckerei")
            directory.make_merchant(s, staff_user=user)
            return user
        return people.make_user(s, roles=[one for one in Role if one.value == role])


def example(rule: Rule, rng: random.Random) -> str:
    """An address of this route with random values."""
    values: dict[str, object] = {}
    for name in set(rule.arguments) & set(rule._converters):
        kind = rule._converters[name].__class__.__name__
        if kind == "RowId":
            values[name] = rng.choice([0, 1, 2, 999_999, 2_147_483_647])
        elif kind == "AnyConverter":
            values[name] = re.findall(r"[a-z]+", rule._converters[name].regex)[-1]
        else:
            values[name] = "".join(rng.choices(LETTERS, k=rng.randint(1, 20)))
    built = rule.build(values, append_unknown=False)
    assert built is not None
    return built[1]


@pytest.mark.parametrize("role", ["guest", "shopper", "merchant", "courier", "caretaker", "editor", "operator"])
def test_no_address_with_random_ids_makes_the_market_fail(role: str, app: Flask, database: str) -> None:
    app.testing = False  # a bug must show as a 500 here, not as an exception of the first page
    client = app.test_client()
    if (user := make(role)) is not None:
        people.sign_in(client, user)
    rng = random.Random(20261123)
    failed = []
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint != "static":
            for _ in range(2):
                address = example(rule, rng)
                answer = client.get(address)
                if answer.status_code >= 500 and not (rule.rule == "/health" and answer.status_code == 503):
                    failed.append(f"{address} {answer.status_code}")
                answer.close()  # a file that was sent
    assert failed == []


@pytest.mark.parametrize("role", ["guest", "shopper", "merchant", "courier", "caretaker", "editor", "operator"])
def test_a_role_gets_in_where_the_table_says_and_nowhere_else(role: str, app: Flask, database: str) -> None:
    client = app.test_client()
    user = make(role)
    if user is not None:
        people.sign_in(client, user)
    held = frozenset({role}) if role not in ("guest", "shopper") else frozenset()
    rng = random.Random(1)
    for rule in app.url_map.iter_rules():
        may = access.rule_of(app, rule.endpoint)
        assert may is not None
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static" or access.PUBLIC in may:
            continue
        status = client.get(example(rule, rng)).status_code
        if access.allowed(may, held, known=user is not None):
            assert status not in (401, 500), rule.rule
        else:
            assert status == (303 if user is None else 403), rule.rule


def changes(app: Flask) -> list[tuple[Rule, str]]:
    """Every (route, method) that may change something."""
    return [(rule, verb) for rule in app.url_map.iter_rules() for verb in (rule.methods or set()) - SAFE]


@pytest.mark.parametrize("role", ["guest", "shopper", "merchant", "courier", "caretaker", "editor", "operator"])
def test_a_role_changes_nothing_it_may_not(role: str, app: Flask, database: str) -> None:
    client = app.test_client()
    user = make(role)
    if user is not None:
        people.sign_in(client, user)
    held = frozenset({role}) if role not in ("guest", "shopper") else frozenset()
    rng = random.Random(3)
    for rule, verb in changes(app):
        may = access.rule_of(app, rule.endpoint)
        assert may is not None
        if access.allowed(may, held, known=user is not None):
            continue
        answer = client.open(example(rule, rng), method=verb)
        assert answer.status_code == (303 if user is None else 403), f"{verb} {rule.rule}"
        if user is None:
            assert answer.location.startswith("/anmelden"), rule.rule


def test_nothing_is_changed_by_anything_but_post(app: Flask) -> None:
    assert {verb for _, verb in changes(app)} == {"POST"}


def test_every_change_needs_the_forms_token(app: Flask, database: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client: FlaskClient = people.sign_in(app.test_client(), make("operator"))  # type: ignore[arg-type]  # never None
    rng = random.Random(2)
    open_doors = []
    for rule, verb in changes(app):
        if rule.rule not in CSRF_EXEMPT:
            answer = client.open(example(rule, rng), method=verb, data={})
            if answer.status_code != 400 or "Formular" not in answer.get_data(as_text=True):
                open_doors.append(f"{rule.rule} {answer.status_code}")
    assert open_doors == []
