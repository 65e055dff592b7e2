"""Whose cart this request is about: the account's, or the guest's by the token in the session's cookie."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from flask import current_app, g, session
from flask_login import current_user

KEY = "cart"


class Owner(TypedDict):
    """What the cart's steps ask for."""

    token: str | None
    user_id: int | None


def owner() -> Owner:
    """The account's id, or the guest's token; neither for somebody who has put nothing into a cart."""
    return {"token": session.get(KEY), "user_id": current_user.id}


def remember(token: str) -> None:
    """Find the guest's cart again for as long as the cookie lives."""
    if current_user.id is None:  # an account finds its cart by itself, and its sign-in lasts as long as was asked for
        session[KEY] = token
        session.permanent = True


def note_count(pieces: int) -> None:
    """A page that has read the cart already spares the header its own query."""
    g.cart_count = pieces


def cart_count(ask: Callable[[Owner], int]) -> int:
    """The number in the header: what the page noted, else `ask`; nobody is asked for somebody without a cart."""
    if "cart_count" not in g:
        who = owner()
        g.cart_count = ask(who) if who["token"] or who["user_id"] else 0
    return int(g.cart_count)


def ordering_off() -> str | None:
    """Why nothing can be ordered right now (wsgi.py says who knows), or None."""
    reason: str | None = current_app.extensions["ordering_off"]()
    return reason
