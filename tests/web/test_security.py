"""The edge: headers, cookies, hosts, methods, logs, health."""

import io
import json
import logging
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.datastructures import Headers

from market.catalogue import pictures
from market.core import clock, db
from market.core.config import ROOT, Config, load
from market.core.errors import TooManyRequests
from market.core.models import OutboxMessage
from market.people import production
from market.web import access, limits, logs, processes
from tests.factories import people
from wsgi import create_app

PUBLIC = ("/", "/waren", "/laeden", "/neu", "/korb", "/anmelden", "/impressum", "/vertrag-widerrufen", "/suche?q=brot")
OTHERS = (  # every other kind of answer: files, feeds, machines' words, redirects, refusals
    "/static/css/base.css",
    "/static/gibt-es-nicht.css",
    "/neu.atom",
    "/neu.rss",
    "/neu.json",
    "/neu.ics",
    "/health",
    "/gibt-es-nicht",
    "/suche?q=%00",
    "/konto",
    "/webhooks/stripe",
    "/medien/" + "0" * 64 + ".webp",
)


def assert_strict(headers: Headers) -> None:
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert policy.startswith(("default-src 'self'", "default-src 'none'"))
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["X-Request-ID"]


@pytest.mark.parametrize("address", [*PUBLIC, *OTHERS])
def test_every_answer_carries_the_strict_headers(client: FlaskClient, database: str, address: str) -> None:
    answer = client.get(address)
    assert_strict(answer.headers)
    answer.close()  # a file that was sent


