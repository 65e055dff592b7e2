"""Codes people read out, write down and type: no look-alikes, not even in handwriting; and secret keys for links."""

import secrets

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ3789"
"""Without 0/O, 1/I, 2/Z-like, 4, 5/S-like, 6: after the charset pretix describes for handwriting."""


def code(length: int) -> str:
    """A random code; 6 characters hold about 29 bits, enough with the five-tries lock, not for a link."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def key() -> str:
    """A link's secret: 192 random bits, URL-safe."""
    return secrets.token_urlsafe(24)


def normalise(text: str) -> str:
    """What somebody typed as a code: upper case, without blanks and dashes."""
    return "".join(text.split()).replace("-", "").upper()
