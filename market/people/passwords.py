"""Password hashing: argon2id with the library's defaults; cheap parameters only while testing."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
_DECOY = ""


def cheapen() -> None:
    """Tests only: hashes in a millisecond instead of a quarter second."""
    global _hasher  # noqa: PLW0603 - one hasher per process
    _hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def hashed(password: str) -> str:
    """The argon2id hash, salt included."""
    return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password fits. Unknown accounts cost the same time: a decoy hash is checked."""
    global _DECOY  # noqa: PLW0603 - made once, with the parameters in use
    if not _DECOY:
        _DECOY = _hasher.hash("decoy")
    try:
        return _hasher.verify(password_hash or _DECOY, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False
