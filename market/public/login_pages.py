"""Signing in (which takes the guest's cart along), signing out, a new account, a new password."""

from urllib.parse import urlsplit

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user

from market.core import db
from market.core.errors import MarketError
from market.orders import cart
from market.people import accounts, secrets
from market.people.forms import ForgotForm, LoginForm, PasswordForm, RegisterForm, ResetForm
from market.public.blueprint import bp
from market.web import access, limits, visitor
from market.web.account import Account

TRIES_PER_MAIL = 10
TRIES_PER_ADDRESS = 50
WINDOW_MINUTES = 15


def safe_next(target: str | None) -> str | None:
    """A path of our own to return to; None for anything that could lead away."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else None


def home_of(account: Account) -> str:
    """Where somebody lands after signing in."""
    for role, path in (
        ("merchant", "/haendler/"),
        ("courier", "/touren/"),
        ("operator", "/betrieb/"),
        ("caretaker", "/betrieb/"),
        ("editor", "/betrieb/neueroeffnungen"),
        ("keeper", "/abholpunkt/"),
    ):
        if role in account.roles:
            return path
    return url_for("public.account")


def _enter(session_key: str, *, remember: bool, target: str | None) -> ResponseReturnValue:
    """Start a fresh session (nothing planted before survives), take the cart along, go on."""
    token = visitor.owner()["token"]
    session.clear()
    load = current_app.login_manager._user_callback  # type: ignore[attr-defined]  # noqa: SLF001 - Flask-Login's loader
    account: Account = load(session_key)
    session.permanent = remember  # else the sign-in ends with the browser: on a library's computer, too
    login_user(account, remember=remember)
    if not remember:
        session["_remember"] = "clear"  # Flask-Login's word: somebody else's remembered sign-in ends here
    with db.transaction() as s:
        cart.merge(s, token, account.id)
    return redirect(safe_next(target) or home_of(account), 303)


def _remembered() -> bool:
    """Whether this browser was to stay signed in."""
    return current_app.config["REMEMBER_COOKIE_NAME"] in request.cookies


@bp.route("/anmelden", methods=["GET", "POST"])
@access.public
def login() -> ResponseReturnValue:
    """Sign in."""
    if current_user.is_authenticated and request.method == "GET":
        return redirect(home_of(current_user), 303)
    form = LoginForm()
    if request.method == "GET":
        form.next.data = safe_next(request.args.get("next")) or ""
    if form.validate_on_submit():
        email = accounts.normalise_email(form.email.data)
        limits.limit("login-mail", email, times=TRIES_PER_MAIL, minutes=WINDOW_MINUTES)
        limits.limit("login-address", limits.client_address(), times=TRIES_PER_ADDRESS, minutes=WINDOW_MINUTES)
        try:
            key = accounts.sign_in(email, form.password.data)
        except MarketError as error:
            form.refuse(error)
        else:
            return _enter(key, remember=form.remember.data, target=form.next.data)
    return render_template("public/login.html", form=form), 422 if form.is_submitted() else 200


@bp.post("/abmelden")
@access.signed_in
def logout() -> ResponseReturnValue:
    """Sign out and forget this browser's session."""
    session.clear()
    logout_user()  # last: it leaves the order to delete the remembered sign-in in the session
    flash(_("Sie sind abgemeldet."), "success")
    response = redirect(url_for("public.home"), 303)
    response.headers["Clear-Site-Data"] = '"cache"'  # "back" shows the next person nothing
    return response


