"""The look keeps its promises: contrast in both schemes, icons as Lucide drew them, fields that name their error."""

import re
import subprocess
from hashlib import sha256

import pytest
from flask import Flask
from wtforms import RadioField, StringField
from wtforms.fields import SelectChoice

from market.core.config import ROOT
from market.web.forms import MarketForm, Required

CSS = ROOT / "static" / "css"
# (foreground, ground, least contrast): 4.5 for text, 3 for the borders of controls and for the focus ring.
PAIRS = (
    *((text, ground, 4.5) for text in ("cocoa", "smoke", "river", "wine") for ground in ("lime", "paper", "sand")),
    *(("cocoa", ground, 4.5) for ground in ("honey-soft", "wine-soft", "error-soft", "river-soft")),
    ("ink", "honey", 4.5),
    ("paper", "river", 4.5),
    ("paper", "river-deep", 4.5),
    ("paper", "cocoa", 4.5),
    ("river-deep", "river-soft", 4.5),
    ("wine", "wine-soft", 4.5),
    ("error", "paper", 4.5),
    ("error", "error-soft", 4.5),
    ("line", "paper", 3.0),
    ("line", "lime", 3.0),
    ("focus", "lime", 3.0),
    ("focus", "paper", 3.0),
)


def palettes() -> dict[str, dict[str, str]]:
    """The tokens of both schemes; dark inherits what it does not set again."""
    light, dark = (CSS / "tokens.css").read_text(encoding="utf-8").split("@media (prefers-color-scheme: dark)")
    found = {
        name: dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", text))
        for name, text in (("light", light), ("dark", dark))
    }
    return {"light": found["light"], "dark": found["light"] | found["dark"]}


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """1 (the same) to 21 (black on white)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_on_its_ground(scheme: str) -> None:
    assert round(contrast("#000000", "#ffffff"), 1) == 21.0
    colours = palettes()[scheme]
    weak = [
        (text, ground, round(found, 2))
        for text, ground, least in PAIRS
        if (found := contrast(colours[text], colours[ground])) < least
    ]
    assert weak == []


def test_dark_mode_sets_every_colour_that_light_mode_sets() -> None:
    light, dark = (CSS / "tokens.css").read_text(encoding="utf-8").split("@media (prefers-color-scheme: dark)")
    names = [set(re.findall(r"--([a-z-]+): #", text)) for text in (light, dark)]
    assert names[0] - names[1] == {"ink"}, "only the text on honey is the same in both"


def test_stylesheets_use_no_colour_token_that_is_not_there() -> None:
    sheets = {path.name: path.read_text(encoding="utf-8") for path in CSS.glob("*.css")}
    known = {name for text in sheets.values() for name in re.findall(r"--([a-z0-9-]+):", text)}
    used = {name for text in sheets.values() for name in re.findall(r"var\(--([a-z0-9-]+)\)", text)}
    assert used - known == set()


def test_icons_html_is_what_the_script_writes() -> None:
    built = subprocess.run(
        ["sh", str(ROOT / "static" / "icons" / "build.sh")], capture_output=True, text=True, check=True
    )
    assert built.stdout == (ROOT / "templates" / "macros" / "icons.html").read_text(encoding="utf-8")


def test_fonts_and_axe_are_what_vendor_md_says() -> None:
    notes = (ROOT / "static" / "vendor" / "VENDOR.md").read_text(encoding="utf-8")
    taken = [*(ROOT / "static" / "fonts").glob("*.woff2"), ROOT / "tests" / "browser" / "vendor" / "axe.min.js"]
    assert len(taken) == 3
    assert [path.name for path in taken if sha256(path.read_bytes()).hexdigest() not in notes] == []


class Sample(MarketForm):
    name = StringField(
        "Name", [Required(message="Bitte geben Sie Ihren Namen an.")], description="Wie auf der Klingel."
    )
    way = RadioField(
        "Wie?",
        choices=[SelectChoice("pickup", "Abholen"), SelectChoice("delivery", "Liefern lassen")],
        validators=[Required(message="Bitte wählen Sie.")],
    )


def drawn(app: Flask, template: str) -> str:
    """The template with the posted, empty sample form."""
    with app.test_request_context("/", method="POST", data={"name": " "}):
        form = Sample(meta={"csrf": False})
        assert not form.validate()
        macros = '{% from "macros/forms.html" import error_summary, field %}'
        return app.jinja_env.from_string(macros + template).render(form=form)


def test_a_field_names_its_hint_and_its_error(app: Flask) -> None:
    html = drawn(app, "{{ field(form.name, autocomplete='name') }}")
    box = re.search(r"<input[^>]*>", html)
    assert box is not None
    assert 'aria-describedby="name-hint name-error"' in box[0]
    assert 'aria-invalid="true"' in box[0]
    assert 'autocomplete="name"' in box[0]
    assert '<label for="name">' in html
    assert re.search(r'<p class="error" id="name-error" role="alert" data-test="error">.*Ihren Namen an', html)


def test_a_choice_is_a_fieldset_with_its_error(app: Flask) -> None:
    html = drawn(app, "{{ field(form.way) }}")
    assert re.search(r'<fieldset class="field field--error" id="way" aria-describedby="way-error"', html)
    assert html.count('type="radio"') == 2
    assert html.count('<label class="choice" for="way-') == 2


def test_the_summary_links_to_every_wrong_field(app: Flask) -> None:
    html = drawn(app, "{{ error_summary(form) }}{{ field(form.name) }}{{ field(form.way) }}")
    targets = re.findall(r'<a href="#([a-z-]+)">', html)
    assert targets == ["name", "way"]
    assert all(f'id="{target}"' in html for target in targets)
