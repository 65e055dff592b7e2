"""What every request of the double can reach."""

import hmac
from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app, request

from payments.sandbox.store import Store
from payments.sandbox.webhooks import Sender


@dataclass(frozen=True)
class World:
    """One per process."""

    store: Store
    sender: Sender
    secret_key: str
    public_url: str  # scheme, host and port a browser reaches the double at
    market_url: str

    @staticmethod
    def of(app: Flask) -> "World":
        """The world of this app."""
        return cast("World", app.extensions["world"])


def authorised() -> bool:
    """Whether the request carries the secret key, as bearer token or as the user name of basic auth."""
    auth = request.authorization
    given = "" if auth is None else (auth.token or auth.username or "")
    return hmac.compare_digest(given.encode(), World.of(current_app).secret_key.encode())
