"""How Stripe says no, how it lists, and how it expands ids into objects."""

from collections.abc import Iterable
from typing import Any

from payments.sandbox.store import Object, Store

# Field -> kind of object its id stands for. What is not here cannot be expanded.
_EXPANDABLE = {
    "payment_intent": "payment_intent",
    "latest_charge": "charge",
    "charge": "charge",
    "balance_transaction": "balance_transaction",
    "source_transaction": "charge",
    "transfer": "transfer",
}
_DEEPEST = 4  # levels of expansion Stripe allows


class Refusal(Exception):
    """An error answer. `kind` is Stripe's error type."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: Object = {"type": kind, "message": message}
        if code:
            self.body["code"] = code
        if param:
            self.body["param"] = param


def missing(kind: str, ident: str, param: str = "id") -> Refusal:
    """The answer for an id nobody knows."""
    return Refusal(f"No such {kind}: '{ident}'", status=404, code="resource_missing", param=param)


def demanded(param: str) -> Refusal:
    """The answer when a rule (not the types) demands a parameter."""
    return Refusal(f"$.{param}: missing", code="parameter_missing", param=param)


def known(store: Store, kind: str, ident: str, param: str = "id") -> Object:
    """The object, or the 404 refusal."""
    found = store.get(kind, ident)
    if found is None:
        raise missing(kind, ident, param)
    return found


def page(objects: list[Object], url: str, params: dict[str, Any]) -> Object:
    """One page of a list (newest first) as `limit` and `starting_after` ask."""
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise Refusal("$.limit: must be between 1 and 100", param="limit")
    if after := params.get("starting_after"):
        ids = [each["id"] for each in objects]
        if after not in ids:
            raise missing("object", after, "starting_after")
        objects = objects[ids.index(after) + 1 :]
    return {"object": "list", "url": url, "has_more": len(objects) > limit, "data": objects[:limit]}


def expand(store: Store, thing: Object, paths: Iterable[str]) -> Object:
    """Replace ids by their objects along each dotted path."""
    for path in paths:
        steps = path.split(".")
        if steps[0] == "data" and thing.get("object") == "list":
            for each in thing["data"]:
                _expand_one(store, each, steps[1:], path)
        else:
            _expand_one(store, thing, steps, path)
    return thing


def _expand_one(store: Store, thing: Object, steps: list[str], path: str) -> None:
    if len(steps) > _DEEPEST or not all(step in _EXPANDABLE for step in steps) or steps[0] not in thing:
        raise Refusal(f"This property cannot be expanded ({path}).", code="property_cannot_be_expanded", param="expand")
    value = thing[steps[0]]
    if isinstance(value, str):
        value = thing[steps[0]] = store.get(_EXPANDABLE[steps[0]], value)
    if value is not None and len(steps) > 1:
        _expand_one(store, value, steps[1:], path)
