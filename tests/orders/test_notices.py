"""What people are told: one notice for one happening, by mail or as a row on the call list."""

from __future__ import annotations

import email
import hashlib
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
import sqlalchemy as sa

from market.core import db
from market.core.models import Mail
from market.core.money import Money
from market.orders import handing, parts
from market.orders.models import Call, Channel, MerchantOrder, Order, OrderLine, PaymentMethod
from tests.conftest import Clock
from tests.factories.delivery import make_window, make_zone
from tests.factories.orders import make_order, make_town, part_of, staff_of

pytestmark = pytest.mark.usefixtures("database", "app")

SHOPPER = "karla@beispiel.example"


def mails(to: str = SHOPPER) -> list[EmailMessage]:
    with db.reading() as s:
        rows = s.scalars(sa.select(Mail).where(Mail.recipient == to).order_by(Mail.id)).all()
        found = [email.message_from_string(row.mime, policy=default) for row in rows]
    assert all(isinstance(one, EmailMessage) for one in found)
    return [one for one in found if isinstance(one, EmailMessage)]


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\N{NO-BREAK SPACE}", " ")


def subjects(to: str = SHOPPER) -> list[str]:
    return [str(mail["Subject"]).strip() for mail in mails(to)]  # folding may leave a blank in front


class Town:
    """Bread and a top, delivered or collected, and the two merchants who answer."""

    def __init__(self, **order: Any) -> None:
        with db.transaction() as s:
            self.bread, self.top = make_town(s)
            self.order = make_order(s, (self.bread, 2), (self.top, 1), **{"method": PaymentMethod.IN_SHOP} | order)
            self.bread_part, self.top_part = self.order.parts
            self.baker, self.toys = staff_of(self.bread.merchant), staff_of(self.top.merchant)
            self.baker_mail = self.bread.merchant.email


def delivered(**order: Any) -> Town:
    with db.transaction() as s:
        window, zone = make_window(s), make_zone(s, ("06712", ""))
    return Town(window=window, zone=zone, method=PaymentMethod.ONLINE, paid=True, **order)


@pytest.mark.law("A4")
def test_the_receipt_comes_at_once_and_is_no_acceptance(drain: Callable[[], int]) -> None:
    town = Town()
    drain()
    (receipt,) = mails()
    text = text_of(receipt)
    assert "Diese E-Mail bestätigt nur den Eingang Ihrer Bestellung." in text
    assert "2 × Roggenmischbrot: 8,40 €" in text
    assert "Backstube Berta Beispiel e. K." in text
    assert "Gesamtpreis: 20,40 €" in text
    assert f"http://localhost/bestellung/{town.order.key}" in text
    assert "angenommen" not in str(receipt["Subject"])
    drain()
    assert len(mails()) == 1


@pytest.mark.law("A5")
def test_the_acceptance_carries_the_whole_contract_as_frozen_when_ordered(drain: Callable[[], int]) -> None:
    town = Town()
    with db.transaction() as s:  # the merchant moves house after the order; the contract's papers stay
        s.get_one(type(town.bread.merchant), town.bread.merchant_id).street = "Neue Straße 1"
    parts.accept(town.bread_part.id, town.baker)
    drain()
    (mail,) = [mail for mail in mails() if "angenommen" in str(mail["Subject"])]
    papers = {str(part.get_filename()): _bytes(part.get_payload(decode=True)) for part in mail.iter_attachments()}
    assert set(papers) == {
        "Vertragsbedingungen.txt",
        "Widerrufsbelehrung.txt",
        "Muster-Widerrufsformular.txt",
        "Gewährleistung.txt",
    }
    with db.reading() as s:
        frozen = s.get_one(Order, town.order.id).legal["merchants"][str(town.bread.merchant_id)]
    hashes = [hashlib.sha256(data).hexdigest() for data in papers.values()]
    assert hashes == frozen
    instruction = papers["Widerrufsbelehrung.txt"].decode()
    assert "Neue Straße" not in instruction
    assert "Backstube Berta Beispiel" in instruction
    text = text_of(mail)
    for word in ("Backstube Berta Beispiel e. K.", "8,40 €", "DE000000000", "Spielkiste"):
        assert (word in text) is (word != "Spielkiste")


def _bytes(data: object) -> bytes:
    assert isinstance(data, bytes)
    return data


