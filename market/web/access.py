"""Who may call a view. Every view says so; a route that says nothing keeps the app from starting.

    @bp.get("/touren/")
    @access.roles("courier")
    def runs() -> ResponseValue: ...

Role names are those of people.Role plus "merchant" (works for at least one merchant) and "keeper" (of a pick-up point).
Being let in by role is not enough for an object: use cases load and authorise together, and a stranger's object is a
404.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
SIGNED_IN = "signed in"
ROLES = ("merchant", "courier", "keeper", "caretaker", "editor", "operator")
ATTRIBUTE = "access_rule"


def _mark(view: View, allowed: frozenset[str]) -> View:
    setattr(view, ATTRIBUTE, allowed)
    return view


def public(view: View) -> View:
    """Anybody."""
    return _mark(view, frozenset({PUBLIC}))


def signed_in(view: View) -> View:
    """Anybody with an account."""
    return _mark(view, frozenset({SIGNED_IN}))


def roles(*names: str) -> Callable[[View], View]:
    """Only these roles."""
    unknown = set(names) - set(ROLES)
    if unknown or not names:
        raise ValueError(f"unknown roles: {unknown}")
    return lambda view: _mark(view, frozenset(names))


def rule_of(app: Flask, endpoint: str) -> frozenset[str] | None:
    """Who may call this endpoint; None when it does not say (static files are public)."""
    if endpoint == "static":
        return frozenset({PUBLIC})
    return getattr(app.view_functions[endpoint], ATTRIBUTE, None)


def allowed(rule: frozenset[str], held: frozenset[str], *, known: bool) -> bool:
    """Whether somebody holding these roles (and `known` by login) passes the rule."""
    return PUBLIC in rule or (known and (SIGNED_IN in rule or bool(rule & held)))


def check_every_route(app: Flask) -> None:
    """Raise RuntimeError when a route does not say who may call it."""
    silent = sorted({r.endpoint for r in app.url_map.iter_rules() if rule_of(app, r.endpoint) is None})
    if silent:
        raise RuntimeError(f"routes without an access rule: {', '.join(silent)}")


def abort_unless_leaving() -> None:
    """Somebody without an account may do one thing of those who have one: sign out."""
    if request.endpoint != "public.logout":
        abort(403)


def guard() -> ResponseReturnValue | None:
    """Before every request: sign-in page for strangers, 403 for the wrong role."""
    if request.endpoint is None:
        return None
    if "\0" in request.path:
        abort(404)  # no text of ours holds a NUL, and PostgreSQL refuses it
    if any("\0" in text for name, values in request.values.lists() for text in (name, *values)):
        abort(400)
    rule = rule_of(current_app, request.endpoint)
    if rule is None:
        abort(500)
    if SIGNED_IN in rule and current_user.is_authenticated and not current_user.email:
        abort_unless_leaving()  # here by a day link: no account, so no pages of an account
    if PUBLIC in rule or allowed(rule, current_user.roles, known=current_user.is_authenticated):
        return None
    if current_user.is_authenticated:
        abort(403)
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("public.login", next=back), 303)
