"""What production refuses to start with, web and worker alike: one clear line each.

`python -m market.people.production` only looks: gunicorn's master asks that way before it listens, and stays small.
"""

import sys
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from market.core import db, revision, settings
from market.core.config import DEVELOPMENT_SECRET, SANDBOX_WEBHOOK_SECRET, Config, load
from market.people.models import User

MIN_SECRET = 32


def refusals(s: Session, config: Config) -> list[str]:
    """Reasons not to start; empty outside production."""
    if not config.production:
        return []
    found = []
    if config.secret_key == DEVELOPMENT_SECRET or len(config.secret_key) < MIN_SECRET:
        found.append(f"SECRET_KEY: set a random one of at least {MIN_SECRET} characters.")
    if urlsplit(config.public_url).scheme != "https":
        found.append("PUBLIC_URL: must be the https:// address of the market.")
    if settings.get(s, "online_payment") and not payable(config):
        found.append(
            "STRIPE_SECRET_KEY: online payment is on but no live key is set. Set one, or switch online payment off "
            "(flask --app wsgi setup --no-online-payment)."
        )
    if config.stripe_api_base is not None:
        found.append("STRIPE_API_BASE: is for tests and the demo; a live key must not be sent there. Unset it.")
    if config.stripe_secret_key is not None and config.stripe_webhook_secret in ("", SANDBOX_WEBHOOK_SECRET):
        found.append("STRIPE_WEBHOOK_SECRET: set the signing secret of the webhook endpoint (whsec_...).")
    if s.scalar(sa.select(User.id).where(User.demo).limit(1)) is not None:
        found.append("Demo accounts are in the database: use an empty database for production.")
    return found


def refuse(config: Config) -> None:
    """Before web and worker start in production: end the process with one line per reason (SystemExit)."""
    if not config.production:
        return
    if problem := revision.obstacle():
        sys.exit(f"Refusing to start: {problem}")
    with db.reading() as s:
        reasons = refusals(s, config)
    if reasons:
        sys.exit("\n".join(f"Refusing to start: {reason}" for reason in reasons))


def payable(config: Config) -> bool:
    """Whether online payment can work here: always in development (the sandbox), in production with a live key."""
    return not config.production or _live(config.stripe_secret_key)


def _live(key: str | None) -> bool:
    return key is not None and key.startswith(("sk_live_", "rk_live_"))


if __name__ == "__main__":
    settings_of_this_process = load()
    db.connect(settings_of_this_process.database_url)
    refuse(settings_of_this_process)
