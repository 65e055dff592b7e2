"""/vertrag-widerrufen: two steps, no login, no script, and a receipt to the second (law.md B1, B2)."""

from flask import Response, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer

from market.core import db
from market.core.formats import precise
from market.core.i18n import gettext
from market.orders import withdrawal
from market.orders.withdrawal import Choosable, Declaration
from market.public.blueprint import bp
from market.public.forms import WithdrawalForm
from market.web import access, limits


def _lines_of(key: str) -> tuple[str, list[Choosable]] | None:
    if not key:
        return None
    with db.reading() as s:
        return withdrawal.choosable(s, key)


def _declaration(form: WithdrawalForm, lines: list[Choosable]) -> Declaration:
    chosen = [line for line in lines if line.line_id in (form.lines.data or [])]
    words = "; ".join(f"{line.text} ({line.merchant})" for line in chosen) or form.lines_text.data.strip()
    return Declaration(
        form.name.data,
        form.email.data.strip(),
        form.order_text.data or "",
        words or gettext(withdrawal.EVERYTHING),
        tuple(line.line_id for line in chosen),
    )


def _form() -> tuple[WithdrawalForm, list[Choosable]]:
    form = WithdrawalForm()
    if request.method == "GET":
        form.key.data = request.args.get("bestellung", "")[:64]
    known = _lines_of(form.key.data or "")
    lines = known[1] if known else []
    form.lines.choices = [(line.line_id, f"{line.text} – {line.merchant}") for line in lines if line.revocable]
    if known and request.method == "GET":
        form.order_text.data = known[0]
    return form, lines


@bp.route("/vertrag-widerrufen", methods=["GET", "POST"])
@access.public
def withdraw() -> ResponseReturnValue:
    """Step 1: the declaration; a valid one is shown once more before it counts."""
    form, lines = _form()
    if form.validate_on_submit():
        return render_template("public/withdraw_confirm.html", form=form, declaration=_declaration(form, lines))
    page = render_template("public/withdraw.html", form=form, excluded=[line for line in lines if not line.revocable])
    return page, 422 if form.is_submitted() else 200


@bp.post("/vertrag-widerrufen/bestaetigen")
@access.public
def withdraw_confirm() -> ResponseReturnValue:
    """Step 2: it counts from here. The receipt is mailed and shown."""
    form, lines = _form()
    if "zurueck" in request.form or not form.validate_on_submit():
        excluded = [line for line in lines if not line.revocable]
        page = render_template("public/withdraw.html", form=form, excluded=excluded)
        return page, 200 if "zurueck" in request.form else 422
    limits.limit("withdraw", limits.client_address(), times=30, minutes=60)
    reference = withdrawal.declare(_declaration(form, lines))
    return redirect(url_for("public.withdraw_receipt", token=_signer().dumps(reference)), 303)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="withdrawal-receipt")


@bp.get("/vertrag-widerrufen/eingang/<token>")
@access.public
def withdraw_receipt(token: str) -> ResponseReturnValue:
    """What arrived and when; `?download` gives the same as a text file."""
    try:
        found = withdrawal.receipt(_signer().loads(token))
    except BadSignature:
        abort(404)
    if found is None:
        abort(404)
    if "download" in request.args:
        return _as_text(found)
    response = current_app.make_response(render_template("public/withdraw_receipt.html", receipt=found, token=token))
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def _as_text(found: withdrawal.Receipt) -> Response:
    text = (
        f"Eingangsbestätigung Ihres Widerrufs {found.reference}\n"
        f"Eingegangen am {precise(found.received_at)} (Europe/Berlin)\n\n"
        f"Name: {found.declaration.name}\nVertrag/Bestellung: {found.declaration.order_text}\n"
        f"Widerrufene Waren: {found.declaration.lines_text}\nBestätigung an: {found.declaration.email}\n\n"
        "Diese Nachricht bestätigt nur den Eingang.\n"
    )
    response = Response(text, mimetype="text/plain")
    response.headers["Content-Disposition"] = f'attachment; filename="widerruf-{found.reference}.txt"'
    response.headers["Cache-Control"] = "no-store"
    return response
