"""Configuration: read once from the environment and the region's file, then passed around as plain values."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from market.core import clock

ROOT = Path(__file__).parents[2]
DEFAULT_REGION = ROOT / "regions" / "zeitz"
DEVELOPMENT_SECRET = "development-only-secret-key-do-not-use"  # noqa: S105 - production refuses to start with it
SANDBOX_KEY = "sk_test_sandbox"
SANDBOX_WEBHOOK_SECRET = "whsec_sandbox"  # noqa: S105 - the double's, worthless elsewhere
THREADS = 8


class BadConfiguration(Exception):
    """The environment or the region's file cannot be used; the message says what to change."""


@dataclass(frozen=True, slots=True)
class ShopLaw:
    """What the state's shop opening law allows on working days; None = no bound. `[shop_law]` in region.toml."""

    weekday_from: time | None = None
    weekday_until: time | None = None
    saturday_until: time | None = None
    christmas_eve_until: time = time(14)


@dataclass(frozen=True, slots=True)
class Region:
    """The town this market serves: names, places and holidays. No code knows any of them."""

    folder: Path
    name: str
    market_name: str
    tagline: str
    hero_title: str
    hero_text: str
    subdivision: str
    postcodes: tuple[str, ...]
    centre: tuple[float, float]
    attribution: str
    imprint: Mapping[str, str] = field(default_factory=dict)
    supervisory_authority: str = ""
    shop_law: ShopLaw = field(default_factory=ShopLaw)

    @property
    def office_phone(self) -> str:
        """Under which the operator is reached, from the imprint; empty while nobody has filled it in."""
        number = self.imprint.get("phone", "")
        return "" if "[[" in number else number.strip()

    @property
    def gazetteer(self) -> Path:
        """The CSV of streets and places (may be missing: then every address is an unknown one)."""
        return self.folder / "gazetteer.csv"

    def picture(self, name: str) -> Path | None:
        """One of the region's own pictures ("skyline", "logo"), an SVG beside region.toml; None without one."""
        path = self.folder / f"{name}.svg"
        return path if path.is_file() else None


def load_region(folder: Path) -> Region:
    """Read region.toml. Raises BadConfiguration with the file and what is missing."""
    path = folder / "region.toml"
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return Region(
            folder=folder,
            name=data["name"],
            market_name=data["market_name"],
            tagline=data["tagline"],
            hero_title=data["hero_title"],
            hero_text=data["hero_text"],
            subdivision=data["subdivision"],
            postcodes=_postcodes(data["postcodes"]),
            centre=(float(data["centre"][0]), float(data["centre"][1])),
            attribution=data.get("attribution", ""),
            imprint=data.get("imprint", {}),
            supervisory_authority=data.get("supervisory_authority", ""),
            shop_law=ShopLaw(**data.get("shop_law", {})),
        )
    except FileNotFoundError:
        raise BadConfiguration(f"{path}: missing") from None
    except (KeyError, tomllib.TOMLDecodeError, ValueError, TypeError, IndexError) as error:
        raise BadConfiguration(f"{path}: {error}") from None


def _postcodes(values: Any) -> tuple[str, ...]:
    found = tuple(str(value) for value in values)
    if not found or not all(len(code) == 5 and code.isdecimal() for code in found):
        raise ValueError('postcodes: at least one, five digits each in quotes, like "01234"')
    return found


@dataclass(frozen=True, slots=True)
class Config:
    """Everything the environment decides. See docs/operators.md for each variable."""

    region: Region
    instance: Path
    database_url: str
    redis_url: str | None
    secret_key: str
    port: int
    sandbox_port: int
    public_url: str
    trusted_proxies: int
    production: bool
    clock_shift: timedelta
    inline_worker: bool
    stripe_secret_key: str | None
    stripe_webhook_secret: str
    stripe_api_base: str | None
    mail_url: str
    osrm_url: str | None
    photon_url: str | None
    map_backend: str
    testing: bool = False

    @property
    def sandbox(self) -> bool:
        """True when no Stripe key is set and the gateway talks to our own double."""
        return self.stripe_secret_key is None

    @property
    def media(self) -> Path:
        """Where pictures lie, by content hash."""
        return self.instance / "media"


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    found = _number(env, name, default)
    if not 0 < found < 65_536:
        raise BadConfiguration(f"{name}={found}: a port between 1 and 65535 is needed")
    return found


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not text.isdecimal():
        raise BadConfiguration(f"{name}={text!r}: a whole number is needed")
    return int(text)


