"""The house keeps its shape: rooms, directions, vocabulary. import-linter checks imports; this checks the rest."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

import wsgi  # noqa: F401 - brings every table
from market.core.config import DEFAULT_REGION, ROOT, load_region
from market.core.db import Base

LINE = (
    "market.core",
    "market.web",
    "market.people",
    "market.directory",
    "market.catalogue",
    "market.orders",
    "delivery",
    "payments",
    "merchants",
)
OUR_CODE = [p for room in ("market", "merchants", "delivery", "payments") for p in sorted((ROOT / room).rglob("*.py"))]
EDGE_LIBRARIES = {"flask", "flask_wtf", "flask_login", "flask_babel", "wtforms", "stripe"}
EDGE_FILES = re.compile(r"(^|/)(views|views_\w+|forms|forms_\w+|cli)\.py$|/(views|forms)/")
EDGE_FOLDERS = ("market/web/", "market/public/", "payments/gateways/", "payments/sandbox/")
SYNONYMS = {
    "vendor": "merchant",
    "seller_id": "merchant_id",
    "retailer": "merchant",
    "dealer": "merchant",
    "store_id": "shop_id",
    "outlet": "shop",
    "sku_id": "variant_id",
    "inventory": "stock",
    "shipment": "delivery",
    "shipping": "delivery",
    "purchaser": "payer",
    "buyer": "shopper",
    "suborder": "part / MerchantOrder",
    "sub_order": "part / MerchantOrder",
    "basket": "cart",
    "timeslot": "window",
    "time_slot": "window",
    "article": "product",
    "tour_id": "run_id",
}


def imported(path: Path) -> set[str]:
    """Top-level names of the modules a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def room_of_table(name: str) -> int:
    mapper = next(m for m in Base.registry.mappers if m.local_table is Base.metadata.tables[name])
    module = mapper.class_.__module__
    return next(i for i, room in enumerate(LINE) if module.startswith(room + ".") or module == room)


def test_foreign_keys_point_to_the_left_only() -> None:
    wrong = [
        f"{table.name} -> {key.column.table.name}"
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if room_of_table(key.column.table.name) > room_of_table(table.name)
    ]
    assert wrong == []


def test_market_itself_holds_only_rooms() -> None:
    assert [p.name for p in (ROOT / "market").glob("*.py")] == ["__init__.py"]


def test_nobody_imports_the_composition_root() -> None:
    assert [p for p in OUR_CODE if "wsgi" in imported(p)] == []


def test_the_edge_stays_at_the_edge() -> None:
    wrong = []
    for path in OUR_CODE:
        name = path.relative_to(ROOT).as_posix()
        if EDGE_FILES.search(name) or name.startswith(EDGE_FOLDERS):
            continue
        if found := {module.split(".")[0] for module in imported(path)} & EDGE_LIBRARIES:
            wrong.append(f"{name}: {', '.join(sorted(found))}")
    assert wrong == []


def test_imports_stand_at_the_top_of_the_file() -> None:
    hidden = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in OUR_CODE
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def words(name: str) -> str:
    """_snake_case_ of any identifier: VendorForm and vendor_form are both _vendor_form_."""
    return f"_{re.sub(r'(?<=[a-z0-9])(?=[A-Z])', '_', name).lower().strip('_')}_"


def identifiers(path: Path) -> set[str]:
    """Every name a file gives or uses: variables, functions, classes, arguments, attributes, keywords, imports."""
    names: set[str] = {path.stem}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for field in ("id", "name", "arg", "attr", "asname"):
            if isinstance(found := getattr(node, field, None), str):
                names.add(found)
    return names


@pytest.fixture(scope="module")
def our_words() -> dict[str, str]:
    """Where each identifier of ours (as words) stands: code, tables and columns."""
    found = {
        words(name): path.relative_to(ROOT).as_posix()
        for path in [*OUR_CODE, ROOT / "wsgi.py"]
        for name in identifiers(path)
    }
    for table in Base.metadata.tables.values():
        found |= {words(name): f"table {table.name}" for name in (table.name, *table.columns.keys())}
    return found


@pytest.mark.parametrize("synonym", sorted(SYNONYMS))
def test_the_vocabulary_has_one_word_for_a_thing(synonym: str, our_words: dict[str, str]) -> None:
    found = [
        f"{where}: {name.strip('_')}: say {SYNONYMS[synonym]}"
        for name, where in our_words.items()
        if f"_{synonym}_" in name or f"_{synonym}s_" in name
    ]
    assert found == []


@pytest.mark.parametrize("name", ["vendor", "VendorForm", "vendor_id", "my_vendors", "OldVendor", "_vendor"])
def test_a_synonym_is_found_in_any_spelling(name: str) -> None:
    assert "_vendor_" in words(name) or "_vendors_" in words(name)


def test_templates_include_only_the_base_macros_and_their_own_folder() -> None:
    allowed = {"macros", "base.html", "staff.html", "legal", "print"}
    wrong = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        own = path.relative_to(ROOT / "templates").parts[0]
        for target in re.findall(r"{%-?\s*(?:include|extends|import|from)\s+[\"']([^\"']+)", path.read_text()):
            first = target.split("/")[0]
            if first not in allowed | {own}:
                wrong.append(f"{path.relative_to(ROOT)} -> {target}")
    assert wrong == []


def test_no_page_carries_inline_style_or_script() -> None:
    inline = re.compile(
        r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\bsrc=)(?![^>]*application/ld\+json)", re.IGNORECASE
    )
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        if not {"email", "print"} & set(path.parts)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if inline.search(line)
    ]
    assert wrong == []


def test_no_towns_name_stands_in_code() -> None:
    own = load_region(DEFAULT_REGION)
    town = re.compile("|".join(re.escape(word) for word in (own.name, own.market_name, *own.postcodes)), re.IGNORECASE)
    allowed = {"market/core/config.py", "market/web/processes.py"}  # the default region's folder, the demo password
    found = [
        path.relative_to(ROOT).as_posix()
        for path in [
            *OUR_CODE,
            ROOT / "wsgi.py",
            *(ROOT / "migrations").rglob("*.py"),
            *(path for path in (ROOT / "templates").rglob("*") if path.is_file()),
            *(ROOT / "static").rglob("*.css"),
            *(ROOT / "static" / "js").rglob("*.js"),
        ]
        if town.search(path.read_text(encoding="utf-8")) and "market/demo" not in path.as_posix()
    ]
    assert set(found) <= allowed


def test_nothing_reads_the_shared_folder() -> None:
    readers = [
        p.relative_to(ROOT).as_posix()
        for folder in ("market", "merchants", "delivery", "payments", "bench", "tests", "templates", "static/js")
        for p in sorted((ROOT / folder).rglob("*"))
        if p.suffix in (".py", ".html", ".js", ".sh") and p.name != "test_architecture.py"
        if re.search(r"\.\./shared|/work/shared", p.read_text(encoding="utf-8"))
    ]
    assert readers == []


def test_the_line_of_rooms_is_the_one_in_pyproject() -> None:
    layers = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]["layers"]
    rooms = [room.strip() for layer in reversed(layers) for room in layer.split("|")]
    assert [room for room in rooms if room in LINE] == list(LINE)
