"""Drawn demo pictures: honest SVG from product data, deterministic, captioned "Symbolbild" wherever they are shown.

Packed goods carry their own label; natural goods are a Noto glyph (Apache-2.0, see THIRD_PARTY.md) on a tinted stage.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Callable
from functools import lru_cache
from math import cos, degrees, pi, sin
from pathlib import Path

from market.demo.model import Art

WIDTH, HEIGHT = 320, 240
GLYPHS = Path(__file__).with_name("glyphs.json")
STAGES = (
    ("#FDF1D2", "#F6DFA6"),
    ("#E1EFE9", "#BFDDD0"),
    ("#F7E6EA", "#EBC5CF"),
    ("#F1E8DA", "#E0CFB6"),
    ("#E5ECF4", "#C4D3E6"),
    ("#EFEBD8", "#D9D3AE"),
)
INK, PAPER, GOLD = "#2E1F1A", "#FFFBF2", "#C9A227"
CHARACTER = 0.56
"""Width of an average bold serif character, in font sizes."""


class UnknownGlyph(LookupError):
    """The glyph is not in glyphs.json; add it from @iconify-json/noto."""


@lru_cache(maxsize=1)
def _glyphs() -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = json.loads(GLYPHS.read_text(encoding="utf-8"))["glyphs"]
    return found


def _glyph(name: str, x: float, y: float, size: float, prefix: str) -> str:
    """The glyph as a nested SVG; its ids get a prefix so that two pictures on a page do not share gradients."""
    if name not in _glyphs():
        raise UnknownGlyph(name)
    glyph = _glyphs()[name]
    body = str(glyph["body"])
    box = int(str(glyph.get("size", glyph.get("width", 128))))
    for ident in sorted(set(re.findall(r'id="([^"]+)"', body)), key=len, reverse=True):
        body = body.replace(f'id="{ident}"', f'id="{prefix}{ident}"')
        body = body.replace(f"#{ident})", f"#{prefix}{ident})").replace(f'href="#{ident}"', f'href="#{prefix}{ident}"')
    return f'<svg x="{x}" y="{y}" width="{size}" height="{size}" viewBox="0 0 {box} {box}">{body}</svg>'


def _label(lines: tuple[str, ...], x: float, y: float, width: float, height: float, fill: str = INK) -> str:
    """Lines of text centred in a box; the type shrinks until the longest word fits."""
    if not lines:
        return ""
    longest = max(len(line) for line in lines)
    size = min(22.0, (width - 8) / (longest * CHARACTER), (height - 6) / (len(lines) * 1.2))
    first = y + height / 2 - (len(lines) - 1) * size * 0.6 + size * 0.34
    return "".join(
        f'<text x="{x + width / 2:.0f}" y="{first + i * size * 1.2:.1f}" font-family="Georgia,serif" font-weight="700" '
        f'font-size="{size:.1f}" fill="{fill}" text-anchor="middle">{html.escape(line)}</text>'
        for i, line in enumerate(lines)
    )


def _solid(shape: str, colour: str, u: str) -> str:
    """A shape in its colour with the light from the left on it."""
    return f'<{shape} fill="{colour}"/><{shape} fill="url(#{u}g)"/>'


def _shadow(rx: int, u: str) -> str:
    return f'<ellipse cx="160" cy="206" rx="{rx}" ry="11" fill="{INK}" opacity=".28" filter="url(#{u}s)"/>'


def _jar(art: Art, u: str) -> str:
    return (
        _shadow(62, u)
        + _solid('rect x="108" y="66" width="104" height="138" rx="18"', art.colour, u)
        + _solid('rect x="112" y="44" width="96" height="28" rx="6"', GOLD, u)
        + f'<rect x="108" y="102" width="104" height="70" fill="{PAPER}"/>'
        + _label(art.label, 108, 102, 104, 70)
    )


def _wine(art: Art, u: str) -> str:
    body = 'path d="M146 22h28v50c0 16 26 20 26 44v78c0 8-4 12-12 12h-56c-8 0-12-4-12-12v-78c0-24 26-28 26-44Z"'
    return (
        _shadow(50, u)
        + _solid(body, "#25402F", u)
        + f'<rect x="144" y="18" width="32" height="40" rx="3" fill="{art.colour}"/>'
        + f'<rect x="120" y="120" width="80" height="64" fill="{PAPER}"/>'
        + f'<path d="M120 120h80v7h-80z" fill="{art.colour}"/>'
        + _label(art.label, 120, 128, 80, 54)
    )


def _juice(art: Art, u: str) -> str:
    body = 'path d="M142 40h36v28c0 10 22 16 22 40v82c0 10-5 14-14 14h-52c-9 0-14-4-14-14v-82c0-24 22-30 22-40Z"'
    return (
        _shadow(44, u)
        + _solid(body, art.colour, u)
        + '<rect x="140" y="28" width="40" height="18" rx="3" fill="#F6EEE6"/>'
        + f'<rect x="120" y="112" width="80" height="60" fill="{PAPER}"/>'
        + _label(art.label, 120, 112, 80, 60)
    )


def _bottle(art: Art, u: str) -> str:
    return (
        _shadow(50, u)
        + _solid(
            'path d="M120 92c0-16 26-18 26-34V44h28v14c0 16 26 18 26 34v100c0 8-5 12-12 12h-56c-7 0-12-4-12-12Z"',
            art.colour,
            u,
        )
        + _solid('rect x="143" y="24" width="34" height="24" rx="4"', "#F6EEE6", u)
        + f'<rect x="120" y="106" width="80" height="70" fill="{PAPER}"/>'
        + _label(art.label, 120, 106, 80, 70)
    )


def _loaf(art: Art, u: str) -> str:
    cuts = "".join(
        f'<path d="M{112 + i * 32} 146q16-34 34-38" stroke="#F7E3B8" stroke-width="7" '
        'stroke-linecap="round" fill="none"/>'
        for i in range(3)
    )
    return (
        _shadow(92, u)
        + _solid('path d="M70 168c0-46 40-76 90-76s90 30 90 76c0 26-30 36-90 36s-90-10-90-36Z"', art.colour, u)
        + cuts
    )


def _slice(art: Art, u: str) -> str:
    """A piece of cake from the tray: dough, filling, and a topping in its colour."""
    layers = ((92, 34, art.colour), (126, 44, "#F8EBC4"), (170, 30, "#D9A35B"))
    front = "".join(
        _solid(f'rect x="72" y="{y}" width="140" height="{height}"', colour, u) for y, height, colour in layers
    )
    side = "".join(
        f'<path d="M212 {y}l36-26v{height}l-36 26z" fill="{fill}"{shade}/>'
        for y, height, colour in layers
        for fill, shade in ((colour, ""), ("#000", ' opacity=".22"'))
    )
    top = "".join(
        f'<path d="M72 92l36-26h140l-36 26z" fill="{fill}"{light}/>'
        for fill, light in ((art.colour, ""), ("#fff", ' opacity=".3"'))
    )
    return _shadow(96, u) + top + side + front


def _wheel(art: Art, u: str) -> str:
    spokes = "".join(
        f'<path d="M160 118V48" stroke="#9AA3AB" stroke-width="1.6" transform="rotate({angle} 160 118)"/>'
        for angle in range(0, 360, 15)
    )
    rings = ((78, 13, "#26282B"), (69, 5, "#C9CED3"))
    return (
        _shadow(60, u)
        + spokes
        + "".join(
            f'<circle cx="160" cy="118" r="{r}" fill="none" stroke="{c}" stroke-width="{w}"/>' for r, w, c in rings
        )
        + f'<circle cx="160" cy="118" r="11" fill="{art.colour}"/><circle cx="160" cy="118" r="4" fill="#E8EAEC"/>'
    )


def _wreath(art: Art, u: str) -> str:
    """An Advent wreath: fir twigs round a ring, four candles in its colour, one of them lit."""
    twigs = "".join(
        f'<path d="M0 0q10-4 17-15M0 0q13 1 21-7" stroke="{green}" stroke-width="5" stroke-linecap="round" fill="none" '
        f'transform="translate({160 + 72 * cos(a):.0f} {158 + 30 * sin(a):.0f}) rotate({degrees(a) * 3:.0f})"/>'
        for a, green in ((i * pi / 22, ("#2F5D3A", "#3F7A4B", "#24492E")[i % 3]) for i in range(44))
    )
    candles = "".join(
        _solid(f'rect x="{x - 11}" y="{y - 62}" width="22" height="62" rx="4"', art.colour, u)
        for x, y in ((128, 146), (192, 146), (104, 176), (216, 176))
    )
    flame = '<path d="M104 92q11 14 0 20q-11-6 0-20Z" fill="#F6A623"/>'
    ring = '<ellipse cx="160" cy="158" rx="72" ry="30" fill="none" stroke="#2F5D3A" stroke-width="26"/>'
    return _shadow(96, u) + ring + twigs + candles + flame


def _bar(art: Art, u: str) -> str:
    squares = "".join(
        f'<rect x="236" y="{94 + i * 28}" width="22" height="22" rx="3" fill="#5A3220"/>' for i in range(3)
    )
    return (
        _shadow(92, u)
        + '<g transform="rotate(-6 160 130)">'
        + _solid('rect x="64" y="88" width="192" height="92" rx="6"', art.colour, u)
        + '<path d="M232 88h24a6 6 0 0 1 6 6v80a6 6 0 0 1-6 6h-24z" fill="#D9C9A8"/>'
        + squares
        + f'<rect x="82" y="104" width="136" height="60" rx="4" fill="{PAPER}"/>'
        + _label(art.label, 82, 104, 136, 60)
        + "</g>"
    )


def _bag(art: Art, u: str) -> str:
    return (
        _shadow(66, u)
        + _solid('path d="M104 70l12-26h88l12 26v128c0 5-3 8-8 8H112c-5 0-8-3-8-8Z"', art.colour, u)
        + '<path d="M104 70h112" stroke="#0003" stroke-width="2"/>'
        + f'<rect x="118" y="98" width="84" height="74" rx="3" fill="{PAPER}"/>'
        + _label(art.label, 118, 98, 84, 74)
    )


def _book(art: Art, u: str) -> str:
    return (
        _shadow(66, u)
        + _solid('path d="M96 40h116a8 8 0 0 1 8 8v150H104a8 8 0 0 1-8-8Z"', art.colour, u)
        + '<path d="M96 40h12v150h-4a8 8 0 0 0-8 0Z" fill="#0003"/>'
        + f'<path d="M104 190h116v8H104a4 4 0 0 1 0-8Z" fill="{PAPER}"/>'
        + '<rect x="118" y="62" width="90" height="80" rx="2" fill="none" stroke="#F2D58A" stroke-width="2"/>'
        + _label(art.label, 120, 64, 86, 76, "#FFF6DD")
    )


def _box(art: Art, u: str) -> str:
    return (
        _shadow(84, u)
        + "".join(
            f'<path d="{side}" fill="{art.colour}"/><path d="{side}" fill="{light}" opacity=".26"/>'
            for side, light in (("M84 92l26-30h120l-26 30z", "#fff"), ("M204 92l26-30v104l-26 38z", "#000"))
        )
        + _solid('rect x="84" y="92" width="120" height="112" rx="2"', art.colour, u)
        + f'<rect x="96" y="112" width="96" height="68" rx="3" fill="{PAPER}"/>'
        + _label(art.label, 96, 112, 96, 68)
    )


def _tin(art: Art, u: str) -> str:
    return (
        _shadow(64, u)
        + _solid('path d="M104 74v120c0 8 25 14 56 14s56-6 56-14V74z"', art.colour, u)
        + '<ellipse cx="160" cy="74" rx="56" ry="15" fill="#D8D2C6"/>'
        + '<ellipse cx="160" cy="72" rx="48" ry="11" fill="#EFEBE2"/>'
        + f'<path d="M104 104c0 8 25 14 56 14s56-6 56-14v62c0 8-25 14-56 14s-56-6-56-14z" fill="{PAPER}"/>'
        + _label(art.label, 108, 112, 104, 62)
    )


def _readable_on(colour: str) -> str:
    """Ink or paper, whichever stands out more on the colour (relative luminance, WCAG 2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return INK if luminance > 0.24 else PAPER


def _natural(art: Art, u: str) -> str:
    tag = ""
    if art.label:
        text = (" ".join(art.label).replace("- ", ""),)  # one line: a word broken for a label is whole again
        width = min(190.0, len(text[0]) * 9.5 + 26)
        tag = (  # at the left: the caption "Symbolbild" stands at the right
            f'<rect x="12" y="200" width="{width:.0f}" height="28" rx="14" fill="{art.colour}"/>'
            + _label(text, 12, 200, width, 28, _readable_on(art.colour))
        )
    size, top = (140, 42) if tag else (156, 40)
    halo = '<circle cx="160" cy="118" r="92" fill="#fff" opacity=".38"/>'
    return halo + _shadow(70, u) + _glyph(art.glyph or "", 160 - size / 2, top, size, u) + tag


_KINDS: dict[str, Callable[[Art, str], str]] = {
    "jar": _jar,
    "wine": _wine,
    "juice": _juice,
    "bottle": _bottle,
    "bar": _bar,
    "bag": _bag,
    "book": _book,
    "box": _box,
    "tin": _tin,
    "loaf": _loaf,
    "slice": _slice,
    "wheel": _wheel,
    "wreath": _wreath,
    "glyph": _natural,
}


def draw(art: Art, seed: str) -> str:
    """The picture as an SVG document, 320 x 240; the same for the same art and seed. Raises UnknownGlyph."""
    number = int(hashlib.sha256(f"{seed}{art.colour}".encode()).hexdigest(), 16)
    light, deep = STAGES[number % len(STAGES)]
    u = f"p{number % 0xFFFFFF:x}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}"><defs>'
        f'<linearGradient id="{u}b" x2="0" y2="1"><stop stop-color="{light}"/><stop offset="1" stop-color="{deep}"/>'
        f'</linearGradient><linearGradient id="{u}g"><stop stop-color="#fff" stop-opacity=".35"/>'
        '<stop offset=".35" stop-color="#fff" stop-opacity="0"/><stop offset="1" stop-color="#000" stop-opacity=".22"/>'
        f'</linearGradient><filter id="{u}s" x="-.3" y="-.3" width="1.6" height="1.6">'
        f'<feGaussianBlur stdDeviation="6"/></filter></defs><rect width="{WIDTH}" height="{HEIGHT}" fill="url(#{u}b)"/>'
        f'<path d="M0 186Q160 168 320 186V240H0Z" fill="#fff" opacity=".45"/>{_KINDS[art.kind](art, u)}</svg>'
    )
