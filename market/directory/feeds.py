"""The new openings as Atom, RSS 2.0, JSON Feed 1.1 and iCalendar, all from the same items. Pure: text in, bytes out.

Addresses start with PUBLIC_URL, never with what a request calls the host.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from xml.etree import ElementTree as ET

from market.core.formats import label
from market.directory.opening_items import OpeningItem

ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Channel:
    """What every format says about the feed itself."""

    title: str
    description: str
    author: str
    public_url: str
    updated: datetime

    @property
    def home(self) -> str:
        """The page people read."""
        return f"{self.public_url}/neu"

    def link(self, item: OpeningItem) -> str:
        """The entry's own page."""
        return f"{self.public_url}{item.url}"


def atom(channel: Channel, items: Sequence[OpeningItem]) -> bytes:
    """RFC 4287."""
    feed = ET.Element("feed", {"xmlns": ATOM, "xml:lang": "de"})
    _add(feed, "id", channel.home)
    _add(feed, "title", channel.title)
    _add(feed, "subtitle", channel.description)
    _add(feed, "updated", _rfc3339(channel.updated))
    _add(_add(feed, "author"), "name", channel.author)
    _add(feed, "link", rel="self", type="application/atom+xml", href=f"{channel.home}.atom")
    _add(feed, "link", rel="alternate", type="text/html", href=channel.home)
    for item in items:
        entry = _add(feed, "entry")
        _add(entry, "id", item.uid)
        _add(entry, "title", item.title)
        _add(entry, "updated", _rfc3339(item.updated_at))
        _add(entry, "published", _rfc3339(item.published_at))
        _add(entry, "link", rel="alternate", type="text/html", href=channel.link(item))
        _add(entry, "category", term=item.kind.value, label=label(item.kind))
        _add(entry, "summary", _summary(item), type="text")
    return _xml(feed)


def rss(channel: Channel, items: Sequence[OpeningItem]) -> bytes:
    """RSS 2.0 with the atom:link the validators ask for."""
    root = ET.Element("rss", {"version": "2.0", "xmlns:atom": ATOM})
    feed = _add(root, "channel")
    _add(feed, "title", channel.title)
    _add(feed, "link", channel.home)
    _add(feed, "description", channel.description)
    _add(feed, "language", "de")
    _add(feed, "lastBuildDate", format_datetime(channel.updated.astimezone(UTC)))
    _add(feed, "atom:link", rel="self", type="application/rss+xml", href=f"{channel.home}.rss")
    for item in items:
        entry = _add(feed, "item")
        _add(entry, "title", item.title)
        _add(entry, "link", channel.link(item))
        _add(entry, "description", _summary(item))
        _add(entry, "category", label(item.kind))
        _add(entry, "guid", item.uid, isPermaLink="false")
        _add(entry, "pubDate", format_datetime(item.published_at.astimezone(UTC)))
    return _xml(root)


def json_feed(channel: Channel, items: Sequence[OpeningItem]) -> bytes:
    """JSON Feed 1.1 (jsonfeed.org)."""
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "description": channel.description,
        "home_page_url": channel.home,
        "feed_url": f"{channel.home}.json",
        "language": "de",
        "authors": [{"name": channel.author, "url": channel.public_url}],
        "items": [
            {
                "id": item.uid,
                "url": channel.link(item),
                "title": item.title,
                "content_text": _summary(item),
                "date_published": _rfc3339(item.published_at),
                "date_modified": _rfc3339(item.updated_at),
                "tags": [label(item.kind)],
            }
            for item in items
        ],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1).encode()


def ical(channel: Channel, items: Sequence[OpeningItem]) -> bytes:
    """RFC 5545: one all-day event per entry, a pop-up over all its days.

    No METHOD: it would make this an iTIP message (RFC 5546), and those need an ORGANIZER.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//{_ical_text(channel.author)}//neu//DE",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{_ical_text(channel.title)}",
    ]
    for item in items:
        last = item.ends_on or item.starts_on
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_ical_text(item.uid)}",
            f"DTSTAMP:{_utc(item.updated_at)}",
            f"CREATED:{_utc(item.published_at)}",
            f"LAST-MODIFIED:{_utc(item.updated_at)}",
            f"DTSTART;VALUE=DATE:{item.starts_on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{last + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_ical_text(item.title)}",
            f"DESCRIPTION:{_ical_text(_summary(item))}",
            f"LOCATION:{_ical_text(item.address)}",
            f"URL:{channel.link(item)}",
            f"CATEGORIES:{_ical_text(label(item.kind))}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(_fold(line) for line in lines).encode()


Writer = Callable[[Channel, Sequence[OpeningItem]], bytes]
FORMATS: dict[str, tuple[str, Writer]] = {
    "atom": ("application/atom+xml; charset=utf-8", atom),
    "rss": ("application/rss+xml; charset=utf-8", rss),
    "json": ("application/feed+json; charset=utf-8", json_feed),
    "ics": ("text/calendar; charset=utf-8", ical),
}


def _summary(item: OpeningItem) -> str:
    """What the entry says, in one text: when, what, where."""
    return "\n\n".join(part for part in (item.badge, item.text, item.address) if part)


def _add(parent: ET.Element, tag: str, text: str | None = None, /, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, {name: _legal(value) for name, value in attributes.items()})
    element.text = None if text is None else _legal(text)
    return element


def _legal(text: str) -> str:
    """Without the control characters that XML cannot carry."""
    return _NOT_XML.sub("", text)


def _xml(root: ET.Element) -> bytes:
    ET.indent(root)
    text: str = ET.tostring(root, encoding="unicode")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + text.encode()


def _rfc3339(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _utc(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _ical_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\r", "")
    return "".join(c for c in escaped.replace("\n", "\\n") if c.isprintable())


def _fold(line: str) -> str:
    """At most 75 octets a line; continued lines start with a blank. Never cuts a character."""
    pieces, piece = [], ""
    for character in line:
        if len((piece + character).encode()) > 74:
            pieces.append(piece)
            piece = " "
        piece += character
    return "\r\n".join([*pieces, piece]) + "\r\n"
