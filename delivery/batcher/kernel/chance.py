"""Random numbers that are the same everywhere: xorshift with 32 bits (Marsaglia 2003)."""

from __future__ import annotations

from delivery.batcher.kernel.data import Row


def draw(rng: Row) -> int:
    """A number from 1 to 2^32 - 1."""
    x = rng[0]
    x ^= (x << 13) & 0xFFFFFFFF
    x ^= x >> 17
    x ^= (x << 5) & 0xFFFFFFFF
    rng[0] = x
    return x


def below(rng: Row, limit: int) -> int:
    """A number from 0 to limit - 1."""
    return (draw(rng) >> 1) % limit


def chance(rng: Row, of_1024: int) -> bool:
    """True so many times out of 1,024."""
    return (draw(rng) >> 7) & 1023 < of_1024
