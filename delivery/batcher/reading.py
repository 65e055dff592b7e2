"""Reads decoded JSON strictly and says exactly where it is wrong, e.g. `orders[3].parcels[0].weight`."""

from __future__ import annotations

from collections.abc import Iterator

_NO_DEFAULT = -(2**63)
#: Bigger numbers than these are no day of a town, and more than the compiled rows hold: any, and seconds of a way, a
#: set-up, a handling (an arc is all three).
MOST, LONGEST = 10**15, 500_000_000


class BadProblem(ValueError):
    """The input is wrong: `path` names the field (or file), `problem` says what is wrong with it."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


def is_whole(value: object) -> bool:
    """True for a real integer; JSON's true and 1.0 are not one."""
    return isinstance(value, int) and not isinstance(value, bool)


class Reader:
    """One JSON object and where it stands in the file."""

    def __init__(self, raw: object, path: str) -> None:
        if not isinstance(raw, dict):
            raise BadProblem(path, "must be an object {...}")
        self._raw: dict[str, object] = raw
        self._path = "" if path in ("problem", "plan") else path

    def __contains__(self, key: str) -> bool:
        return key in self._raw

    def at(self, key: str) -> str:
        """The path of a field, for messages."""
        return f"{self._path}.{key}" if self._path else key

    def value(self, key: str) -> object:
        if key not in self._raw:
            raise BadProblem(self.at(key), "is missing")
        return self._raw[key]

    def whole(self, key: str, *, least: int | None = None, most: int = MOST, default: int = _NO_DEFAULT) -> int:
        """An integer from `least` to `most`; `default` when the key is absent."""
        if key not in self._raw and default != _NO_DEFAULT:
            return default
        return _whole(self.value(key), self.at(key), least, most)

    def wholes(self, key: str, *, count: int, least: int | None = None) -> list[int]:
        values = self._list(key)
        if len(values) != count:
            raise BadProblem(self.at(key), f"must hold {count} numbers, not {len(values)}")
        return [_whole(value, f"{self.at(key)}[{i}]", least) for i, value in enumerate(values)]

    def many(self, key: str, *, least: int | None = None) -> list[int]:
        return [_whole(value, f"{self.at(key)}[{i}]", least) for i, value in enumerate(self._list(key))]

    def texts(self, key: str) -> list[str]:
        found = []
        for i, value in enumerate(self._list(key)):
            if not isinstance(value, str):
                raise BadProblem(f"{self.at(key)}[{i}]", "must be a text")
            found.append(value)
        return found

    def pair(self, key: str) -> tuple[int, int]:
        """Two integers [from, to]; the wrong way round is allowed and means: never."""
        first, second = self.wholes(key, count=2)
        return first, second

    def spans(self, key: str) -> tuple[tuple[int, int], ...]:
        """A list of [from, to], in order and apart from each other; one the wrong way round means: never."""
        found: list[tuple[int, int]] = []
        for i, raw in enumerate(self._list(key)):
            path = f"{self.at(key)}[{i}]"
            if not isinstance(raw, list) or len(raw) != 2:
                raise BadProblem(path, "must be [from, to]")
            first, last = (_whole(value, f"{path}[{j}]", None) for j, value in enumerate(raw))
            if found and first <= max(found[-1]):
                raise BadProblem(path, "must begin after the one before ends")
            found.append((first, last))
        return tuple(found)

    def text(self, key: str, *, default: str | None = None) -> str:
        if key not in self._raw and default is not None:
            return default
        value = self.value(key)
        if not isinstance(value, str):
            raise BadProblem(self.at(key), "must be a text")
        return value

    def optional(self, key: str, *, least: int | None = None) -> int | None:
        """An integer, or None when the key is absent or null."""
        if self._raw.get(key) is None:
            return None
        return self.whole(key, least=least)

    def optional_id(self, key: str) -> int | str | None:
        return None if self._raw.get(key) is None else self.id(key)

    def id(self, key: str) -> int | str:
        return as_id(self.value(key), self.at(key))

    def ids(self, key: str) -> list[int | str]:
        return [as_id(value, f"{self.at(key)}[{i}]") for i, value in enumerate(self._list(key))]

    def part(self, key: str) -> Reader:
        return Reader(self.value(key), self.at(key))

    def items(self, key: str) -> Iterator[Reader]:
        for i, value in enumerate(self._list(key)):
            yield Reader(value, f"{self.at(key)}[{i}]")

    def matrices(self, key: str) -> dict[str, list[list[int]]]:
        """Square matrices of non-negative integers, all of one size, by name."""
        by_name = self.value(key)
        if not isinstance(by_name, dict):
            raise BadProblem(self.at(key), "must be an object {type: matrix}")
        found = {name: _matrix(raw, f"{self.at(key)}.{name}") for name, raw in by_name.items()}
        sizes = {len(matrix) for matrix in found.values()}
        if len(sizes) > 1:
            raise BadProblem(self.at(key), f"matrices differ in size: {sorted(sizes)}")
        return found

    def _list(self, key: str) -> list[object]:
        value = self.value(key)
        if not isinstance(value, list):
            raise BadProblem(self.at(key), "must be a list [...]")
        return value


def as_id(value: object, path: str) -> int | str:
    """A name of something: integer or text."""
    if isinstance(value, str) or is_whole(value):
        assert isinstance(value, int | str)
        return value
    raise BadProblem(path, "must be a whole number or a text")


def _whole(value: object, path: str, least: int | None, most: int = MOST) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadProblem(path, f"must be a whole number, not {value!r:.40}")
    if value < (-most if least is None else least):
        raise BadProblem(path, f"must be at least {-most if least is None else least}, not {value}")
    if value > most:
        raise BadProblem(path, f"must be at most {most}, not {value}")
    return value


def _matrix(raw: object, path: str) -> list[list[int]]:
    if not isinstance(raw, list):
        raise BadProblem(path, "must be a list of rows")
    for i, row in enumerate(raw):
        if not isinstance(row, list) or len(row) != len(raw):
            raise BadProblem(f"{path}[{i}]", f"must be a row of {len(raw)} numbers: the matrix is square")
        # Millions of cells: one fast look at the types, and only a wrong row is searched for its cell.
        if {type(cell) for cell in row} != {int} or min(row) < 0 or max(row) > LONGEST:
            for j, cell in enumerate(row):
                _whole(cell, f"{path}[{i}][{j}]", 0, LONGEST)
    return raw
