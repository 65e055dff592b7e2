"""Commands of the catalogue: the search index anew."""

from __future__ import annotations

import click

from market.catalogue import indexing
from market.core import db


@click.group("search")
def search() -> None:
    """The search index."""


@search.command("rebuild")
def rebuild() -> None:
    """Analyse every published product anew: after an update that changed the words or what is searched."""
    with db.transaction() as s:
        count = indexing.rebuild(s)
    click.echo(f"{count} Waren in der Suche.")
