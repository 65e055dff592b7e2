"""Reads what the library writes into forms and query strings: `a[b][0][c]=1` -> {"a": {"b": [{"c": "1"}]}}."""

import re
from collections.abc import Iterable
from typing import Any

from payments.sandbox.schema import Rejected

_NAME = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_STEP = re.compile(r"\[([^\[\]]*)\]")


def decode(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Nested dicts and lists of text. Raises schema.Rejected for names that contradict each other."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        found = _NAME.match(name)
        if found is None:
            raise Rejected([(f"$.{name}", "is no parameter name")])
        node, steps = tree, [found.group(1), *_STEP.findall(found.group(2))]
        for step in steps[:-1]:
            child = node.setdefault(step or str(len(node)), {})
            if not isinstance(child, dict):
                raise Rejected([(f"$.{name}", "is a value and a hash at once")])
            node = child
        last = steps[-1] or str(len(node))
        if last in node:
            raise Rejected([(f"$.{name}", "is given twice")])
        node[last] = value
    return {name: _with_lists(value) for name, value in tree.items()}


def _with_lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    inner = {name: _with_lists(value) for name, value in node.items()}
    if set(inner) == {str(place) for place in range(len(inner))}:
        return [inner[str(place)] for place in range(len(inner))]
    return inner
