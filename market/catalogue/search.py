"""Search: German words to terms, typing mistakes mended, the same results on both databases.

All words must be found (AND). The last word may be unfinished. A word nobody uses in the catalogue is taken apart
("ziegenkäse") or, failing that, read as the most similar word there is - and the page says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import sqlalchemy as sa
from rapidfuzz.distance import DamerauLevenshtein
from rapidfuzz.process import extract
from sqlalchemy.orm import Session

from market.catalogue import listing
from market.catalogue.listing import Match, Page, Wish
from market.catalogue.models import Product, SearchWord, Variant
from market.catalogue.remembered import Remembered
from market.core import codes, german
from market.directory.models import Shop

SIMILAR = 0.72
"""Damerau-Levenshtein similarity from which a word counts as a slip of the finger."""
MOST_WORDS = 8
SHORTEST_PREFIX = 3
SHORTEST_TYPO = 4
SUGGESTIONS = 8
IN_NAME = "*h"
"""After a term: only begun, and only in names. ("Käse" finds the Käsehobel, but not all that the Käserei sells.)"""
SAME_SHOP = 0.83
_GTIN = re.compile(r"^[0-9]{8,14}$")
_CODE = re.compile(r"^[A-Za-z0-9]{8}$")  # Product.code; plenty of words look like one


@dataclass(frozen=True, slots=True)
class Word:
    """One searched word: `shown` is what was looked for, `groups` its terms: any group, all of a group."""

    typed: str
    shown: str
    groups: tuple[tuple[str, ...], ...]
    exact: tuple[str, ...]  # the terms that rank: head words of the name

    @property
    def corrected(self) -> bool:
        """Whether something else was looked for than was typed."""
        return self.typed != self.shown


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found. `words` in their order; `page` is None when nothing searchable was typed."""

    text: str
    words: tuple[Word, ...]
    page: Page | None

    @property
    def corrections(self) -> list[Word]:
        """The words that were read differently."""
        return [word for word in self.words if word.corrected]

    @property
    def shown(self) -> str:
        """The search as it was understood."""
        return " ".join(word.shown for word in self.words)


def find(s: Session, text: str, wish: Wish, *, literal: bool = False) -> Found:
    """Search the published products. `literal`: no typing mistakes mended."""
    number = re.sub(r"[\s-]", "", text)
    if ids := _numbered(s, number):
        return Found(text, (Word(text, text, (), ()),), listing.page(s, replace(wish, only=ids)))
    if _GTIN.match(number):
        text = number  # an ISBN is found like a word, written without its hyphens
    words = understand(s, text, literal=literal)
    if not words:
        return Found(text, (), None)
    return Found(text, words, listing.page(s, wish, _match(s, words)))


def merchants_selling(s: Session, text: str) -> frozenset[int]:
    """The merchants who have goods with all these words in their names: for a search among shops. One query."""
    typed = german.tokens(text)[:MOST_WORDS]
    stems = [german.stem(word) for word in typed]
    terms = [f"{stem}{IN_NAME}" if len(stem) > SHORTEST_PREFIX else stem for stem in stems]
    words = tuple(Word(word, word, ((term,),), ()) for word, term in zip(typed, terms, strict=True))
    return listing.merchants_with(s, _match(s, words)) if words else frozenset()


def _numbered(s: Session, number: str) -> tuple[int, ...]:
    """The products with this number on their pack or on our page; no query when it cannot be one."""
    if _GTIN.match(number):
        bare = number.lstrip("0")  # the same article with 8, 12, 13 or 14 digits
        spelled = {bare.zfill(length) for length in (8, 12, 13, 14)}
        query = sa.select(Variant.product_id).where(Variant.gtin.in_(spelled), Variant.active).distinct()
    elif _CODE.match(number):
        query = sa.select(Product.id).where(Product.code == codes.normalise(number))
    else:
        return ()
    return tuple(s.scalars(query.limit(listing.PER_PAGE)))


def understand(s: Session, text: str, *, literal: bool = False) -> tuple[Word, ...]:
    """The words of a search and what each is looked for as. One query, one more for each unknown word."""
    typed = german.tokens(text)[:MOST_WORDS]
    if not typed:
        return ()
    known = _known(s, typed)
    return tuple(
        _word(s, word, known, last=position == len(typed) - 1, literal=literal) for position, word in enumerate(typed)
    )


