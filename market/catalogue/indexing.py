"""Keeping the search index: the analysed terms of every published product, in the transaction that changes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from market.catalogue.models import Product, ProductStatus, SearchEntry, SearchWord
from market.core import db, german
from market.directory.models import Merchant, MerchantStatus

_CHUNK = 200
_TEXTS = sa.select(
    Product.id,
    Product.name,
    Product.description,
    Product.origin,
    Product.isbn,
    Product.food,
    Product.status,
    Merchant.name.label("merchant"),
).join(Merchant, Merchant.id == Product.merchant_id)

_PUBLIC = (Product.status == ProductStatus.PUBLISHED, Merchant.status == MerchantStatus.ACTIVE)


def entry_for(*, name: str, seller: str, more: Iterable[str]) -> dict[str, Any]:
    """The index columns of a product. Terms stand between blanks, so that " brot " finds the whole word only.

    The seller's name counts by whole words: not everything a "Käserei" sells is Käse. The category's name does not
    count at all, for the same reason ("Wein & Saft"); the search page offers the category itself.
    """
    title = german.analyse(name)
    other = german.analyse(" ".join(more))
    sold_by = [german.stem(word) for word in german.tokens(seller)]
    made_of = [term for term in title.rest if term not in title.head]
    rest = [term for term in (*other.head, *other.rest, *sold_by) if term not in title.head and term not in made_of]
    words = title.surface | other.surface | set(german.tokens(seller))
    return {
        "head": f" {' '.join(title.head)} ",
        "rest": f" {' '.join(made_of)} | {' '.join(dict.fromkeys(rest))} ",  # before the bar: parts of the name
        "words": sorted(word for word in words if not word.isdigit()),
    }


def index_product(s: Session, product_id: int) -> None:
    """Step: bring the product's entry and the vocabulary up to date; what the public may not see has none."""
    index_products(s, [product_id])


def index_products(s: Session, product_ids: Sequence[int]) -> None:
    """Step: the same for many."""
    s.flush()
    for start in range(0, len(product_ids), _CHUNK):
        _index_chunk(s, product_ids[start : start + _CHUNK])


def _index_chunk(s: Session, ids: Sequence[int]) -> None:
    change: Counter[str] = Counter()
    old = sa.select(SearchEntry.product_id, SearchEntry.words).where(SearchEntry.product_id.in_(ids))
    for _, words in s.execute(old):
        change.subtract(words)
    rows = []
    for row in s.execute(_TEXTS.where(Product.id.in_(ids), *_PUBLIC)):
        designation = str((row.food or {}).get("name") or "")  # what "Doppelsemmel" is: Weizenbrötchen
        more = (designation, row.origin, row.isbn, row.description)
        rows.append({"product_id": row.id, **entry_for(name=row.name, seller=row.merchant, more=more)})
        change.update(rows[-1]["words"])
    s.execute(
        sa.delete(SearchEntry).where(SearchEntry.product_id.in_(ids)).execution_options(synchronize_session=False)
    )
    if rows:
        s.execute(sa.insert(SearchEntry), rows)
    _count_words(s, change)


def _count_words(s: Session, change: Counter[str]) -> None:
    """Move the vocabulary's counters; in the order of the words, so that two writers cannot deadlock."""
    values = [
        {"word": word, "folded": german.fold(word), "stem": german.stem(word), "products": by}
        for word, by in sorted(change.items())
        if by
    ]
    insert = sqlite.insert if db.is_sqlite(s) else postgresql.insert
    for start in range(0, len(values), _CHUNK):
        statement = insert(SearchWord).values(values[start : start + _CHUNK])
        s.execute(
            statement.on_conflict_do_update(
                index_elements=[SearchWord.word],
                set_={"products": SearchWord.products + statement.excluded.products},
            )
        )


def rebuild(s: Session) -> int:
    """Step: analyse everything anew (the word list changed). How many products are in the index."""
    s.execute(sa.delete(SearchEntry).execution_options(synchronize_session=False))
    s.execute(sa.delete(SearchWord).execution_options(synchronize_session=False))
    ids = list(s.scalars(sa.select(Product.id).where(Product.status == ProductStatus.PUBLISHED).order_by(Product.id)))
    index_products(s, ids)
    return len(ids)
