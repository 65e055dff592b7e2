"""Wrong use ends with status 2 and failed work with 1; the last line says what to do, and nobody sees a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy.engine import Engine

from market.core import db, migrate, revision, settings
from market.core.config import ROOT, BadConfiguration, load
from wsgi import COMMANDS

NEEDS_A_MARKET = [
    "legal check",
    "export town OUT",
    "export 22f",
    "export merchant nobody OUT",
    "worker --once",
    "delivery plan",
    "delivery sheet T1 -o OUT.pdf",
    "geo import GAZETTEER",
    "seed demo",
    "seed catalogue",
    "db check",
]


def run(app: Flask, tmp_path: Path, line: str) -> Result:
    words = [
        str(ROOT / "regions" / "zeitz" / "gazetteer.csv")
        if word == "GAZETTEER"
        else word.replace("OUT", str(tmp_path / "out"))
        for word in line.split()
    ]
    return invoke(app, words)


def invoke(app: Flask, words: Sequence[str]) -> Result:
    with app.app_context():  # as `flask --app wsgi` has it
        return app.test_cli_runner().invoke(args=list(words))


def said(result: Result, status: int) -> str:
    """The last line of stderr, after a command that ended with this status and no surprise."""
    assert result.exit_code == status, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.stderr.strip().splitlines()[-1]


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Engine]:
    """A database nobody migrated yet."""
    yield db.connect(f"sqlite:///{tmp_path / 'empty.db'}")
    db.disconnect()


@pytest.fixture
def away() -> Iterator[Engine]:
    """A database server that does not answer."""
    yield db.connect("postgresql://market:geheim@127.0.0.1:1/market")
    db.disconnect()


@pytest.mark.parametrize("line", NEEDS_A_MARKET)
def test_an_empty_database_is_told_to_be_migrated(app: Flask, empty: Engine, tmp_path: Path, line: str) -> None:
    assert said(run(app, tmp_path, line), 1) == "The database is empty: run flask --app wsgi upgrade"


@pytest.mark.parametrize("line", [*NEEDS_A_MARKET, "db upgrade", "db downgrade", "upgrade", "backup OUT", "prepare"])
def test_a_database_that_is_away_is_said_without_its_password(
    app: Flask, away: Engine, tmp_path: Path, line: str
) -> None:
    last = said(run(app, tmp_path, line), 1)
    assert last.startswith("The database does not answer")
    assert "geheim" not in last


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_an_argument_nobody_asked_for_is_wrong_use(app: Flask, database: str, tmp_path: Path, name: str) -> None:
    said(run(app, tmp_path, f"{name} --nonsense"), 2)


def test_one_step_too_far_down_is_not_taken_by_mistake(app: Flask, committing: Engine, tmp_path: Path) -> None:
    while not migrate.is_first(revision.in_use()):
        assert run(app, tmp_path, "db downgrade -1").exit_code == 0
    assert "Write base" in said(run(app, tmp_path, "db downgrade"), 2)
    assert run(app, tmp_path, "db downgrade base").exit_code == 0
    assert revision.in_use() is None
    assert "Newest revision" in said(run(app, tmp_path, "db upgrade nonsense"), 2)
    assert run(app, tmp_path, "db upgrade").exit_code == 0
    assert run(app, tmp_path, "db check").exit_code == 0


def test_upgrade_saves_what_was_there_and_says_how_to_go_back(app: Flask, committing: Engine, tmp_path: Path) -> None:
    first = run(app, tmp_path, "upgrade")
    assert first.output.startswith("Nothing to do")
    while not migrate.is_first(revision.in_use()):
        migrate.downgrade(committing)
    if revision.in_use() == revision.newest():
        pytest.skip("there is only one migration: nothing to upgrade from")
    result = run(app, tmp_path, "upgrade")
    assert result.exit_code == 0, result.output
    assert "To go back" in result.output
    (saved,) = (app.config["MARKET"].instance / "backups").iterdir()
    assert str(saved) in result.output
    assert revision.in_use() == revision.newest()


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ([], "--email"),
        (["--imprint", "colour=blue"], "represented_by"),
        (["--imprint", "operator"], 'KEY="VALUE"'),
        (["--email", "nobody", "--password", "long-enough-2026"], "you@town.de"),
        (["--email", "a@markt.example", "--password", "short"], "10 Zeichen"),
        (["--region", "."], "region.toml"),
    ],
)
def test_setup_says_what_it_needs(app: Flask, database: str, words: Sequence[str], hint: str) -> None:
    result = invoke(app, ["setup", *words])
    assert hint in said(result, 2)


def test_setup_prepares_a_fresh_machine(app: Flask, empty: Engine) -> None:
    words = ["setup", "--email", "a@markt.example", "--password", "long-enough-2026", "--no-online-payment"]
    imprint = ["--imprint", 'operator=Stadt "Muster" \\ Söhne', "--imprint", "register=HRB 1"]
    result = invoke(app, [*words, *imprint])
    assert result.exit_code == 0, result.output
    with db.reading() as s:
        assert settings.get(s, "online_payment") is False
    folder = app.config["MARKET"].instance / "region"
    written = tomllib.loads((folder / "region.toml").read_text(encoding="utf-8"))
    before = tomllib.loads((ROOT / "regions" / "zeitz" / "region.toml").read_text(encoding="utf-8"))
    expected = before["imprint"] | {"operator": 'Stadt "Muster" \\ Söhne', "register": "HRB 1"}
    assert written == before | {"imprint": expected}
    again = invoke(app, words[:5])
    assert "has an account already" in said(again, 2)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "abc"),
        ("PORT", "99999"),
        ("TRUSTED_PROXIES", "-1"),
        ("MARKET_ENV", "prod"),
        ("MARKET_CLOCK", "tomorrow"),
        ("MARKET_CLOCK", "+"),
        ("MARKET_CLOCK", "+9999999d"),
        ("DATABASE_URL", "mysql://somebody:geheim@host/x"),
        ("MAIL_URL", "ftp://geheim@x"),
        ("PUBLIC_URL", "markt.example"),
        ("REDIS_URL", "geheim"),
        ("INLINE_WORKER", "perhaps"),
    ],
)
def test_a_variable_that_makes_no_sense_is_named(name: str, value: str) -> None:
    with pytest.raises(BadConfiguration, match=name) as caught:
        load({name: value})
    assert "geheim" not in str(caught.value)


def test_a_bad_environment_is_one_line_for_commands_and_the_web(tmp_path: Path) -> None:
    env = {**os.environ, "INSTANCE_DIR": str(tmp_path), "PORT": "abc"}
    for program in (["flask", "--app", "wsgi", "db", "check"], ["gunicorn", "-c", "gunicorn.conf.py", "wsgi:x()"]):
        done = subprocess.run([sys.executable, "-m", *program], cwd=ROOT, env=env, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (2, "PORT='abc': a whole number is needed\n")


def test_the_web_refuses_before_it_listens(tmp_path: Path) -> None:
    env = {**os.environ, "INSTANCE_DIR": str(tmp_path), "MARKET_ENV": "production", "PUBLIC_URL": "", "SECRET_KEY": ""}
    for name in ("DATABASE_URL", "STRIPE_SECRET_KEY", "MARKET_CLOCK"):
        env.pop(name, None)
    python = [sys.executable, "-m"]
    subprocess.run([*python, "flask", "--app", "wsgi", "db", "upgrade"], cwd=ROOT, env=env, check=True)
    web = [*python, "gunicorn", "-c", "gunicorn.conf.py", "wsgi:create_app()"]
    done = subprocess.run(web, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert [line.split(":")[1].strip() for line in done.stderr.splitlines()] == [
        "SECRET_KEY",
        "PUBLIC_URL",
        "STRIPE_SECRET_KEY",
    ]
    assert done.stdout == ""
