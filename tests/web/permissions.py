"""The table of every route and who may call it, generated from the application; docs/permissions.md is its copy.

python -m tests.web.permissions > docs/permissions.md
"""

import sys
import tempfile

from flask import Flask

from market.core.config import load
from market.web import access
from wsgi import create_app

HEADER = """# Permissions

Every route and who may call it, generated from the application (`python -m tests.web.permissions`). A route that does
not say who may call it keeps the market from starting; a route missing here fails the suite. Being let in by role is
not enough for an object: another merchant's, courier's or shopper's object is a 404.

| address | method | who |
|---|---|---|
"""


def rows(app: Flask) -> list[tuple[str, str, str]]:
    """(address, method, who), sorted."""
    nobody = frozenset({"nobody: the route says nothing"})
    return sorted(
        (rule.rule, method, ", ".join(sorted(access.rule_of(app, rule.endpoint) or nobody)))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    )


def table(app: Flask) -> str:
    """The page docs/permissions.md."""
    return HEADER + "".join(
        f"| `{address.replace('|', chr(92) + '|')}` | {method} | {who} |\n" for address, method, who in rows(app)
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(table(create_app(load({"INSTANCE_DIR": folder}, testing=True))))
