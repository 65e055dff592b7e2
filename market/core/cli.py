"""Helpers for commands: wrong use ends with status 2 and a line that says what to do, failed work with status 1."""

from collections.abc import Callable
from functools import wraps
from typing import NoReturn, ParamSpec, TypeVar

import click
from sqlalchemy.exc import OperationalError

from market.core import revision

P = ParamSpec("P")
R = TypeVar("R")


class WrongUse(click.ClickException):
    """The command was called wrongly; exit status 2."""

    exit_code = 2

    def show(self, file: object = None) -> None:  # noqa: ARG002 - click's signature
        """Print just the sentence."""
        click.echo(self.format_message(), err=True)


class Failed(click.ClickException):
    """The work could not be done; exit status 1."""

    exit_code = 1

    def show(self, file: object = None) -> None:  # noqa: ARG002 - click's signature
        """Print just the sentence."""
        click.echo(self.format_message(), err=True)


def wrong_use(message: str) -> NoReturn:
    """Stop with status 2."""
    raise WrongUse(message)


def needs_database(work: Callable[P, R]) -> Callable[P, R]:
    """The command works on a database that answers, at whatever revision."""
    return _guarded(work, revision.unreachable)


def needs_current_database(work: Callable[P, R]) -> Callable[P, R]:
    """The command works on a database that answers and is migrated."""
    return _guarded(work, revision.obstacle)


def _guarded(work: Callable[P, R], obstacle: Callable[[], str | None]) -> Callable[P, R]:
    @wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            if problem := obstacle():
                raise Failed(problem)
            return work(*args, **kwargs)
        except OperationalError as error:  # it went away, is locked, or its disk is full
            raise Failed(f"The database failed: {str(error.orig).strip().splitlines()[0]}") from None

    return run
