"""Desks of the directory: new openings, businesses that do not sell, the town's open Sundays."""

from market.directory.views import entries, openings, town_days
from market.directory.views.blueprint import bp

__all__ = ["bp", "entries", "openings", "town_days"]
