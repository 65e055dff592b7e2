"""The commands of contract.md are in wsgi.py's table, and each name loads what it says."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from flask import Flask

from market.core.config import ROOT
from wsgi import COMMANDS

PROMISED = {"setup", "db", "upgrade", "seed", "worker", "delivery", "geo", "backup", "restore", "legal", "export"}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_loads_and_says_what_it_does(app: Flask, name: str) -> None:
    with click.Context(app.cli) as context:
        command = app.cli.get_command(context, name)
        assert command is not None
        assert command.get_short_help_str()


def test_the_promised_commands_are_there() -> None:
    assert set(COMMANDS) >= PROMISED


def loaded(code: str, *names: str) -> list[str]:
    """Which of these modules a fresh Python has loaded after running the code."""
    code = f"import sys; {code}; print(*sorted(set(sys.modules) & set({names!r})))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_a_web_process_loads_neither_alembic_nor_redis_nor_a_solver() -> None:
    assert loaded("import wsgi; wsgi.create_app()", "alembic", "redis", "rq", "numba", "numpy") == []


def test_the_master_process_loads_no_database() -> None:
    assert loaded("import runpy; runpy.run_path('gunicorn.conf.py')", "sqlalchemy", "flask", "redis") == []