def _one_of(env: Mapping[str, str], name: str, *allowed: str) -> str:
    """The value, by default the first that is allowed."""
    text = env.get(name) or allowed[0]
    if text not in allowed:
        raise BadConfiguration(f"{name}={text!r}: write {' or '.join(allowed)}")
    return text


WEB = ("http://", "https://")
DATABASES = ("sqlite:///", "postgresql://", "postgres://", "postgresql+psycopg://")
REDIS = ("redis://", "rediss://", "unix://")
MAIL = ("smtp://", "smtps://", "file:")


def _url(env: Mapping[str, str], name: str, schemes: Collection[str], example: str) -> str | None:
    """The value, None when unset. The message does not repeat it: a URL may hold a password."""
    text = (env.get(name) or "").rstrip("/") or None
    if text is None:
        return None
    try:
        parts = urlsplit(text)
        complete = text.startswith(tuple(schemes)) and (parts.port is None or parts.port > 0)
    except ValueError:
        complete = False
    if not complete or (schemes is WEB and not parts.hostname):
        raise BadConfiguration(f"{name}: not an address this can use. Write it like {example}")
    return text


def load(env: Mapping[str, str] | None = None, *, testing: bool = False) -> Config:
    """Read the environment. Raises BadConfiguration with one line that says what to do."""
    env = os.environ if env is None else env
    production = _one_of(env, "MARKET_ENV", "development", "production") == "production"
    instance = Path(env.get("INSTANCE_DIR") or ROOT / "instance").resolve()
    own_region = instance / "region"
    port = _port(env, "PORT", 8000)
    try:
        shift = clock.parse_shift(env.get("MARKET_CLOCK", ""))
    except ValueError as error:
        raise BadConfiguration(str(error)) from None
    if shift and production:
        raise BadConfiguration("MARKET_CLOCK is for development only: unset it")
    return Config(
        region=load_region(own_region if (own_region / "region.toml").exists() else DEFAULT_REGION),
        instance=instance,
        database_url=_url(env, "DATABASE_URL", DATABASES, "postgresql://user:password@host/name or sqlite:////file.db")
        or f"sqlite:///{instance / 'market.db'}",
        redis_url=_url(env, "REDIS_URL", REDIS, "redis://127.0.0.1:6379/0"),
        secret_key=env.get("SECRET_KEY") or DEVELOPMENT_SECRET,
        port=port,
        sandbox_port=_port(env, "SANDBOX_PORT", port + 1),
        public_url=_url(env, "PUBLIC_URL", WEB, "https://markt.example") or f"http://127.0.0.1:{port}",
        trusted_proxies=_number(env, "TRUSTED_PROXIES", 0),
        production=production,
        clock_shift=shift,
        inline_worker=_one_of(env, "INLINE_WORKER", "1", "0") == "1",
        stripe_secret_key=env.get("STRIPE_SECRET_KEY") or None,
        # The sandbox's secret is public: in production nothing signed with it counts.
        stripe_webhook_secret=env.get("STRIPE_WEBHOOK_SECRET") or ("" if production else SANDBOX_WEBHOOK_SECRET),
        stripe_api_base=_url(env, "STRIPE_API_BASE", WEB, "https://api.example"),
        mail_url=_url(env, "MAIL_URL", MAIL, "smtp://user:password@host:587 or file:/var/mail")
        or f"file:{instance / 'mail'}",
        osrm_url=_url(env, "OSRM_URL", WEB, "http://127.0.0.1:5000"),
        photon_url=_url(env, "PHOTON_URL", WEB, "http://127.0.0.1:2322"),
        map_backend=env.get("MAP_BACKEND") or "none",
        testing=testing,
    )


_current: Config | None = None


def use(config: Config) -> None:
    """Make `config` this process's own: set by create_app, read by jobs, which get nothing but ids."""
    global _current  # noqa: PLW0603 - one configuration per process
    _current = config


def current() -> Config:
    """This process's configuration; the environment's when no application was made."""
    return _current or load()
