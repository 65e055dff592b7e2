"""Mail reaches a real SMTP server once, and files in development."""

import email
import re
import smtplib
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler

from market.core import clock, db, mail, outbox
from market.core.config import ROOT, load
from market.core.letter import to_html
from market.core.models import Mail, OutboxMessage

HANDLERS = {"mail.queued": [mail.send]}


HOME = "https://markt.example"


class Inbox(MessageHandler):
    """Keeps what arrives."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[email.message.Message] = []

    def handle_message(self, message: email.message.Message) -> None:
        self.messages.append(message)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    handler = Inbox()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield handler, controller.port
    controller.stop()


@pytest.fixture
def letter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A template of our own, so that this test leans on no room's mail."""
    folder = tmp_path / "email" / "hello"
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text("Grüße\nan {{ name }}", encoding="utf-8")
    (folder / "body.txt").write_text("Hallo {{ name }}, hier ist {{ market_name }}.\n", encoding="utf-8")
    own = [str(tmp_path / "email"), str(ROOT / "templates" / "email")]  # the frame is everybody's
    monkeypatch.setattr(mail._environment.loader, "searchpath", own)


def configure(tmp_path: Path, url: str) -> None:
    mail.configure(load({"INSTANCE_DIR": str(tmp_path), "MAIL_URL": url}, testing=True))


def queue(key: str = "k1") -> bool:
    with db.transaction() as s:
        return mail.queue(
            s,
            "hello",
            "kundin@markt.example",
            key=key,
            context={"name": "Käthe"},
            attachments=[mail.Attachment("AGB.txt", "text/plain", "Geschäftsbedingungen".encode())],
        )


def test_a_mail_arrives_at_a_real_server_with_its_attachment(
    database: str, inbox: tuple[Inbox, int], letter: None, tmp_path: Path
) -> None:
    handler, port = inbox
    configure(tmp_path, f"smtp://127.0.0.1:{port}")
    assert queue()
    outbox.drain(HANDLERS)
    (message,) = handler.messages
    parsed = email.message_from_bytes(message.as_bytes(), policy=default)
    assert str(parsed["Subject"]) == "Grüße an Käthe"
    assert "Hallo Käthe" in parsed.get_body().get_content()  # type: ignore[union-attr]  # fails loudly when missing
    (attachment,) = parsed.iter_attachments()
    assert attachment.get_filename() == "AGB.txt"
    with db.reading() as s:
        assert s.scalars(sa.select(Mail)).one().sent_at == clock.now()


def test_a_domain_with_umlauts_reaches_the_server_in_its_plain_form(
    database: str, inbox: tuple[Inbox, int], letter: None, tmp_path: Path
) -> None:
    handler, port = inbox
    configure(tmp_path, f"smtp://127.0.0.1:{port}")
    with db.transaction() as s:
        mail.queue(s, "hello", "karla@straße-müller.example", key="umlaut", context={"name": "Karla"})
    outbox.drain(HANDLERS)
    (message,) = handler.messages
    assert message["To"] == message["X-RcptTo"] == "karla@xn--strae-mller-y6a49a.example"


def test_the_same_happening_is_mailed_once(
    database: str, inbox: tuple[Inbox, int], letter: None, tmp_path: Path
) -> None:
    handler, port = inbox
    configure(tmp_path, f"smtp://127.0.0.1:{port}")
    assert queue()
    assert not queue()
    outbox.drain(HANDLERS)
    assert len(handler.messages) == 1


def test_a_server_that_is_away_costs_a_retry_and_not_the_mail(
    database: str, inbox: tuple[Inbox, int], letter: None, tmp_path: Path, frozen: object
) -> None:
    handler, port = inbox
    configure(tmp_path, "smtp://127.0.0.1:1")
    queue()
    outbox.drain(HANDLERS)
    with db.reading() as s:
        row = s.scalars(sa.select(OutboxMessage)).one()
        assert (row.done_at, row.attempts) == (None, 1)
    configure(tmp_path, f"smtp://127.0.0.1:{port}")
    frozen.forward(hours=1)  # type: ignore[attr-defined]  # conftest.Clock
    outbox.drain(HANDLERS)
    assert len(handler.messages) == 1


