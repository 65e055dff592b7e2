"""Nothing foreign lies in the repository without its line in THIRD_PARTY.md and its licence beside it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from market.core.config import ROOT

THIRD_PARTY = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
NOT_OURS_TO_LIST = {".git", ".venv", "instance", "node_modules", "__pycache__"}
FOREIGN_KINDS = {".woff2", ".woff", ".ttf", ".otf", ".svg", ".png", ".jpg", ".webp", ".json", ".csv", ".wasm", ".js"}
OURS = (
    "static/app/",  # icons of the courier's page, drawn from the logo
    "docs/pictures/",  # screenshots of our own pages
    "regions/zeitz/logo.svg",
    "regions/zeitz/skyline.svg",
    "static/brand.svg",
    "static/js/",
    "tests/delivery/recorded/",  # see tests/delivery/osrm.py
    "bench/results/",
)


def files() -> Iterator[Path]:
    for folder, subfolders, names in os.walk(ROOT):
        subfolders[:] = [
            name for name in subfolders if name not in NOT_OURS_TO_LIST and not name.endswith(("_cache", ".egg-info"))
        ]
        yield from (Path(folder, name) for name in names)


def test_every_font_picture_script_and_data_file_is_ours_or_listed() -> None:
    listed = tuple(re.findall(r"`([\w./-]+)`", THIRD_PARTY))
    unknown = [
        name
        for path in files()
        if path.suffix in FOREIGN_KINDS and not (name := path.relative_to(ROOT).as_posix()).startswith((*OURS, *listed))
    ]
    assert unknown == []


def test_what_is_listed_is_there_with_its_licence_beside_it() -> None:
    for row in THIRD_PARTY.splitlines():
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        if len(cells) != 4 or cells[0] in ("what", "---") or cells[0].startswith("EUPL"):
            continue
        place = ROOT / re.findall(r"`([^`]+)`", cells[1])[0]
        assert place.exists(), row
        folder = place if place.is_dir() else place.parent
        texts = [
            path for path in folder.iterdir() if re.search(r"licen[cs]e|ofl|attribution", path.name, re.IGNORECASE)
        ]
        assert texts, f"no licence text in {folder}"


def test_the_texts_every_project_needs_are_there() -> None:
    for name in ("LICENSE", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "README.md", "publiccode.yml"):
        assert (ROOT / name).stat().st_size > 300, name
    assert "v. 1.2" in (ROOT / "LICENSE").read_text(encoding="utf-8")[:200]
