"""The edge: headers, cookies, hosts, methods, logs, health."""

import io
import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market.core import clock, db
from market.core.config import ROOT, Config, load
from market.core.errors import TooManyRequests
from market.core.models import OutboxMessage
from market.people import production
from market.web import limits, logs
from tests.factories import people
from wsgi import create_app

PUBLIC = ("/", "/waren", "/laeden", "/neu", "/korb", "/anmelden", "/impressum", "/vertrag-widerrufen", "/suche?q=brot")


@pytest.mark.parametrize("address", PUBLIC)
def test_every_page_carries_the_strict_headers(client: FlaskClient, database: str, address: str) -> None:
    headers = client.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


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


def test_another_town_boots_with_its_own_name_and_holidays(tmp_path: Path, database: str) -> None:
    folder = tmp_path / "region"
    folder.mkdir()
    text = (ROOT / "regions" / "zeitz" / "region.toml").read_text(encoding="utf-8")
    text = (
        text.replace('"Zeitz"', '"Musterstadt"').replace("Zeitzer Markt", "Markt Musterstadt").replace('"ST"', '"BY"')
    )
    (folder / "region.toml").write_text(re.sub("Zeitz", "Musterstadt", text), encoding="utf-8")
    page = create_app(load({"INSTANCE_DIR": str(tmp_path)}, testing=True)).test_client().get("/").get_data(as_text=True)
    assert "Markt Musterstadt" in page
    assert "Zeitz" not in page
