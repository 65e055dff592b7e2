"""Pictures by content hash: they never change, so browsers keep them for a year."""

from __future__ import annotations

from flask import current_app, send_file
from flask.typing import ResponseReturnValue

from market.catalogue import pictures
from market.core.config import Config
from market.public.blueprint import bp
from market.web import access
from market.web.headers import STATIC_FOR_A_YEAR


@bp.get("/medien/<name>")
@access.public
def media(name: str) -> ResponseReturnValue:
    """One file. Drawings come with a policy that lets nothing in them run, load or style."""
    config: Config = current_app.config["MARKET"]
    path = pictures.find(name, config.media)
    response = send_file(path, mimetype=pictures.TYPES[path.suffix], conditional=True, etag=path.stem)
    response.headers["Cache-Control"] = STATIC_FOR_A_YEAR
    if path.suffix == ".svg":
        response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'none'; frame-ancestors 'none'"
    return response
