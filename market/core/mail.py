"""Mail: rendered from templates/email/<name>/ as text and HTML, kept as sent, delivered by the outbox at least once.

`queue()` renders and stores in the caller's transaction; the handler `send` hands the stored message to the
transport. A repeated send carries the same Message-ID, so a mailbox shows it once at best, twice at worst.
"""

from __future__ import annotations

import email
import hashlib
import os
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import jinja2
from email_validator import validate_email
from sqlalchemy.orm import Session

from market.core import clock, db, letter
from market.core.config import ROOT, BadConfiguration, Config
from market.core.formats import FILTERS
from market.core.i18n import gettext
from market.core.models import Mail
from market.core.outbox import Job, emit

TIMEOUT_S = 20
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail: law texts must arrive as text, a link is not enough (EuGH C-49/11)."""

    name: str
    mime_type: str
    data: bytes


class Transport(Protocol):
    """Something that takes a finished message."""

    def deliver(self, message: bytes, *, sender: str, recipient: str, name: str) -> None: ...


class FileTransport:
    """Development: one .eml file per mail, readable with any mail program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def deliver(self, message: bytes, *, sender: str, recipient: str, name: str) -> None:  # noqa: ARG002
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f".{name}.part"
        draft.write_bytes(message)
        draft.replace(self.folder / f"{name}.eml")


class SmtpTransport:
    """Production: smtp://user:password@host:587 (STARTTLS when offered) or smtps://host:465."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.tls = parts.scheme == "smtps"
        self.host = parts.hostname or "localhost"
        self.port = parts.port or (465 if self.tls else 587)
        self.user = unquote(parts.username or "")
        self.password = unquote(parts.password or "")

    def answers(self) -> bool:
        """Whether the host greets us (health page)."""
        try:
            with self._open(timeout_s=3):
                return True
        except OSError:  # SMTPException is one
            return False

    def _open(self, timeout_s: float) -> smtplib.SMTP:
        if self.tls:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=timeout_s, context=ssl.create_default_context())
        return smtplib.SMTP(self.host, self.port, timeout=timeout_s)

    def deliver(self, message: bytes, *, sender: str, recipient: str, name: str) -> None:  # noqa: ARG002
        with self._open(TIMEOUT_S) as smtp:
            smtp.ehlo()
            secret = self.tls
            if not self.tls and smtp.has_extn("starttls"):
                smtp.starttls(context=ssl.create_default_context())
                secret = True
            if self.user and not secret and self.host not in LOOPBACK:
                raise smtplib.SMTPNotSupportedError("no STARTTLS: the password is not sent in the open")
            if self.user:
                smtp.login(self.user, self.password)
            smtp.sendmail(sender, [recipient], message)


@dataclass(frozen=True, slots=True)
class Postman:
    """What sending needs to know: who we are, where pages live, which transport."""

    transport: Transport
    sender: str
    market_name: str
    public_url: str


_postman: Postman | None = None


def configure(config: Config) -> None:
    """Choose the transport from MAIL_URL. Raises BadConfiguration."""
    global _postman  # noqa: PLW0603 - one postman per process
    parts = urlsplit(config.mail_url)
    transport: Transport
    if parts.scheme == "file":
        transport = FileTransport(Path(parts.path))
    elif parts.scheme in ("smtp", "smtps"):
        transport = SmtpTransport(config.mail_url)
    else:
        raise BadConfiguration(f"MAIL_URL={config.mail_url!r}: write smtp://host, smtps://host or file:DIR")
    address = config.region.imprint.get("mail_sender") or f"markt@{urlsplit(config.public_url).hostname}"
    _postman = Postman(transport, address, config.region.market_name, config.public_url)


def postman() -> Postman:
    """The configured postman. Raises RuntimeError before `configure`."""
    if _postman is None:
        raise RuntimeError("mail is not configured: call mail.configure(config) first")
    return _postman


def environment() -> jinja2.Environment:
    """The mails' own Jinja environment: same filters as the pages, no Flask."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "templates" / "email"),
        autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    env.filters.update(FILTERS)
    env.install_gettext_callables(gettext, lambda one, many, n: gettext(one if n == 1 else many))  # type: ignore[attr-defined]
    return env