def _known(s: Session, words: list[str]) -> set[str]:
    """Which stems of these words (and of their parts) the catalogue has."""
    stems = {german.stem(word) for word in words}
    stems |= {german.stem(part) for word in words for part in german.whole_parts(word)}
    query = sa.select(SearchWord.stem).where(SearchWord.stem.in_(stems), SearchWord.products > 0)
    return set(s.scalars(query))


def _word(s: Session, typed: str, known: set[str], *, last: bool, literal: bool) -> Word:
    stem = german.stem(typed)
    if typed[0].isdigit():
        return Word(typed, typed, ((stem,),), (stem,))
    begun = german.fold(typed)
    pieces = tuple(german.stem(part) for part in german.whole_parts(typed))
    in_pieces = (pieces,) if pieces and all(piece in known for piece in pieces) else ()
    if stem in known:
        longer = ((begun + IN_NAME,),) if last and len(typed) > SHORTEST_PREFIX else ()
        return Word(typed, typed, ((stem,), *longer, *in_pieces), pieces[-1:] if in_pieces else (stem,))
    if last and len(typed) >= SHORTEST_PREFIX and _begins_a_word(s, begun):
        return Word(typed, typed, ((stem,), (begun + "*",), *in_pieces), (begun + "*",))
    if in_pieces:
        return Word(typed, typed, ((stem,), *in_pieces), pieces[-1:])
    better = None if literal or len(typed) < SHORTEST_TYPO else _most_similar(s, typed)
    if better is None:
        return Word(typed, typed, ((stem,),), (stem,))
    shown, stem = better
    return Word(typed, shown, ((stem,),), (stem,))


def _begins_a_word(s: Session, begun: str) -> bool:
    query = sa.select(SearchWord.word).where(
        SearchWord.folded.startswith(begun, autoescape=True), SearchWord.products > 0
    )
    return s.scalar(query.limit(1)) is not None


def _most_similar(s: Session, typed: str) -> tuple[str, str] | None:
    """The catalogue's word that differs least; of equals the one in most products. (as written, stem)"""
    folded = german.fold(typed)
    spelled = {folded, folded.replace("ae", "a").replace("oe", "o").replace("ue", "u")}
    near = sa.func.length(SearchWord.folded).between(len(folded) - 3, len(folded) + 3)
    query = sa.select(SearchWord.folded, SearchWord.word, SearchWord.stem, SearchWord.products)
    rows = s.execute(query.where(near, SearchWord.products > 0)).all()
    best: tuple[float, int, str] | None = None
    chosen = None
    for spelling in sorted(spelled):
        similar = extract(
            spelling,
            [row.folded for row in rows],
            scorer=DamerauLevenshtein.normalized_similarity,
            score_cutoff=SIMILAR,
            limit=5,
        )
        for _, score, position in similar:
            row = rows[position]
            rank = (round(score, 4), row.products, row.word)
            if best is None or rank > best:
                best, chosen = rank, row
    return None if chosen is None else (chosen.word, chosen.stem)


