"""`flask legal check`: every gap is one sentence; a broken file is a gap and never a traceback."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from market.core import db
from market.core.config import Config, load
from market.directory import legal_check
from market.directory.legal_check import TEXTS
from market.public import base
from tests.factories.directory import make_merchant, musterstadt
from wsgi import create_app


def complete(instance: Path) -> Config:
    """An instance in which nothing is missing, in production."""
    musterstadt(instance / "region")
    legal = instance / "legal"
    legal.mkdir()
    for name in TEXTS:
        (legal / f"{name}.md").write_text('---\nreviewed_by: "RA Muster"\n---\nText.\n', encoding="utf-8")
    label = legal / legal_check.WARRANTY_LABEL
    label.write_bytes(b"<svg/>")
    digest = hashlib.sha256(label.read_bytes()).hexdigest()
    (legal / legal_check.WARRANTY_CHECKSUM).write_text(f"{digest}  {label.name}\n", encoding="ascii")
    return load(
        {
            "INSTANCE_DIR": str(instance),
            "MARKET_ENV": "production",
            "SECRET_KEY": "x" * 40,
            "PUBLIC_URL": "https://markt.example",
            "STRIPE_SECRET_KEY": "rk_live_x",
        },
        testing=True,
    )


def gaps(config: Config) -> list[str]:
    with db.reading() as s:
        return legal_check.failures(s, config)


def test_nothing_is_missing_when_everything_is_there(database: str, tmp_path: Path) -> None:
    assert gaps(complete(tmp_path / "i")) == []


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("agb.md", None, "„agb“: geprüfte Fassung fehlt"),
        ("agb.md", b"---\nreviewed_by:\n---\nText", "reviewed_by ist leer"),
        ("agb.md", b'---\nreviewed_by: ""\n---\nText', "reviewed_by ist leer"),
        ("agb.md", b"Text ohne Kopf. reviewed_by: niemand", "reviewed_by ist leer"),
        ("agb.md", b"---\nreviewed_by: RA\n---\n[[Name]]", "Platzhalter"),
        ("agb.md", b"\xff\xfe", "nicht als Text in UTF-8"),
        ("gewaehrleistung-de.sha256", b"", "Prüfsumme stimmt nicht"),
        ("gewaehrleistung-de.sha256", b"\xff", "Prüfsumme stimmt nicht"),
        ("gewaehrleistung-de.svg", None, "amtliche Grafik fehlt"),
    ],
)
def test_each_gap_is_one_sentence(database: str, tmp_path: Path, file: str, content: bytes | None, said: str) -> None:
    config = complete(tmp_path / "i")
    path = config.instance / "legal" / file
    path.unlink() if content is None else path.write_bytes(content)
    (gap,) = gaps(config)
    assert said in gap


def test_a_reviewed_text_may_also_be_a_txt_file(database: str, tmp_path: Path) -> None:
    config = complete(tmp_path / "i")
    (config.instance / "legal" / "agb.md").rename(config.instance / "legal" / "agb.txt")
    assert gaps(config) == []


def test_merchants_nobody_checked_and_a_test_key_are_gaps(database: str, tmp_path: Path) -> None:
    config = replace(complete(tmp_path / "i"), stripe_secret_key="rk_test_x")
    with db.transaction() as s:
        make_merchant(s, verified_at=None)
        make_merchant(s, demo=True)
    assert [gap.split()[0] for gap in gaps(config)] == ["Die", "1", "STRIPE_SECRET_KEY"]


def test_while_something_is_missing_production_says_so_on_every_page_and_takes_no_order(
    database: str, tmp_path: Path
) -> None:
    config = complete(tmp_path / "i")
    base.forget()
    app: Flask = create_app(config)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    banner = "Bestellen ist noch nicht möglich"
    assert banner not in client.get("/", base_url="https://markt.example").get_data(as_text=True)
    (config.instance / "legal" / "agb.md").unlink()
    base.forget()
    for address in ("/", "/laeden", "/korb", "/anmelden", "/gibt-es-nicht"):
        assert banner in client.get(address, base_url="https://markt.example").get_data(as_text=True)
    for address in ("/kasse", "/kasse/pruefen"):
        answer = client.post(address, base_url="https://markt.example")  # (with goods in it: test_checkout.py)
        assert (answer.status_code, answer.location) == (303, "/korb"), address
    base.forget()
