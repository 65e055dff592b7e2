"""Counters for rate limits, shared by all processes."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from market.core.db import Base


class RateBucket(Base):
    """Hits of one key in one window of time; the key is a hash, so no address or mail is stored."""

    __tablename__ = "rate_bucket"
    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    window_start: Mapped[datetime] = mapped_column(primary_key=True)
    hits: Mapped[int]
