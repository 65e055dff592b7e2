"""The demo town for tests that only look at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import demotown


@pytest.fixture(scope="session")
def demo_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance folder with the demo town of today. Copy it before writing."""
    return demotown.seeded(tmp_path_factory)
