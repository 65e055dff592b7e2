"""The signed-in person as views see it: a detached snapshot, never a live row."""

from dataclasses import dataclass, field

from flask_login import AnonymousUserMixin, UserMixin


@dataclass(frozen=True, slots=True)
class Account(UserMixin):
    """Who is signed in. `roles` holds role values and "merchant"."""

    id: int
    name: str
    email: str
    session_key: str
    roles: frozenset[str] = field(default_factory=frozenset)

    def get_id(self) -> str:
        """What the session stores: a random key that changes with the password."""
        return self.session_key


class Guest(AnonymousUserMixin):
    """Nobody signed in."""

    id: int | None = None
    name = ""
    email = ""
    roles: frozenset[str] = frozenset()
