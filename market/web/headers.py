"""Security headers for every response: no other host, no inline script or style, nothing framed."""

from flask import Response, current_app, request

STATIC_FOR_A_YEAR = "public, max-age=31536000, immutable"


def policy(payment_origin: str, *, camera: bool = False) -> str:
    """The Content-Security-Policy. `payment_origin` is allowed as the target a form's redirect may end at."""
    wasm = " 'wasm-unsafe-eval'" if camera else ""
    return (
        f"default-src 'self'; script-src 'self'{wasm}; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'; worker-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action 'self' {payment_origin}"
    )


def add(response: Response) -> Response:
    """After every request."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", policy(current_app.config["PAYMENT_ORIGIN"]))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
    if current_app.config["SESSION_COOKIE_SECURE"]:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint == "static" and "v" in request.args:
        headers["Cache-Control"] = STATIC_FOR_A_YEAR
    elif request.endpoint != "static":
        headers.setdefault("Cache-Control", "private, no-cache")
    if response.mimetype == "text/html":
        response.vary.add("HX-Request")
    return response