def test_the_health_page_knows_whether_the_server_greets(inbox: tuple[Inbox, int], tmp_path: Path) -> None:
    configure(tmp_path, f"smtp://127.0.0.1:{inbox[1]}")
    assert mail.usable()
    configure(tmp_path, f"smtps://127.0.0.1:{inbox[1]}")  # it speaks no TLS
    assert not mail.usable()
    configure(tmp_path, "smtp://127.0.0.1:1")
    assert not mail.usable()


def test_a_password_is_not_sent_in_the_open(inbox: tuple[Inbox, int], monkeypatch: pytest.MonkeyPatch) -> None:
    transport = mail.SmtpTransport(f"smtp://markt:geheim@127.0.0.1:{inbox[1]}")
    monkeypatch.setattr(mail, "LOOPBACK", ())  # as if the server stood elsewhere
    with pytest.raises(smtplib.SMTPNotSupportedError, match="STARTTLS"):
        transport.deliver(b"x", sender="a@markt.example", recipient="b@markt.example", name="x")


def test_in_development_a_mail_is_a_file(database: str, letter: None, tmp_path: Path) -> None:
    configure(tmp_path, f"file:{tmp_path / 'mail'}")
    queue()
    outbox.drain(HANDLERS)
    (file,) = (tmp_path / "mail").glob("*.eml")
    body = email.message_from_bytes(file.read_bytes(), policy=default).get_body()
    assert body is not None
    assert "Hallo Käthe" in body.get_content()


def test_every_mail_says_the_same_as_text_and_as_html(database: str, letter: None, tmp_path: Path) -> None:
    configure(tmp_path, f"file:{tmp_path / 'mail'}")
    queue()
    with db.reading() as s:
        message = email.message_from_string(s.scalars(sa.select(Mail)).one().mime, policy=default)
    assert isinstance(message, EmailMessage)
    assert message.get_content_type() == "multipart/mixed"
    inner, _paper = message.iter_parts()
    assert inner.get_content_type() == "multipart/alternative"
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]  # fails loudly when missing
    assert "<p>Hallo Käthe, hier ist" in html
    assert '<html lang="de">' in html
    assert "<title>Grüße an Käthe</title>" in html
    assert not re.search(r"<(img|link|script|iframe)\b|url\(|@import|src=", html), "a mail loads nothing"


def test_what_people_typed_stays_text_in_the_html_of_a_mail() -> None:
    html = to_html("Guten Tag <b>Karla</b> & Co,\n\nsiehe https://markt.example/a?b=1&c=2.", HOME)
    assert "<b>" not in html
    assert "&lt;b&gt;Karla&lt;/b&gt; &amp; Co," in html
    assert '<a href="https://markt.example/a?b=1&amp;c=2">https://markt.example/a?b=1&amp;c=2</a>.' in html


@pytest.mark.parametrize(
    "typed",
    ["https://boese.example/gewinn", "https://markt.example.boese.example/x", "http://markt.example@boese.example/"],
)
def test_what_somebody_typed_is_no_link_in_our_name(typed: str) -> None:
    html = to_html(f"Guten Tag {typed}\n\nhttps://markt.example/konto", HOME)
    assert typed in html
    assert html.count("<a ") == 1
    assert f'href="{HOME}/konto"' in html


def test_indented_lines_of_a_mail_are_a_list_and_what_is_further_in_belongs_to_its_item() -> None:
    html = to_html("Der Laden\n  2 × Brot\n    Einzelpreis 3 €\n  1 × Saft\n  Summe: 9 €\n\nBis bald\nIhr Markt", HOME)
    assert html.count("<li>") == 3
    assert "<li>2 × Brot<br>\nEinzelpreis 3 €</li>" in html
    assert "<p>Bis bald<br>\nIhr Markt</p>" in html