@bp.route("/registrieren", methods=["GET", "POST"])
@access.public
def register() -> ResponseReturnValue:
    """A new account."""
    form = RegisterForm()
    if request.method == "GET":
        form.next.data = safe_next(request.args.get("next")) or ""
    if form.validate_on_submit():
        limits.limit("register", limits.client_address(), times=20, minutes=60)
        try:
            with db.transaction() as s:
                user = accounts.create(s, email=form.email.data, name=form.name.data, password=form.password.data)
                key, user_id = user.session_key, user.id
            secrets.mail_confirmation(user_id, str(current_app.secret_key))
        except MarketError as error:
            form.refuse(error)
        else:
            flash(
                _("Ihr Konto ist angelegt. Wir haben Ihnen einen Link geschickt, der Ihre Adresse bestätigt."),
                "success",
            )
            return _enter(key, remember=False, target=form.next.data)
    return render_template("public/register.html", form=form), 422 if form.is_submitted() else 200


@bp.route("/passwort-vergessen", methods=["GET", "POST"])
@access.public
def forgot_password() -> ResponseReturnValue:
    """Mail a link for a new password; says the same whether the account exists or not."""
    form = ForgotForm()
    if form.validate_on_submit():
        limits.limit("forgot", accounts.normalise_email(form.email.data), times=5, minutes=60)
        limits.limit("forgot-address", limits.client_address(), times=20, minutes=60)
        secrets.ask_for_link(form.email.data)
        return render_template("public/forgot_sent.html", email=form.email.data)
    return render_template("public/forgot.html", form=form), 422 if form.is_submitted() else 200


@bp.route("/passwort/<token>", methods=["GET", "POST"])
@access.public
def reset_password(token: str) -> ResponseReturnValue:
    """Set a new password by the mailed link."""
    key = str(current_app.secret_key)
    secrets.check_link(token, key)
    form = ResetForm()
    if form.validate_on_submit():
        try:
            session_key = secrets.reset(token, key, form.password.data)
        except MarketError as error:
            form.refuse(error)
        else:
            flash(_("Ihr neues Passwort gilt ab sofort. Andere Geräte sind abgemeldet."), "success")
            return _enter(session_key, remember=False, target=None)
    return render_template("public/reset.html", form=form), 422 if form.is_submitted() else 200


@bp.route("/konto/bestaetigen/<token>", methods=["GET", "POST"])
@access.public
def confirm_email(token: str) -> ResponseReturnValue:
    """The mailed link that proves an address, for whoever is signed in to its account: a stranger may have registered
    it, and must not get it proved by the owner's click."""
    key = str(current_app.secret_key)
    user_id, email = secrets.check_confirmation(token, key)
    if not current_user.is_authenticated:
        flash(_("Bitte melden Sie sich an, dann können Sie Ihre Adresse bestätigen."), "info")
        return redirect(url_for("public.login", next=url_for("public.confirm_email", token=token)), 303)
    if current_user.id != user_id:
        raise secrets.OtherAccount
    if request.method == "GET":
        return render_template("public/confirm_email.html", email=email, token=token)
    secrets.confirm(token, key)
    flash(_("Danke, Ihre Adresse ist bestätigt."), "success")
    return redirect(url_for("public.account"), 303)


@bp.post("/konto/bestaetigung")
@access.signed_in
def send_confirmation() -> ResponseReturnValue:
    """The link once more."""
    limits.limit("confirm-email", str(current_user.id), times=5, minutes=60)
    secrets.mail_confirmation(current_user.id, str(current_app.secret_key))
    flash(_("Der Link ist unterwegs."), "success")
    return redirect(url_for("public.account"), 303)


@bp.route("/konto/passwort", methods=["GET", "POST"])
@access.signed_in
def change_password() -> ResponseReturnValue:
    """Change the password; every other device is signed out."""
    form = PasswordForm()
    if form.validate_on_submit():
        limits.limit("password", str(current_user.id), times=TRIES_PER_MAIL, minutes=WINDOW_MINUTES)
        try:
            session_key = secrets.change(current_user.id, form.current.data, form.password.data)
        except MarketError as error:
            form.refuse(error)
        else:
            flash(_("Ihr Passwort ist geändert. Andere Geräte sind abgemeldet."), "success")
            return _enter(session_key, remember=_remembered(), target=url_for("public.account"))
    return render_template("public/password.html", form=form), 422 if form.is_submitted() else 200