def _match(s: Session, words: tuple[Word, ...]) -> Match:
    """The full-text query in the database's own words. Terms are letters and digits only: nothing to escape."""
    sqlite = s.get_bind().dialect.name == "sqlite"
    both, either = (" AND ", " OR ") if sqlite else (" & ", " | ")

    def term(text: str) -> str:
        if text.endswith(IN_NAME):
            begun = text.removesuffix(IN_NAME)
            return f'head : "{begun}"*' if sqlite else f"'{begun}':*A"
        if sqlite:
            return f'"{text.rstrip("*")}"*' if text.endswith("*") else f'"{text}"'
        return f"'{text.rstrip('*')}':*" if text.endswith("*") else f"'{text}'"

    def group(terms: tuple[str, ...]) -> str:
        return f"({both.join(term(t) for t in terms)})"

    query = both.join(f"({either.join(group(g) for g in word.groups)})" for word in words)
    return Match(query, tuple(term_ for word in words for term_ in word.exact))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line under the search field."""

    text: str
    kind: str  # "Ware", "Kategorie", "Geschäft"
    url: str


def suggest(s: Session, text: str) -> list[Suggestion]:
    """What the reader may be about to type: words of the catalogue, categories and shops that begin like it."""
    typed = german.tokens(text)
    begun = german.fold(typed[-1]) if typed else ""
    if len(begun) < 2:
        return []
    before = " ".join(typed[:-1])
    named = [
        Suggestion(shelf.name, "Kategorie", shelf.url) for shelf in listing.shelves(s) if _begins(shelf.name, begun)
    ]
    named += [
        Suggestion(place.name, "Geschäft", f"/laden/{place.slug}")
        for place in listing.places(s)
        if _begins(place.name, begun)
    ]
    own = {one.text for one in named}
    found = [Suggestion(f"{before} {word}".strip(), "Ware", "") for word in _beginning(s, begun) if word not in own]
    return (found[: SUGGESTIONS - min(3, len(named))] + named[:3])[:SUGGESTIONS]


def _beginning(s: Session, begun: str) -> list[str]:
    """Words of the catalogue, each once and not in all its forms; those of shops' names last: the shops follow."""
    query = (
        sa.select(SearchWord.word, SearchWord.folded, SearchWord.stem)
        .where(SearchWord.folded.startswith(begun, autoescape=True), SearchWord.products > 0)
        .order_by(SearchWord.products.desc(), SearchWord.folded, SearchWord.word)
        .limit(SUGGESTIONS * 4)
    )
    forms: dict[str, sa.Row[str, str, str]] = {}
    for row in s.execute(query):
        forms.setdefault(row.stem, row)
    of_shops = {german.fold(word) for place in listing.places(s) for word in german.tokens(place.name)}
    best_first = sorted(forms.values(), key=lambda row: (row.folded != begun, row.folded in of_shops))
    return [row.word for row in best_first]


def _begins(name: str, begun: str) -> bool:
    return any(german.fold(word).startswith(begun) for word in german.tokens(name))


def frequent_words(s: Session) -> tuple[str, ...]:
    """For the list a browser offers without JavaScript: the categories and the nouns of the most products."""
    query = (
        sa.select(SearchWord.word)
        .where(SearchWord.products > 0, sa.func.length(SearchWord.word) > SHORTEST_PREFIX)
        .where(sa.func.substr(SearchWord.word, 1, 1) != sa.func.lower(sa.func.substr(SearchWord.word, 1, 1)))
        .order_by(SearchWord.products.desc(), SearchWord.word)
        .limit(30)
    )
    return (*(shelf.name for shelf in listing.shelves(s)), *s.scalars(query))


@dataclass(frozen=True, slots=True)
class NamedShop:
    """A shop of the directory that a search names."""

    name: str
    url: str
    tagline: str
    address: str
    words: frozenset[str]


def _all_shops(s: Session) -> tuple[NamedShop, ...]:
    query = sa.select(Shop).where(Shop.active).order_by(Shop.name, Shop.id)
    return tuple(
        NamedShop(
            shop.name,
            f"/laden/{shop.slug}",
            shop.tagline,
            shop.address,
            frozenset(
                term
                for text in (shop.name, shop.line_of_business)
                for word in german.tokens(text)
                for term in (german.stem(word), german.fold(word), *(german.stem(p) for p in german.parts(word)))
            ),
        )
        for shop in s.scalars(query)
    )


_shops = Remembered(_all_shops)


def shops_named(s: Session, text: str, most: int = 6) -> list[NamedShop]:
    """The shops whose name or line of business has every searched word, also begun ("Buch") or spelled with ae."""
    typed = german.tokens(text)
    if not typed or all(len(word) < SHORTEST_PREFIX for word in typed):
        return []
    found = [shop for shop in _shops(s) if all(_names(shop, word) for word in typed)]
    return found[:most]


def _names(shop: NamedShop, word: str) -> bool:
    folded = german.fold(word)
    spelled = {folded, folded.replace("ae", "a").replace("oe", "o").replace("ue", "u")}
    if german.stem(word) in shop.words:
        return True
    if len(folded) < SHORTEST_PREFIX:
        return False
    return any(term.startswith(begun) for begun in spelled for term in shop.words) or (
        len(folded) > SHORTEST_TYPO
        and any(DamerauLevenshtein.normalized_similarity(folded, term) >= SAME_SHOP for term in shop.words)
    )


def shelves_named(s: Session, text: str) -> list[listing.Shelf]:
    """The categories that have one of the searched words in their name: the search page offers them."""
    typed = {german.stem(word) for word in german.tokens(text)}
    return [
        shelf
        for shelf in listing.shelves(s)
        if shelf.count and typed & {german.stem(word) for word in german.tokens(shelf.name)}
    ]
