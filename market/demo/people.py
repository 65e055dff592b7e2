"""The demo's accounts (contract.md) and the neighbours who order. Every one of them is invented."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from market.people import accounts
from market.people.models import Role, User
from market.web.processes import DEMO_PASSWORD

CUSTOMER = "kundin@markt.example"
BAKER = "baeckerei@markt.example"
BOOKSELLER = "buchhandlung@markt.example"
COURIER = "kurier@markt.example"
CARETAKER = "kuemmerin@markt.example"
EDITOR = "redaktion@markt.example"
OPERATOR = "betrieb@markt.example"
KEEPER = "abholpunkt@markt.example"

NEIGHBOURHOOD = "nachbarn.example"
"""Orders from this mail domain are the demo's own: its jobs may finish them. Nobody else's are touched."""

_ACCOUNTS: tuple[tuple[str, str, str, tuple[Role, ...]], ...] = (
    (CUSTOMER, "Henriette Falkner", "03441 555 201", ()),
    (BAKER, "Marlene Hollunder", "0171 39200 11", ()),
    (BOOKSELLER, "Malwine Tessnow", "0171 39200 21", ()),
    (COURIER, "Ulf Radewald", "0171 39200 90", (Role.COURIER,)),
    (CARETAKER, "Sybille Wegner", "03441 555 100", (Role.CARETAKER,)),
    (EDITOR, "Thea Morgenthal", "03441 555 101", (Role.EDITOR,)),
    (OPERATOR, "Konrad Amtsberg", "03441 555 102", (Role.OPERATOR,)),
    (KEEPER, "Gesine Ladentisch", "03441 555 103", ()),
)

_ADDRESSES = {CUSTOMER: ("Wendische Straße 22", "06712", "Zeitz")}


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Somebody who orders: the payer, and where the courier finds the door."""

    name: str
    mailbox: str  # before the @; a whole address for somebody with an account
    phone: str
    street: str
    zip: str
    city: str
    bell: str = ""
    note: str = ""
    recipient: str = ""
    house: str = ""
    ward: str = ""

    @property
    def email(self) -> str:
        """An address nobody can have, or the customer's own."""
        return self.mailbox if "@" in self.mailbox else f"{self.mailbox}@{NEIGHBOURHOOD}"


NEIGHBOURS: dict[str, Neighbour] = {
    one.mailbox: one
    for one in (
        Neighbour("Kita Sausewind", "kita", "03441 555 301", "Schützenstraße 9", "06712", "Zeitz", "Küche"),
        Neighbour(
            "Gasthof Elsterblick",
            "gasthof",
            "03441 555 302",
            "Hauptstraße 14",
            "06729",
            "Elsteraue OT Rehmsdorf",
            "Lieferanten, Hoftür",
            "Bitte nicht zwischen 12 und 13 Uhr klingeln, dann kocht niemand außer mir.",
        ),
        Neighbour(
            "Waltraud Siebenhaar",
            "siebenhaar",
            "03441 555 303",
            "Steinstraße 5",
            "06712",
            "Zeitz",
            "Siebenhaar, 2. Stock",
            "Ich höre schlecht, bitte zweimal klingeln.",
        ),
        Neighbour(
            "Jonas Lerchenfeld", "lerchenfeld", "0171 39200 51", "Platanenweg 3", "06712", "Zeitz", "Lerchenfeld"
        ),
        Neighbour(
            "Familie Ostrowski",
            "ostrowski",
            "0171 39200 52",
            "Neue Straße 18",
            "06729",
            "Tröglitz",
            "Ostrowski",
            "Der Hund bellt nur.",
        ),
        Neighbour(
            "Maren Kupfer",
            "kupfer",
            "0171 39200 53",
            "August-Bebel-Straße 31",
            "06712",
            "Zeitz",
            "Station 2",
            recipient="Elfriede Kupfer",
            house="Seniorenhaus Lindenhof",
            ward="Wohnbereich 2, Zimmer 14",
        ),
        Neighbour("Bertram Quandt", "quandt", "03441 555 304", "Robert-Schumann-Straße 12", "06712", "Zeitz", "Quandt"),
        Neighbour(
            "Tamara Wiesner",
            "wiesner",
            "0171 39200 54",
            "Weberstraße 8",
            "06712",
            "Zeitz",
            "Wiesner / Holm",
            "Hinterhaus, erste Tür rechts.",
        ),
        Neighbour(
            "Anton Rosenlöcher", "rosenloecher", "03441 555 305", "Kirchweg 4", "06727", "Theißen", "Rosenlöcher"
        ),
        Neighbour(
            "Hanne Vogelsang", "vogelsang", "0171 39200 55", "Freiligrathstraße 27", "06712", "Zeitz", "Vogelsang"
        ),
        Neighbour("Piet Hagedorn", "hagedorn", "0171 39200 56", "Baenschstraße 16", "06712", "Zeitz", "Hagedorn, DG"),
        Neighbour("Henriette Falkner", CUSTOMER, "03441 555 201", "Wendische Straße 22", "06712", "Zeitz", "Falkner"),
        Neighbour("Irmgard Brendel", "brendel", "0171 39200 58", "Schulstraße 11", "06724", "Kayna", "Brendel"),
        Neighbour("Rosa Dietzsch", "dietzsch", "0171 39200 57", "Kalkstraße 19", "06712", "Zeitz", "Dietzsch"),
    )
}


def make_accounts(s: Session) -> dict[str, User]:
    """Step: the demo accounts, by mail address."""
    made = {}
    for email, name, phone, roles in _ACCOUNTS:
        user = accounts.create(
            s, email=email, name=name, password=DEMO_PASSWORD, roles=roles, phone=phone, demo=True, verified=True
        )
        user.street, user.zip, user.city = _ADDRESSES.get(email, ("", "", ""))
        made[email] = user
    return made
