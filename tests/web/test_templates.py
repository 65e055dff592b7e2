"""Templates use what exists: icons, macros and static files."""

import hashlib
import re
from pathlib import Path

from flask import Flask

from market.core.config import ROOT
from market.demo.categories import CATEGORIES

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def test_every_icon_named_is_there() -> None:
    there = {path.stem for path in (ROOT / "static" / "icons").glob("*.svg")}
    named = {icon for path in TEMPLATES for icon in re.findall(r"""icon\(["']([a-z0-9-]+)["']""", path.read_text())}
    assert named | {icon for _, _, icon in CATEGORIES} <= there


def test_every_template_compiles(app: Flask) -> None:
    for path in TEMPLATES:
        app.jinja_env.get_template(path.relative_to(ROOT / "templates").as_posix())


def test_every_static_file_named_is_there() -> None:
    named = {name for path in TEMPLATES for name in re.findall(r"""asset\("([^"~]+)"\)""", path.read_text())}
    assert [name for name in sorted(named) if not (ROOT / "static" / name).is_file()] == []


def test_vendored_files_are_what_vendor_md_says() -> None:
    notes = (ROOT / "static" / "vendor" / "VENDOR.md").read_text()
    for path in Path(ROOT / "static" / "vendor").glob("*.js"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() in notes, path.name


def test_what_is_put_into_a_translated_text_is_escaped_and_the_text_is_not(app: Flask) -> None:
    source = """{{ _("Suche nach „%(text)s“", text=typed) }} {{ _("Obst & Gemüse, 100 %%") }}"""
    typed = "<b>%s</b>"
    assert app.jinja_env.from_string(source).render(typed=typed) == (
        "Suche nach „&lt;b&gt;%s&lt;/b&gt;“ Obst & Gemüse, 100 %"
    )
    plain = """{% autoescape false %}{{ _("Suche nach „%(text)s“", text=typed) }}{% endautoescape %}"""
    assert app.jinja_env.from_string(plain).render(typed=typed) == "Suche nach „<b>%s</b>“"
