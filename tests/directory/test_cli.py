"""flask geo import."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from market.core import db
from market.core.config import DEFAULT_REGION, Config
from market.directory.gazetteer import load_region_gazetteer
from market.directory.models import GazetteerEntry


def count() -> int:
    with db.reading() as s:
        return s.scalars(sa.select(sa.func.count()).select_from(GazetteerEntry)).one()


def test_a_gazetteer_is_imported(database: str, app: Flask) -> None:
    answer = app.test_cli_runner().invoke(args=["geo", "import", str(DEFAULT_REGION / "gazetteer.csv")])
    assert answer.exit_code == 0, answer.output
    assert "402 Einträge" in answer.output
    assert count() == 402


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("fehlt.csv", None, "gibt es nicht"),
        ("falsch.csv", "kind,name\nstreet,X\n", "falsch.csv, Zeile 1: Spalte fehlt"),
        ("zeile.csv", "kind,name,municipality,lat,lon,accuracy_m,source,licence\nfluss,X,Z,1,2,3,a,b\n", "Zeile 2"),
        ("leer.csv", "kind,name,municipality,lat,lon,accuracy_m,source,licence\n", "keine Einträge"),
        ("zahl.csv", "kind,name,municipality,lat,lon,accuracy_m,source,licence\nstreet,X,Z,nan,2,3,a,b\n", "Zeile 2"),
        ("zeitz.osm.pbf", "x", "osmium"),
    ],
)
def test_a_wrong_file_ends_with_status_2_and_a_sentence(
    database: str, app: Flask, tmp_path: Path, name: str, text: str | None, said: str
) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text, encoding="utf-8")
    answer = app.test_cli_runner().invoke(args=["geo", "import", str(path)])
    assert answer.exit_code == 2
    assert said in answer.output.strip().splitlines()[-1]
    assert count() == 0


def test_a_binary_file_is_no_gazetteer(database: str, app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "bild.csv"
    path.write_bytes(b"\xff\xd8\xff\xe0")
    assert app.test_cli_runner().invoke(args=["geo", "import", str(path)]).exit_code == 2


def test_an_empty_market_starts_with_its_regions_gazetteer_and_keeps_an_own_one(
    database: str, config: Config, app: Flask, tmp_path: Path
) -> None:
    load_region_gazetteer(config)
    assert count() == 402
    own = tmp_path / "own.csv"
    own.write_text("kind,name,municipality,lat,lon,accuracy_m,source,licence\nstreet,X,Z,1,2,3,a,b\n", "utf-8")
    app.test_cli_runner().invoke(args=["geo", "import", str(own)])
    load_region_gazetteer(config)
    assert count() == 1
