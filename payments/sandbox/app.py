"""Puts the double together and guards its door. It listens on loopback only; browsers may reach it all the same."""

from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden, HTTPException

from payments.sandbox.answers import Refusal
from payments.sandbox.api import api
from payments.sandbox.control import control
from payments.sandbox.pages import german_money, german_time, oops, pages
from payments.sandbox.world import World

LARGEST_BODY = 256 * 1024  # bytes
_OWN_NAMES = ("127.0.0.1", "localhost", "::1")


def create_app(world: World) -> Flask:
    """The WSGI app of the double."""
    app = Flask("payments.sandbox", static_url_path="/static")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.extensions["world"] = world
    app.add_template_filter(german_money, "money")
    app.add_template_filter(german_time, "time")
    app.before_request(_refuse_strangers)
    app.after_request(_headers)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _http_error)
    for blueprint in (api, control, pages):
        app.register_blueprint(blueprint)
    return app


def _refuse_strangers() -> None:
    """Another website must not press our buttons (Origin), nor pretend to be us by a DNS trick (Host)."""
    own = {*_OWN_NAMES, urlsplit(World.of(current_app).public_url).hostname}
    origin = request.headers.get("Origin")
    if urlsplit(f"//{request.host}").hostname not in own:
        raise Forbidden("unknown host")
    # A form on a page without referrer sends "null"; our own pages do not (same-origin), a strange one does.
    if request.method == "POST" and origin is not None and urlsplit(origin).netloc != request.host:
        raise Forbidden("a form of another website")


def _for_programs() -> bool:
    return request.path.startswith(("/v1/", "/v2/", "/_control"))


def _headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


def _refused(refusal: Refusal) -> ResponseReturnValue:
    return ({"error": refusal.body}, refusal.status) if _for_programs() else oops(refusal.status)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if not _for_programs():
        return oops(error.code or 500)
    message = f"The double does not know this call: {request.method} {request.path} ({error.description})"
    return {"error": {"type": "invalid_request_error", "message": message}}, error.code or 500
