"""Checks request parameters against the TypedDicts of the installed `stripe` package.

Those are generated from Stripe's OpenAPI description for exactly the API version the library speaks, so a parameter
that is unknown, missing, of the wrong type or outside a list of words is found here instead of on the first live day.
"""

import types
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, ForwardRef, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints

from stripe import RequestOptions
from typing_extensions import is_typeddict  # the one of `typing` does not know the library's kind

# Names the library's type files import for type checkers only; they occur in options, never in parameters.
_TYPE_CHECKING_ONLY = {"StripeContext": object, "Mapping": Mapping}


class Rejected(Exception):
    """The parameters do not fit. `problems` are (path, what is wrong) in the order found."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{path}: {what}" for path, what in problems))


def check(params: Mapping[str, Any], shape: type, *, text_only: bool) -> dict[str, Any]:
    """Return `params` with real ints, bools and decimals, or raise Rejected with every problem.

    `text_only` is for form bodies (v1), where every leaf arrives as text; JSON (v2) must have the type itself.
    """
    checker = _Checker(text_only)
    checked = checker.mapping(params, shape, "$")
    if checker.problems:
        raise Rejected(checker.problems)
    return checked


@cache
def _fields(shape: type) -> dict[str, tuple[Any, bool]]:
    """Name -> (type, required) without the request options every parameter class inherits."""
    hints = get_type_hints(shape, localns=_TYPE_CHECKING_ONLY, include_extras=True)
    options = RequestOptions.__annotations__
    fields = {}
    for name, hint in hints.items():
        if name in options:
            continue
        optional = get_origin(hint) is NotRequired
        fields[name] = (get_args(hint)[0] if optional or get_origin(hint) is Required else hint, not optional)
    return fields


class _Checker:
    def __init__(self, text_only: bool) -> None:
        self.text_only = text_only
        self.problems: list[tuple[str, str]] = []

    def _wrong(self, path: str, what: str) -> None:
        self.problems.append((path, what))

    def mapping(self, given: Any, shape: type, path: str) -> dict[str, Any]:
        if not isinstance(given, Mapping):
            self._wrong(path, f"{given!r} is no hash")
            return {}
        fields = _fields(shape)
        checked = {}
        for name, value in given.items():
            if name in fields:
                checked[name] = self.value(value, fields[name][0], f"{path}.{name}")
            else:
                self._wrong(f"{path}.{name}", "unknown parameter")
        for name, (_, required) in fields.items():
            if required and name not in given:
                self._wrong(f"{path}.{name}", "missing")
        return checked

    def value(self, given: Any, hint: Any, path: str) -> Any:
        if is_typeddict(hint):
            return self.mapping(given, hint, path)
        origin, args = get_origin(hint), get_args(hint)
        if origin is Literal:
            return self._word(given, args, path)
        if origin in (Union, types.UnionType):
            return self._any_of(given, args, path)
        if origin is list:
            return self._list(given, args[0], path)
        if origin is dict:
            return self._free_hash(given, args[1], path)
        return self._leaf(given, hint, path)

    def _word(self, given: Any, words: tuple[Any, ...], path: str) -> Any:
        if given not in words:
            self._wrong(path, f"{given!r} not in {words!r}")
        return given

    def _any_of(self, given: Any, hints: tuple[Any, ...], path: str) -> Any:
        # "Literal[...] | str" is how the library writes a list of words that may grow in a later API version. Under
        # the pinned one it is closed. "Literal[''] | str" only says that an empty text unsets the value.
        words = [hint for hint in hints if get_origin(hint) is Literal and get_args(hint) != ("",)]
        if words:
            hints = tuple(hint for hint in hints if hint is not str)
        elif given == "" and any(get_origin(hint) is Literal for hint in hints):
            return given
        hints = tuple(hint for hint in hints if not _is_result_object(hint))
        kept, failures = self.problems, []
        for hint in hints:
            self.problems = []
            checked = self.value(given, hint, path)
            if not self.problems:
                self.problems = kept
                return checked
            failures.append(self.problems)
        # The branch that got furthest says best what is wrong: a nested path beats "is no hash".
        self.problems = [*kept, *max(failures, key=lambda problems: len(problems[0][0]))]
        return given

    def _list(self, given: Any, hint: Any, path: str) -> list[Any]:
        if not isinstance(given, list):
            self._wrong(path, f"{given!r} is no list")
            return []
        return [self.value(each, hint, f"{path}[{place}]") for place, each in enumerate(given)]

    def _free_hash(self, given: Any, hint: Any, path: str) -> dict[str, Any]:
        if not isinstance(given, Mapping):
            self._wrong(path, f"{given!r} is no hash")
            return {}
        return {name: self.value(each, hint, f"{path}.{name}") for name, each in given.items()}

    def _leaf(self, given: Any, hint: Any, path: str) -> Any:
        if isinstance(hint, ForwardRef) or hint not in _LEAVES:
            raise TypeError(f"{path}: the library has a type this checker does not know: {hint!r}")
        name, plain, read = _LEAVES[hint]
        if not self.text_only:
            if type(given) in plain:
                return given
        elif isinstance(given, str):
            try:
                return read(given)
            except (ValueError, InvalidOperation):
                pass
        self._wrong(path, f"{given!r} is no {name}")
        return given


def _is_result_object(hint: Any) -> bool:
    """Parameters may be given as an object the library returned before; over HTTP that is the same hash."""
    return getattr(get_origin(hint) or hint, "__name__", "") == "UntypedStripeObject"


def _read_bool(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def _read_int(text: str) -> int:
    if not text.removeprefix("-").isdecimal() or not text.isascii():
        raise ValueError(text)  # int() would also take " 1_0 "
    return int(text)


# type -> (its name in messages, what JSON may hold, how to read it from a form)
_LEAVES: dict[Any, tuple[str, tuple[type, ...], Any]] = {
    str: ("string", (str,), str),
    int: ("integer", (int,), _read_int),
    bool: ("boolean", (bool,), _read_bool),
    float: ("number", (int, float), float),
    Decimal: ("decimal", (str,), Decimal),
}
