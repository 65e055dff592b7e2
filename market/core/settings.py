"""The operator's switches, each with its default in one table."""

from typing import Any

from sqlalchemy.orm import Session

from market.core import clock
from market.core.models import Setting

DEFAULTS: dict[str, Any] = {
    "online_payment": True,  # off: "online zahlen" is not offered (gateway trouble)
    "demo": False,  # the database holds the demo town
    "commission_bp": 0,  # the market's share of goods, in basis points
    "learnt_pace": True,  # plans use what couriers' times taught (delivery/pace.py)
    "max_warm_minutes": 0,  # how long cooled goods may be on the way (0: no limit)
    "last_backup_at": "",  # ISO instant; the health page shows its age
}


def get(s: Session, key: str) -> Any:
    """The value of a switch, or its default. Raises KeyError for an unknown one."""
    default = DEFAULTS[key]
    row = s.get(Setting, key)
    return default if row is None else row.value["value"]


def put(s: Session, key: str, value: Any) -> None:
    """Set a switch. Raises KeyError for an unknown one."""
    if key not in DEFAULTS:
        raise KeyError(key)
    row = s.get(Setting, key)
    if row is None:
        s.add(Setting(key=key, value={"value": value}, changed_at=clock.now()))
    else:
        row.value = {"value": value}
        row.changed_at = clock.now()
