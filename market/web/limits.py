"""Rate limits that count over processes: a table of buckets, keyed by a hash, so no address is stored."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Network, ip_address

import sqlalchemy as sa
from flask import current_app, request

from market.core import clock, db
from market.core.errors import TooManyRequests
from market.web.models import RateBucket

NETWORK_BITS = 64


def client_address() -> str:
    """The caller's address as the trusted proxies tell it; of IPv6 its network.

    Every household gets a /64 (RFC 6177): counted one by one, its 18 trillion million addresses would be as many tries.
    """
    told = request.remote_addr or "unknown"
    try:
        address = ip_address(told)
    except ValueError:
        return told
    if isinstance(address, IPv4Address):
        return told
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((int(address), NETWORK_BITS), strict=False))


def limit(purpose: str, *who: str, times: int, minutes: int) -> None:
    """Count one hit of `purpose` by `who`; raises TooManyRequests after `times` in a window of `minutes`."""
    secret = str(current_app.secret_key).encode()
    key = hmac.new(secret, "\0".join((purpose, *who)).encode(), hashlib.sha256).hexdigest()
    span = timedelta(minutes=minutes)
    now = clock.now()
    window = datetime.fromtimestamp(now.timestamp() // span.total_seconds() * span.total_seconds(), UTC)
    with db.transaction() as s:
        hit = (
            sa.update(RateBucket)
            .where(RateBucket.key == key, RateBucket.window_start == window)
            .values(hits=RateBucket.hits + 1)
            .returning(RateBucket.hits)
        )
        db.insert_once(s, RateBucket, key=key, window_start=window, hits=0)
        hits = s.scalars(hit).one()
        if hits == 1:
            s.execute(sa.delete(RateBucket).where(RateBucket.window_start < now - timedelta(days=1)))
    if hits > times:
        raise TooManyRequests(minutes=max(1, round((window + span - now).total_seconds() / 60)))
