"""Pages of the back office (/haendler) and of the market's own desk (/betrieb). Importing this hangs up every route."""

from merchants.views import (
    calls,
    helping,
    invoices,
    operator,
    orders,
    people,
    products,
    shops,
    start,
    stock,
    town,
    withdrawals,
)
from merchants.views.blueprints import desk_bp, office_bp

BLUEPRINTS = (office_bp, desk_bp)

__all__ = [
    "BLUEPRINTS", "calls", "helping", "invoices", "operator", "orders", "people", "products", "shops", "start", "stock",
    "town", "withdrawals",
]  # fmt: skip
