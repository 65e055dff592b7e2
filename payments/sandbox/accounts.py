"""Connected accounts (v2) and the links to their sign-up page.

An account whose id begins with `acct_demo_` needs no sign-up: it exists and is ready. The demo town uses such ids, so
that its merchants can be paid out before anybody clicked through a form.
"""

from datetime import UTC, datetime
from typing import Any

from payments.sandbox.answers import Refusal, known
from payments.sandbox.store import Object, Store, new_id

READY_MADE = "acct_demo_"
LINK_LIFE = 300  # seconds
_INCLUDABLE = ("configuration", "defaults", "identity", "requirements")


def create(store: Store, params: dict[str, Any]) -> Object:
    """Make an account that is not ready yet."""
    asked = params.get("configuration", {})
    if "merchant" in asked or "recipient" not in asked:
        raise Refusal("The double knows the recipient configuration only.", param="configuration")
    who = params.get("defaults", {}).get("responsibilities", {})
    if (who.get("fees_collector"), who.get("losses_collector")) != ("application", "application"):
        raise Refusal("Separate charges and transfers need the application as collector.", param="defaults")
    if "country" not in params.get("identity", {}):
        raise Refusal("identity.country is needed for transfers.", param="identity")
    account = _account(new_id("acct"), store.now(), "pending")
    account |= {name: params[name] for name in ("display_name", "contact_email", "dashboard") if name in params}
    return _shown(store.put(account), params.get("include", []))


def retrieve(store: Store, ident: str, include: list[str]) -> Object:
    """The account with the parts named in `include`; everything else is null, as in v2."""
    return _shown(_known(store, ident), include)


def can_receive(store: Store, ident: str) -> bool:
    """Whether transfers to this account are accepted. Raises Refusal for an unknown one."""
    transfers = _known(store, ident)["configuration"]["recipient"]["capabilities"]["stripe_balance"]["stripe_transfers"]
    return bool(transfers["status"] == "active")


def create_link(store: Store, params: dict[str, Any], public_url: str) -> Object:
    """A link to the sign-up page: once, and for five minutes."""
    account = _known(store, params["account"])
    onboarding = params["use_case"].get("account_onboarding")
    if onboarding is None:
        raise Refusal("The double knows the use case account_onboarding only.", param="use_case")
    ident = new_id("link")
    store.put(
        {
            "id": ident,
            "object": "_account_link",
            "account": account["id"],
            "expires": store.now() + LINK_LIFE,
            "used": False,
            **{name: onboarding.get(name) for name in ("return_url", "refresh_url")},
        }
    )
    return {
        "object": "v2.core.account_link",
        "account": account["id"],
        "created": _instant(store.now()),
        "expires_at": _instant(store.now() + LINK_LIFE),
        "livemode": False,
        "url": f"{public_url}/anmeldung/{ident}",
        "use_case": params["use_case"],
    }


def usable_link(store: Store, ident: str) -> Object | None:
    """The link, unless it is unknown, used or too old."""
    link = store.get("_account_link", ident)
    return link if link and not link["used"] and link["expires"] > store.now() else None


def sign_up(store: Store, link: Object) -> None:
    """The merchant filled in everything: the account is ready."""
    store.put(link | {"used": True})
    account = _known(store, link["account"])
    store.put(account | _account(account["id"], 0, "active", created=account["created"]))


def _known(store: Store, ident: str) -> Object:
    if ident.startswith(READY_MADE) and store.get("v2.core.account", ident) is None:
        store.put(_account(ident, store.now(), "active") | {"display_name": ident.removeprefix(READY_MADE)})
    return known(store, "v2.core.account", ident, "account")


def _account(ident: str, now: int, status: str, *, created: str | None = None) -> Object:
    return {
        "id": ident,
        "object": "v2.core.account",
        "applied_configurations": ["recipient"],
        "configuration": {"recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"status": status}}}}},
        "created": created or _instant(now),
        "livemode": False,
    }


def _shown(account: Object, include: list[str]) -> Object:
    return account | {name: account.get(name) if _asked(name, include) else None for name in _INCLUDABLE}


def _asked(name: str, include: list[str]) -> bool:
    return any(each.split(".")[0] == name for each in include)


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
