"""Commands that are loaded when they are called: a web process needs neither Alembic nor the demo's builders."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click
from flask import current_app
from flask.cli import AppGroup, ScriptInfo


class LaterCommands(AppGroup):
    """`flask --app wsgi NAME`, found in a table from name to `module:object` (wsgi.py)."""

    def __init__(self, table: Mapping[str, str]) -> None:
        super().__init__()
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, sorted."""
        return sorted({*self.table, *super().list_commands(ctx)})

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is being called; its application is at hand, also when nobody pushed it (tests)."""
        if not current_app:
            ctx.with_resource(ctx.ensure_object(ScriptInfo).load_app().app_context())
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command; None for a name that is not in the table."""
        if cmd_name not in self.table:
            return super().get_command(ctx, cmd_name)
        module, _, name = self.table[cmd_name].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command), self.table[cmd_name]
        return command
