"""German words for search and for lines that break: stems without umlauts, compounds taken apart, soft hyphens.

One analysis in Python makes plain terms; SQLite's FTS5 and PostgreSQL's tsvector('simple') store the same ones, so both
find the same things. Snowball's German stemmer already reads "Kaese" and "Käse" alike; what it cannot do is see the
"Saft" in "Apfelsaft": for that there is a list of nouns (data/nouns.txt).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import snowballstemmer

LINKS = ("", "s", "es", "n", "en", "er", "e", "ens", "ns")
"""The letters German puts between the parts of a compound."""
SHORTEST_COMPOUND = 6
SHORTEST_HEAD = 4
LONGEST_WORD = 60
SOFT_HYPHEN = "\N{SOFT HYPHEN}"
LONG_WORD = 12
"""Words from this length on get soft hyphens where their parts meet."""

_CACHE = 60_000
_stemmer = snowballstemmer.stemmer("german")
_long_words = re.compile(rf"[^\W\d_]{{{LONG_WORD},}}")
_words = re.compile(r"[0-9]+(?:[.,][0-9]+)*|[^\W\d_]+")


_DATA = Path(__file__).parent / "data"


def _read_words(path: Path) -> frozenset[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


NOUNS = _read_words(_DATA / "nouns.txt")
_STOP = _read_words(_DATA / "little_words.txt")

_APART = {"buche": "buche", "buchen": "buche"}
"""Words whose stem would be another word's: a brush of beech wood is no book."""


def fold(word: str) -> str:
    """Lower case without umlauts and accents: Käse -> kase, Größe -> grosse."""
    bare = unicodedata.normalize("NFKD", word.lower().replace("ß", "ss"))
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


@lru_cache(_CACHE)
def stem(word: str) -> str:
    """The folded stem: Käse, Kaese and Kase -> kas. A number is one term, so 0,75 -> 0k75."""
    if word[0].isdigit():
        return word.replace(",", "k").replace(".", "k")
    lower = word.lower()
    return _APART.get(lower) or fold(_stemmer.stemWord(lower))


def tokens(text: str) -> list[str]:
    """The words and numbers of a text, as written, without the little words nobody searches for."""
    found = _words.findall(unicodedata.normalize("NFC", text.replace(SOFT_HYPHEN, "")))
    return [word for word in found if word.lower() not in _STOP and len(word) <= LONGEST_WORD]


@lru_cache(_CACHE)
def parts(word: str) -> tuple[str, ...]:
    """The nouns a compound is made of, lower case, or at least its last one; nothing for a plain word."""
    word = word.lower()
    if len(word) < SHORTEST_COMPOUND:
        return ()
    whole = _split(word)
    if whole:
        return tuple(noun for noun, _ in whole) if len(whole) > 1 else ()
    for start in range(3, len(word) - SHORTEST_HEAD + 1):  # only the head is known: "…saft"
        if word[start:] in NOUNS:
            return (word[start:],)
    return ()


@lru_cache(_CACHE)
def _split(word: str) -> tuple[tuple[str, int], ...]:
    """The word as known nouns, each with the length it takes up (its linking letters included); longest first part."""
    if word in NOUNS:
        return ((word, len(word)),)
    for end in range(len(word) - 2, 2, -1):
        for link in LINKS:
            if not word[:end].endswith(link):
                continue
            noun = word[: end - len(link)]
            if len(noun) >= 3 and noun in NOUNS and (rest := _split(word[end:])):
                return ((noun, end), *rest)
    return ()


def whole_parts(word: str) -> tuple[str, ...]:
    """Like `parts`, but only when every part is known: for taking a searched word apart."""
    found = _split(word.lower())
    return tuple(noun for noun, _ in found) if len(found) > 1 else ()


@dataclass(frozen=True, slots=True)
class Analysis:
    """The terms of a text. `head`: what it is; `rest`: of or for what; `surface`: the words as people write them."""

    head: tuple[str, ...]
    rest: tuple[str, ...]
    surface: frozenset[str]


def analyse(text: str) -> Analysis:
    """Terms for the index: Roggenknäckebrot -> head (roggenknackebrot, knackebrot, brot), rest (rogg, knack)."""
    head: list[str] = []
    rest: list[str] = []
    surface: set[str] = set()
    for word in tokens(text):
        head.append(stem(word))
        surface.add(word)
        found = parts(word)
        for position, noun in enumerate(found):
            last = position == len(found) - 1
            (head if last else rest).append(stem(noun))
            surface.add(noun.capitalize())
            if position > 0 and not last:  # Roggen|knäcke|brot is a kind of "Knäckebrot", too
                tail = word.lower()[word.lower().find(noun) :]
                head.append(stem(tail))
                surface.add(tail.capitalize())
    return Analysis(tuple(dict.fromkeys(head)), tuple(dict.fromkeys(rest)), frozenset(surface))


@lru_cache(_CACHE)
def hyphenate(text: str) -> str:
    """The text with soft hyphens between the parts of long compounds, so that narrow cards break them rightly."""
    return _long_words.sub(_break, text)


def _break(match: re.Match[str]) -> str:
    word = match[0]
    whole = _split(word.lower())
    if len(whole) < 2:
        known = parts(word)
        cut = len(word) - len(known[-1]) if known else 0
        return f"{word[:cut]}{SOFT_HYPHEN}{word[cut:]}" if cut >= 3 else word
    pieces, start = [], 0
    for _, length in whole:
        pieces.append(word[start : start + length])
        start += length
    return SOFT_HYPHEN.join(pieces)
