"""The blueprint of the directory's desks, and who sits at them."""

from __future__ import annotations

from flask import Blueprint

from market.web import access

bp = Blueprint("directory", __name__)
editors_only = access.roles("editor", "operator")
ID = "<int(max=2147483647):{name}>"
"""A row's number in an address; larger numbers are a 404, not a database error."""
