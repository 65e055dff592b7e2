"""The one clock. Instants are aware UTC; a day is a local day of the market's time zone.

In development MARKET_CLOCK shifts the clock of every process alike: "+40d", "-3h", "+1d6h", or an
ISO instant or day ("2027-01-05", "2027-01-05T10:00") that the market then starts at.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
_SHIFT = re.compile(r"([+-])(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """This instant, aware, UTC."""
    return _source()


def today() -> date:
    """The local day."""
    return business_date(now())


def business_date(instant: datetime) -> date:
    """The local day an instant falls on (23:30 UTC is already tomorrow at the baker's)."""
    return instant.astimezone(ZONE).date()


def local(instant: datetime) -> datetime:
    """The instant on the local clock."""
    return instant.astimezone(ZONE)


@lru_cache(1024)
def at(day: date, hour: time) -> datetime:
    """The UTC instant of a local day and time. In the hour that runs twice, the first one."""
    return datetime.combine(day, hour, ZONE).astimezone(UTC)


def set_source(source: Callable[[], datetime] | None) -> None:
    """Replace the clock (tests, the shifted development clock); None brings the system clock back."""
    global _source  # noqa: PLW0603 - one clock per process is the point of this module
    _source = source or _system


def source() -> Callable[[], datetime]:
    """The clock in use, to bring it back after `set_source`."""
    return _source


def parse_shift(text: str) -> timedelta:
    """Read MARKET_CLOCK. Raises ValueError with what is allowed."""
    if not text:
        return timedelta(0)
    try:
        if found := _SHIFT.fullmatch(text):
            days, hours, minutes, seconds = (int(group or 0) for group in found.groups()[1:])
            shift = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
            shift = -shift if found.group(1) == "-" else shift
            _system() + shift  # raises when there is no such day
            return shift
        wanted = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise ValueError(f"MARKET_CLOCK={text!r}: write +40d, -3h or 2027-01-05T10:00") from None
    aware = wanted if wanted.tzinfo else wanted.replace(tzinfo=ZONE)
    return aware.astimezone(UTC) - _system()


def written(shift: timedelta) -> str:
    """A shift as MARKET_CLOCK takes it: processes started later by this one get the same clock, not the same start."""
    return f"{'-' if shift < timedelta(0) else '+'}{abs(round(shift.total_seconds()))}s" if shift else ""


def shift(by: timedelta) -> None:
    """Shift this process's clock; zero means the system clock."""
    set_source((lambda: _system() + by) if by else None)