@pytest.mark.law("B4")
def test_a_line_without_a_right_of_withdrawal_says_so_and_only_that_line(drain: Callable[[], int]) -> None:
    Town()
    drain()
    (receipt,) = mails()
    text = text_of(receipt)
    assert text.count("Für diese Ware besteht kein Widerrufsrecht (§ 312g Abs. 2 Nr. 2 BGB).") == 1


def test_each_happening_is_told_once_and_ready_only_when_the_merchant_said_so(drain: Callable[[], int]) -> None:
    town = Town()
    drain()
    parts.accept(town.bread_part.id, town.baker)
    drain()
    assert not any("Bereit" in subject for subject in subjects())
    parts.mark_ready(town.bread_part.id, town.baker, bags=2)
    drain()
    (ready,) = [mail for mail in mails() if "Bereit" in str(mail["Subject"])]
    text = text_of(ready)
    assert f"Abholcode: {town.bread_part.code}" in text
    assert "Wendische Straße 3" in text
    assert "2 Tüten mit der Nummer 1" in text
    assert "Sie bezahlen im Laden: 8,40 €" in text
    handing.hand_over(town.bread_part.id, town.baker, code=town.bread_part.code)
    drain()
    assert len(subjects()) == len(set(subjects())) == 4  # receipt, accepted, ready, collected


@pytest.mark.parametrize("channel", [Channel.PHONE, Channel.LETTER])
def test_who_has_no_mail_gets_rows_on_the_call_list_with_the_same_text(
    drain: Callable[[], int], channel: Channel
) -> None:
    town = Town(channel=channel, email="", phone="03441 1234")
    drain()
    parts.accept(town.bread_part.id, town.baker)
    drain()
    assert mails() == []
    with db.reading() as s:
        receipt, accepted = s.scalars(sa.select(Call).where(Call.order_id == town.order.id).order_by(Call.id)).all()
    assert receipt.channel is channel
    assert "bestätigt nur den Eingang" in receipt.text
    assert "Widerrufsbelehrung.txt" in accepted.text
    assert "binnen vierzehn Tagen" in accepted.text


def test_a_refused_part_says_why_what_comes_back_and_that_the_rest_stands(drain: Callable[[], int]) -> None:
    town = delivered()
    parts.reject(town.bread_part.id, town.baker, reason="Der Ofen ist kaputt")
    drain()
    (mail,) = [mail for mail in mails() if "nicht erfüllen" in str(mail["Subject"])]
    text = text_of(mail)
    assert "Der Ofen ist kaputt" in text
    assert "Den Betrag von 8,40 € erstatten wir" in text
    assert "Die anderen Teile Ihrer Bestellung bleiben davon unberührt." in text


def test_the_last_refused_delivery_says_that_the_fee_comes_back_too(drain: Callable[[], int]) -> None:
    town = delivered()
    parts.reject(town.bread_part.id, town.baker, reason="Ofen")
    parts.reject(town.top_part.id, town.toys, reason="weg")
    drain()
    texts = [text_of(mail) for mail in mails() if "nicht erfüllen" in str(mail["Subject"])]
    assert sum(f"Den Betrag von {Money(1200 + 391)}".replace("\N{NO-BREAK SPACE}", " ") in text for text in texts) == 1


def test_what_is_not_paid_online_promises_no_money_back(drain: Callable[[], int]) -> None:
    town = Town()
    parts.reject(town.bread_part.id, town.baker, reason="Ofen")
    drain()
    (mail,) = [mail for mail in mails() if "nicht erfüllen" in str(mail["Subject"])]
    assert "erstatten" not in text_of(mail)
    assert "Sie müssen dafür nichts bezahlen." in text_of(mail)


def test_missing_pieces_are_told_with_what_comes_back(drain: Callable[[], int]) -> None:
    town = delivered()
    parts.accept(town.bread_part.id, town.baker)
    with db.reading() as s:
        line_id = s.scalars(sa.select(OrderLine.id).where(OrderLine.part_id == town.bread_part.id)).one()
    parts.report_missing(line_id, 1, town.baker)
    drain()
    (mail,) = [mail for mail in mails() if "nicht alles ist da" in str(mail["Subject"])]
    assert "1 × Roggenmischbrot" in text_of(mail)
    assert "4,20 €" in text_of(mail)


