"""Helpers for commands: wrong use ends with status 2 and a line that says what to do, failed work with status 1."""

from typing import NoReturn

import click


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
