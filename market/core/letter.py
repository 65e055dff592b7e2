"""The HTML side of a mail, made from its text: one source, so the two can never say different things.

The text of our mails has few forms, and every one has its meaning: a blank line ends a paragraph, a line that starts
with two spaces is an item of a list (what it belongs to stands below it, further in), a line of its own is a line of
its own, and an address of the market is a link. Other addresses stay text: a mail repeats what somebody typed (a name,
a declaration), and nobody shall send links in the market's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from markupsafe import Markup, escape

LINK = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)]")
ITEM = "  "


def to_html(text: str, home: str) -> Markup:
    """The paragraphs and lists of a plain text, escaped. Addresses below `home` (PUBLIC_URL) become links; nothing else
    is loaded or linked."""
    paragraphs = re.split(r"\n\s*\n", text.strip("\n"))
    return Markup("\n").join(_paragraph(one.splitlines(), home) for one in paragraphs if one.strip())


def _paragraph(lines: Iterable[str], home: str) -> Markup:
    """Runs of plain lines become <p>, runs of indented lines become <ul>."""
    runs = groupby((line.rstrip() for line in lines if line.strip()), key=lambda line: line.startswith(ITEM))
    return Markup("\n").join(_list(run, home) if indented else _lines(run, home) for indented, run in runs)


def _lines(lines: Iterable[str], home: str) -> Markup:
    return Markup("<p>{}</p>").format(_broken(lines, home))


def _list(lines: Iterable[str], home: str) -> Markup:
    items = Markup("\n").join(Markup("<li>{}</li>").format(_broken(item, home)) for item in _items(lines))
    return Markup("<ul>\n{}\n</ul>").format(items)


def _broken(lines: Iterable[str], home: str) -> Markup:
    return Markup("<br>\n").join(_linked(line, home) for line in lines)


def _items(lines: Iterable[str]) -> Iterator[list[str]]:
    """Each item with the lines below it that are further in."""
    item: list[str] = []
    for line in lines:
        deeper = line.startswith(ITEM * 2)
        if item and not deeper:
            yield item
            item = []
        item.append(line.strip())
    if item:
        yield item


def _linked(line: str, home: str) -> Markup:
    made, end = Markup(), 0
    for found in LINK.finditer(line):
        if found.group() != home and not found.group().startswith(f"{home}/"):
            continue
        made += escape(line[end : found.start()])
        made += Markup('<a href="{0}">{0}</a>').format(found.group())
        end = found.end()
    return made + escape(line[end:])
