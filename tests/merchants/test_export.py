"""Exports: a merchant's folder, the town's, and the records of § 22f UStG."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from flask import Flask

from market.catalogue import pictures
from market.core import config as configuration
from market.core import db
from market.core.money import Money
from market.orders import parts
from market.orders.models import PaymentMethod
from merchants import export
from tests.factories.delivery import make_window, make_zone
from tests.factories.orders import make_order, part_of, staff_of
from tests.merchants.conftest import Cast

DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><rect width="4" height="3"/></svg>'


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_a_merchants_folder_holds_its_own_and_nobody_elses(cast: Cast, app: Flask, tmp_path: Path) -> None:
    media = configuration.current().media
    stored = pictures.store_drawing(DRAWING, media)
    with db.transaction() as s:
        pictures.add_picture(s, cast.bread.id, stored)
        make_order(s, (cast.bread, 2), (cast.top, 1), paid=True)
    result = app.test_cli_runner().invoke(args=["export", "merchant", cast.baker.slug, str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    (product,) = rows_of(tmp_path / "out" / "products.csv")
    assert (product["name"], product["price"], product["allergens"]) == ("Roggenmischbrot", "4,20", "Weizen, Roggen")
    (order,) = rows_of(tmp_path / "out" / "orders.csv")
    assert (order["product"], order["quantity"], order["name"]) == ("Roggenmischbrot", "2", "Karla Muster")
    (stock,) = rows_of(tmp_path / "out" / "stock.csv")
    assert stock["quantity"] == "8"
    shops = json.loads((tmp_path / "out" / "shops.json").read_text(encoding="utf-8"))
    assert shops[0]["hours"][0] == [0, "09:00", "18:00"]
    assert (tmp_path / "out" / "pictures" / f"{cast.bread.code}-1.svg").is_file()
    everything = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "out").glob("*.*"))
    assert cast.top.name not in everything


def test_the_town_holds_every_merchant(cast: Cast, app: Flask, tmp_path: Path) -> None:
    result = app.test_cli_runner().invoke(args=["export", "town", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    folders = {path.name for path in (tmp_path / "out" / "merchants").iterdir()}
    assert folders == {cast.baker.slug, cast.toys.slug}
    assert json.loads((tmp_path / "out" / "openings.json").read_text()) == []


@pytest.mark.law("E6")
def test_the_records_of_22f_have_every_accepted_online_sale(cast: Cast, app: Flask, tmp_path: Path) -> None:
    with db.transaction() as s:
        zone = make_zone(s, ("06712", ""))
        window = make_window(s, zone=zone)
        order = make_order(s, (cast.bread, 2), (cast.top, 1), window=window, zone=zone, paid=True, collect=[cast.top])
        bread, top = part_of(order, cast.baker), part_of(order, cast.toys)
        in_shop = part_of(make_order(s, (cast.bread, 1), paid=True, method=PaymentMethod.IN_SHOP), cast.baker)
        waiting = make_order(s, (cast.bread, 1), paid=True)
        rejected = part_of(make_order(s, (cast.bread, 1), paid=True), cast.baker)
    for part, merchant in ((bread, cast.baker), (top, cast.toys), (in_shop, cast.baker)):
        parts.accept(part.id, staff_of(merchant))
    parts.reject(rejected.id, staff_of(cast.baker), reason="aus")
    parts.report_missing(bread.lines[0].id, 1, staff_of(cast.baker))
    file = tmp_path / "22f.csv"
    result = app.test_cli_runner().invoke(args=["export", "22f", "-o", str(file)])
    assert result.exit_code == 0, result.output
    rows = rows_of(file)
    assert [row["Beschreibung"] for row in rows] == ["Roggenmischbrot", "Holzkreisel"]
    assert rows[0]["Bestellnummer"] == order.number != waiting.number
    assert (rows[0]["Menge"], rows[0]["Entgelt EUR"], rows[0]["Steuersatz"]) == ("1", "4,20", "7\N{NO-BREAK SPACE}%")
    assert rows[0]["Ende der Lieferung"] == "Wendische Straße 3, 06712 Zeitz"
    assert rows[1]["Beginn der Lieferung"] == rows[1]["Ende der Lieferung"] == cast.toy_shop.address
    assert all(all(row[name] for name in row if name not in ("Steuernummer", "USt-IdNr. geprüft am")) for row in rows)


def test_wrong_use_says_what_to_do(cast: Cast, app: Flask, tmp_path: Path) -> None:
    run = app.test_cli_runner().invoke
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a.txt").touch()
    unknown = run(args=["export", "merchant", "niemand", str(tmp_path / "x")])
    assert (unknown.exit_code, "„niemand“ gibt es nicht" in unknown.output) == (2, True)
    for command in (["merchant", cast.baker.slug], ["town"]):
        refused = run(args=["export", *command, str(tmp_path / "full")])
        assert (refused.exit_code, "is not empty" in refused.output) == (2, True)
    assert run(args=["export", "22f", "-o", str(tmp_path / "none" / "22f.csv")]).exit_code == 2
    assert run(args=["export", "22f"]).output.lstrip("\ufeff").startswith("Bestellnummer;Teil;")


def test_cells_that_would_be_formulas_are_quoted() -> None:
    assert export.safe_cell("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert export.safe_cell("-5") == "-5"
    assert export.safe_cell(None) == ""
    assert export.amount(Money(-305)) == "-3,05"
