"""Commands of the directory: the operator brings streets and house numbers."""

from __future__ import annotations

from pathlib import Path

import click

from market.core.cli import needs_current_database, wrong_use
from market.directory.gazetteer import BadGazetteer, load_gazetteer

OSM_ENDINGS = (".pbf", ".osm", ".osm.gz", ".osm.bz2")


@click.group("geo")
def geo() -> None:
    """Streets, places and house numbers (docs/geo.md)."""


@geo.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--add", is_flag=True, help="Keep what is there and add the file's rows.")
@needs_current_database
def import_(file: Path, *, add: bool) -> None:
    """Read a gazetteer CSV. Replaces the gazetteer, all or nothing; shops keep the pins they have."""
    if file.name.lower().endswith(OSM_ENDINGS):
        wrong_use(
            f"{file}: OpenStreetMap extracts are not read directly. Turn it into a gazetteer CSV first "
            "(osmium export, see docs/geo.md), then import that."
        )
    try:
        count = load_gazetteer(file, keep=add)
    except BadGazetteer as error:
        wrong_use(error.text)
    click.echo(f"{count} Einträge gelesen.")
