"""The seeded demo town, built once for all workers of a test run by the real commands.

instance = seeded(tmp_path_factory)     # an instance folder with market.db, media and sandbox.db; copy before writing
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from market.core.config import ROOT
from tests import when

_OWN = ("DATABASE_URL", "REDIS_URL", "STRIPE_SECRET_KEY", "MARKET_CLOCK", "MARKET_ENV", "MAIL_URL")


def flask(instance: Path, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
    """`flask --app wsgi COMMAND` on an instance folder, with nothing of our own surroundings."""
    clean = {name: value for name, value in os.environ.items() if name not in _OWN}
    clean |= {"INSTANCE_DIR": str(instance), "SANDBOX_PORT": "9", "MARKET_CLOCK": when.later()} | env
    run = [sys.executable, "-m", "flask", "--app", "wsgi", *command]
    return subprocess.run(run, cwd=ROOT, env=clean, capture_output=True, text=True, check=False)


def seed(instance: Path, **env: str) -> str:
    """Migrate and seed; what the command printed."""
    assert flask(instance, "db", "upgrade", **env).returncode == 0
    seeded_ = flask(instance, "seed", "demo", **env)
    assert seeded_.returncode == 0, seeded_.stderr[-3000:]
    return seeded_.stdout


def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town as it is today, on SQLite. The first worker builds it, the others wait."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    instance = shared / "demo-town"
    with (shared / "demo-town.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (instance / "seeded").exists():
            instance.mkdir(exist_ok=True)
            (instance / "seeded").write_text(seed(instance), encoding="utf-8")
    return instance
