"""The region's own pictures: skyline and logo, served from the region's folder."""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import abort, current_app, request, send_file
from flask.typing import ResponseReturnValue

from market.core.config import Config
from market.public.blueprint import bp
from market.web import access
from market.web.headers import STATIC_FOR_A_YEAR


def address(name: str) -> str | None:
    """Where the region's picture is, with its version; None when the region has none."""
    config: Config = current_app.config["MARKET"]
    return _address(config.region.folder, name)


@lru_cache(maxsize=16)
def _address(folder: Path, name: str) -> str | None:
    path = folder / f"{name}.svg"
    return f"/region/{name}.svg?v={hashlib.sha256(path.read_bytes()).hexdigest()[:12]}" if path.is_file() else None


@bp.get("/region/<any(skyline, logo):name>.svg")
@access.public
def region_picture(name: str) -> ResponseReturnValue:
    """A picture that lies beside region.toml."""
    config: Config = current_app.config["MARKET"]
    path = config.region.picture(name)
    if path is None:
        abort(404)
    response = send_file(path, mimetype="image/svg+xml", conditional=True)
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    if "v" in request.args:
        response.headers["Cache-Control"] = STATIC_FOR_A_YEAR
    return response