def test_a_delivery_of_two_shops_is_on_its_way_and_delivered_in_one_mail_each(drain: Callable[[], int]) -> None:
    town = delivered()
    for part, staff in ((town.bread_part, town.baker), (town.top_part, town.toys)):
        parts.accept(part.id, staff)
        parts.mark_ready(part.id, staff, bags=1)
    drain()
    assert not any("Bereit" in subject for subject in subjects())
    with db.transaction() as s:
        for part in (town.bread_part, town.top_part):
            handing.give_to_courier(s, part.id, by_user_id=None)
    drain()
    with db.transaction() as s:
        for part in (town.bread_part, town.top_part):
            handing.hand_over_by_courier(s, part.id, by_user_id=None)
    drain()
    (way,) = [mail for mail in mails() if "unterwegs" in str(mail["Subject"])]
    assert "zwischen 16:00 und 19:00 Uhr" in text_of(way)
    (done,) = [mail for mail in mails() if "Zugestellt" in str(mail["Subject"])]
    assert "Backstube" in text_of(done)
    assert "Spielkiste" in text_of(done)


def test_a_failed_drop_is_told_once(drain: Callable[[], int]) -> None:
    town = delivered()
    for part, staff in ((town.bread_part, town.baker), (town.top_part, town.toys)):
        parts.accept(part.id, staff)
    with db.transaction() as s:
        for part in (town.bread_part, town.top_part):
            handing.give_to_courier(s, part.id, by_user_id=None)
            handing.bring_back(s, part.id, by_user_id=None, reason="niemand hat geöffnet")
    drain()
    (mail,) = [mail for mail in mails() if "kam nicht an" in str(mail["Subject"])]
    assert "niemand hat geöffnet" in text_of(mail)


def test_the_merchant_hears_of_new_reminded_and_cancelled_orders(drain: Callable[[], int], frozen: Clock) -> None:
    town = Town()
    drain()
    assert subjects(town.baker_mail)[0].startswith(f"Neue Bestellung {town.order.number}")
    frozen.forward(hours=2)
    drain()
    drain()
    assert sum("Bitte antworten" in subject for subject in subjects(town.baker_mail)) == 1
    with db.reading() as s:
        calls = s.scalars(sa.select(Call).where(Call.subject.like("Laden anrufen%"))).all()
    assert len(calls) == 2  # both merchants are silent; the caretaker rings them up
    assert "03441 00000" in calls[0].text
    parts.cancel_by_shopper(town.order.key, town.bread_part.id)
    drain()
    assert subjects(town.baker_mail)[-1].startswith("Storniert")


def test_a_shopper_hears_why_a_cancellation_is_refused(drain: Callable[[], int]) -> None:
    town = Town()
    parts.accept(town.top_part.id, town.toys)
    parts.request_cancel(town.order.key, town.top_part.id)
    parts.decline_to_cancel(town.top_part.id, town.toys, note="Die Gravur ist schon drauf.")
    drain()
    (mail,) = [mail for mail in mails() if "nicht mehr stornieren" in str(mail["Subject"])]
    assert "Die Gravur ist schon drauf." in text_of(mail)
    assert any("Bitte um Stornierung" in subject for subject in subjects(town.top.merchant.email))


def test_goods_nobody_came_for_are_told(drain: Callable[[], int], frozen: Clock) -> None:
    town = Town()
    parts.accept(town.bread_part.id, town.baker)
    parts.mark_ready(town.bread_part.id, town.baker, bags=1)
    assert town.bread_part.collect_by is not None
    frozen.set(town.bread_part.collect_by + timedelta(minutes=1))
    handing.release_uncollected(town.bread_part.id, town.baker)
    drain()
    assert any(subject.startswith("Nicht abgeholt") for subject in subjects())


def test_somebody_who_was_erased_is_told_nothing_any_more(drain: Callable[[], int], frozen: Clock) -> None:
    town = Town()
    drain()
    with db.transaction() as s:
        s.get_one(Order, town.order.id).erased_at = frozen.now()
        part = part_of(s.get_one(Order, town.order.id), s.get_one(MerchantOrder, town.bread_part.id).merchant)
    parts.accept(part.id, town.baker)
    drain()
    assert len(mails()) == 1