def test_a_picture_and_a_bug_carry_them_too(app: Flask, database: str) -> None:
    stored = pictures.store_drawing(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><rect width="4" height="3"/></svg>',
        app.config["MARKET"].media,
    )
    client = app.test_client()
    picture = client.get(f"/medien/{stored.sha256}.svg")
    assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")
    assert_strict(picture.headers)
    picture.close()
    app.view_functions["public.health"] = access.public(lambda: str(1 // 0))
    app.testing = False
    broken = client.get("/health")
    assert (broken.status_code, broken.mimetype) == (500, "text/html")
    assert_strict(broken.headers)
    assert "ZeroDivisionError" not in broken.get_data(as_text=True)


def test_under_https_browsers_are_told_to_stay_there(tmp_path: Path, database: str) -> None:
    config = load({"INSTANCE_DIR": str(tmp_path), "PUBLIC_URL": "https://markt.example"}, testing=True)
    answer = create_app(config).test_client().get("/neu.atom", base_url="https://markt.example")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_a_refusal_says_what_goes_or_when(client: FlaskClient, database: str) -> None:
    assert set(client.post("/laeden").headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    for _ in range(40):
        answer = client.post("/anmelden", data={"email": "a@markt.example", "password": "falsch-falsch"})
    assert answer.status_code == 429
    assert 60 <= int(answer.headers["Retry-After"]) <= 3600


def test_a_request_that_is_too_big_is_refused_and_still_has_its_line_in_the_log(app: Flask, database: str) -> None:
    app.config.update(WTF_CSRF_ENABLED=True, MAX_CONTENT_LENGTH=1000)
    answer = app.test_client().post("/anmelden", data={"email": "a" * 2000})
    assert answer.status_code == 413
    assert_strict(answer.headers)


def test_no_page_names_another_host(client: FlaskClient, database: str) -> None:
    outside = re.compile(r"""(?:src|href|action)=["'](?:https?:)?//(?!localhost)([^/"']+)""")
    for address in PUBLIC:
        found = set(outside.findall(client.get(address).get_data(as_text=True)))
        assert found <= {"europa.eu"}, address


def test_the_session_cookie_is_guarded(app: Flask, database: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    cookie = app.test_client().get("/anmelden").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_under_https_the_cookie_belongs_to_this_host_alone(tmp_path: Path, database: str) -> None:
    config = load({"INSTANCE_DIR": str(tmp_path), "PUBLIC_URL": "https://markt.example"}, testing=True)
    cookie = create_app(config).test_client().get("/anmelden", base_url="https://markt.example").headers["Set-Cookie"]
    assert cookie.startswith("__Host-market=")
    assert "Secure" in cookie


def test_links_never_come_from_the_host_header(client: FlaskClient, database: str) -> None:
    for address in ("/neu.atom", "/neu.rss", "/neu.json", "/laeden"):
        assert b"boese.example" not in client.get(address, headers={"Host": "boese.example"}).data


@pytest.mark.parametrize(("method", "address", "status"), [("POST", "/laeden", 405), ("GET", "/gibt-es-nicht", 404)])
def test_errors_are_pages_in_german(client: FlaskClient, database: str, method: str, address: str, status: int) -> None:
    answer = client.open(address, method=method)
    assert answer.status_code == status
    assert 'lang="de"' in answer.get_data(as_text=True)
    assert 'data-test="error"' in answer.get_data(as_text=True)


def test_a_nul_byte_is_refused_before_it_reaches_the_database(client: FlaskClient, database: str) -> None:
    assert client.get("/suche?q=%00").status_code == 400
    assert client.post("/anmelden", data={"email": "a\0b", "password": "x"}).status_code == 400


def test_the_access_log_says_nothing_about_people(app: Flask, database: str) -> None:
    with db.transaction() as s:
        user = people.make_user(s, name="Gisela Geheim", email="geheim@beispiel.example")
    client = people.sign_in(app.test_client(), user)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonLines())
    log = logging.getLogger("market.access")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        client.get(
            "/bestellung/geheimer-schluessel?mail=geheim@beispiel.example", headers={"X-Forwarded-For": "1.2.3.4"}
        )
        client.get("/konto")
    finally:
        log.removeHandler(handler)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["route"] for line in lines] == ["/bestellung/<key>", "/konto"]
    assert {"request", "room", "ms", "queries", "status"} <= set(lines[0])
    for secret in ("geheim", "Gisela", "1.2.3.4"):
        assert secret not in stream.getvalue()


def test_in_production_a_bug_is_logged_without_its_words(tmp_path: Path) -> None:
    def told(formatter: logging.Formatter) -> str:
        try:
            try:
                int("gisela@beispiel.example")
            except ValueError as cause:
                raise RuntimeError("Gisela Geheim") from cause
        except RuntimeError:
            record = logging.LogRecord("market.web", logging.ERROR, "x", 1, "bug", None, sys.exc_info())
        return str(json.loads(formatter.format(record))["traceback"])

    hidden, open_ = told(logs.JsonLines(anonymous=True)), told(logs.JsonLines())
    assert "isela" in open_
    for word in ("ValueError", "RuntimeError", "in told"):
        assert word in hidden
    assert "beispiel" not in hidden.replace('int("gisela@beispiel.example")', "")  # our own source line is no secret
    assert "Geheim" not in hidden.replace('RuntimeError("Gisela Geheim")', "")


def test_a_database_error_does_not_repeat_what_was_typed(committing: Engine) -> None:
    with pytest.raises(sa.exc.DBAPIError) as caught, db.transaction() as s:
        s.execute(sa.text("SELECT * FROM nirgends WHERE name = :name"), {"name": "Gisela Geheim"})
    assert "Gisela" not in str(caught.value)


def test_the_web_servers_own_words_name_nobody() -> None:
    log = logging.getLogger("gunicorn.error")
    processes.say_nothing_about_people()
    try:
        for said in ("Invalid request from ip=1.2.3.4: /bestellung/x", "Error handling request /bestellung/geheim"):
            record = log.makeRecord("x", logging.WARNING, "x", 1, said, (), None)
            assert log.filter(record)
            assert record.getMessage() in ("Invalid request", "Error handling request")
    finally:
        log.filters.clear()


def test_a_port_that_is_taken_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = processes.taken_port(load({"INSTANCE_DIR": str(tmp_path), "PORT": str(port)}))
        assert said is not None
        assert said.startswith(f"Port {port} cannot be used")


def test_signing_in_is_limited_over_processes(committing: Engine, app: Flask, tmp_path: Path) -> None:
    """Two web processes share one count: the second refuses what the first one's guesses used up."""
    with db.transaction() as s:
        people.make_user(s, email="a@markt.example")
    other = create_app(load({"INSTANCE_DIR": str(tmp_path / "b"), "PUBLIC_URL": "http://localhost"}, testing=True))
    other.config["WTF_CSRF_ENABLED"] = False
    wrong = {"email": "a@markt.example", "password": "falsch-falsch"}
    first, second = app.test_client(), other.test_client()
    statuses = [client.post("/anmelden", data=wrong).status_code for _ in range(20) for client in (first, second)]
    assert statuses[0] == 422
    assert statuses[-2:] == [429, 429]


def test_a_rate_limit_counts_over_processes(committing: object, app: Flask, tmp_path: Path) -> None:
    url = db.engine().url.render_as_string(hide_password=False)
    clock.set_source(None)
    code = (
        "import sys; from wsgi import create_app; from market.core.config import load; from market.web import limits\n"
        "app = create_app(load())\n"
        "with app.test_request_context():\n"
        "    for _ in range(3): limits.limit('test', 'somebody', times=5, minutes=1000)\n"
    )
    env = {**os.environ, "DATABASE_URL": url, "INSTANCE_DIR": str(tmp_path / "other")}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, check=True, capture_output=True)
    app.config["SECRET_KEY"] = load({}).secret_key
    with app.test_request_context():
        for _ in range(2):
            limits.limit("test", "somebody", times=5, minutes=1000)
        with pytest.raises(TooManyRequests):
            limits.limit("test", "somebody", times=5, minutes=1000)


def test_health_is_one_word_per_part(client: FlaskClient, database: str) -> None:
    answer = client.get("/health")
    assert answer.status_code == 200
    body = answer.get_json()
    assert {"database", "migrations", "outbox", "mail", "disk", "backup"} <= set(body)
    assert body["database"] == "ok"


def test_health_turns_red_when_jobs_are_stuck(client: FlaskClient, database: str) -> None:
    with db.transaction() as s:
        old = clock.now().replace(hour=0)
        s.add(OutboxMessage(topic="x", payload={}, created_at=old, due_at=old, attempts=0))
    answer = client.get("/health")
    assert (answer.status_code, answer.get_json()["outbox"]) == (503, "stuck")


def production_config(tmp_path: Path, **more: str) -> Config:
    env = {
        "MARKET_ENV": "production",
        "INSTANCE_DIR": str(tmp_path),
        "SECRET_KEY": "x" * 40,
        "PUBLIC_URL": "https://markt.example",
        "STRIPE_SECRET_KEY": "rk_live_something",
        "STRIPE_WEBHOOK_SECRET": "whsec_of_the_endpoint",
        **more,
    }
    return load(env, testing=True)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"PUBLIC_URL": "http://markt.example"}, "PUBLIC_URL"),
        ({"STRIPE_SECRET_KEY": ""}, "STRIPE_SECRET_KEY"),
        ({"STRIPE_SECRET_KEY": "sk_test_1"}, "STRIPE_SECRET_KEY"),
        ({"STRIPE_API_BASE": "http://127.0.0.1:8001"}, "STRIPE_API_BASE"),
        ({"STRIPE_WEBHOOK_SECRET": ""}, "STRIPE_WEBHOOK_SECRET"),
        ({"STRIPE_WEBHOOK_SECRET": "whsec_sandbox"}, "STRIPE_WEBHOOK_SECRET"),
    ],
)
def test_production_refuses_to_start_unsafe(tmp_path: Path, database: str, change: dict[str, str], reason: str) -> None:
    with db.reading() as s:
        (said,) = production.refusals(s, production_config(tmp_path, **change))
    assert said.startswith(reason)


def test_production_refuses_demo_accounts(tmp_path: Path, database: str) -> None:
    with db.transaction() as s:
        people.make_user(s).demo = True
    with db.reading() as s:
        assert any("Demo accounts" in reason for reason in production.refusals(s, production_config(tmp_path)))


def test_a_safe_production_is_not_refused(tmp_path: Path, database: str) -> None:
    with db.reading() as s:
        assert production.refusals(s, production_config(tmp_path)) == []


@pytest.mark.parametrize("command", [["worker", "--once"], ["run"]])
def test_web_and_worker_say_why_and_stop(tmp_path: Path, command: list[str]) -> None:
    env = {**os.environ, "MARKET_ENV": "production", "INSTANCE_DIR": str(tmp_path), "SECRET_KEY": "", "PUBLIC_URL": ""}
    for name in ("DATABASE_URL", "STRIPE_SECRET_KEY", "MARKET_CLOCK"):
        env.pop(name, None)
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    subprocess.run([*flask, "db", "upgrade"], cwd=ROOT, env=env, check=True, capture_output=True)
    done = subprocess.run([*flask, *command], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "Refusing to start: SECRET_KEY" in done.stderr
    assert "Traceback" not in done.stderr