_environment = environment()


def render(name: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """Subject (one line) and text of mail `name`; also what a row of the call list says."""
    who = postman()
    values = {"market_name": who.market_name, "public_url": who.public_url, **context}
    subject = " ".join(_environment.get_template(f"{name}/subject.txt").render(values).split())
    return subject, _environment.get_template(f"{name}/body.txt").render(values)


def _html(name: str, context: Mapping[str, Any], subject: str, text: str) -> str:
    """The mail as HTML in the one frame: the text's own paragraphs, or what templates/email/<name>/body.html says."""
    who = postman()
    own = (ROOT / "templates" / "email" / name / "body.html").exists()
    values = {"market_name": who.market_name, "public_url": who.public_url, **context}
    frame = {"subject": subject, "content": letter.to_html(text, who.public_url), "language": "de"}
    return _environment.get_template(f"{name}/body.html" if own else "_frame.html").render(values | frame)


def queue(
    s: Session,
    name: str,
    to: str,
    *,
    key: str,
    context: Mapping[str, Any],
    attachments: Sequence[Attachment] = (),
) -> bool:
    """Render mail `name` for `to` and queue it. False (and nothing happens) when `key` was queued before.

    Templates: templates/email/<name>/subject.txt, body.txt and, when the HTML is to say it otherwise, body.html (it
    extends _frame.html); they get `context`, `market_name` and `public_url`. Every mail goes out as text and HTML.
    """
    who = postman()
    subject, text = render(name, context)
    message = EmailMessage(policy=SMTP)
    message_id = f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{urlsplit(who.public_url).hostname}>"
    message["Subject"] = subject
    message["From"] = Address(who.market_name, addr_spec=who.sender)
    message["To"] = on_the_wire(to)
    message["Date"] = clock.local(clock.now())
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    message.add_alternative(_html(name, context, subject, text), subtype="html")
    for part in attachments:
        main, _, sub = part.mime_type.partition("/")
        message.add_attachment(part.data, maintype=main, subtype=sub, filename=part.name)
    mime = message.as_string()
    mail_id = db.insert_once(
        s,
        Mail,
        key=key,
        recipient=to,
        subject=subject[:200],
        message_id=message_id,
        mime=mime,
        sha256=hashlib.sha256(mime.encode()).hexdigest(),
        queued_at=clock.now(),
    )
    if mail_id is None:
        return False
    emit(s, "mail.queued", key=f"mail/{mail_id}", mail_id=mail_id)
    return True


def on_the_wire(address: str) -> str:
    """The address as SMTP and its headers take it: a domain with umlauts in its ASCII form (RFC 5891)."""
    if address.isascii():
        return address
    return validate_email(address, check_deliverability=False).ascii_email or address


def plain_text(mime: str) -> str:
    """The text of a stored message, for somebody who asks what was written to them."""
    body = email.message_from_string(mime, policy=SMTP).get_body(("plain",))
    return "" if body is None else str(body.get_content())


def send(job: Job) -> None:
    """Outbox handler of `mail.queued`: hand the stored message to the transport, then note when."""
    who = postman()
    with db.reading() as s:
        mail = s.get_one(Mail, job.payload["mail_id"])
        if mail.sent_at is not None:
            return
        name = f"{mail.queued_at:%Y%m%dT%H%M%S}-{mail.id:06d}"
        recipient, mime = mail.recipient, mail.mime.encode("utf-8", "surrogateescape")
    who.transport.deliver(mime, sender=who.sender, recipient=on_the_wire(recipient), name=name)
    with job.finish() as s:
        s.get_one(Mail, job.payload["mail_id"]).sent_at = clock.now()


def usable() -> bool:
    """Whether the transport looks reachable (health page): the folder is writable, or the SMTP host answers."""
    transport = postman().transport
    if isinstance(transport, FileTransport):
        transport.folder.mkdir(parents=True, exist_ok=True)
        return os.access(transport.folder, os.W_OK)
    return not isinstance(transport, SmtpTransport) or transport.answers()
