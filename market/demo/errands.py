"""What the demo's neighbours buy. Names of wares from market/demo/town, pieces, how it is paid and how it comes."""

from __future__ import annotations

from dataclasses import dataclass

from market.demo.people import CUSTOMER
from market.orders.models import PaymentMethod

ONLINE, IN_SHOP, INVOICE = PaymentMethod.ONLINE, PaymentMethod.IN_SHOP, PaymentMethod.INVOICE


@dataclass(frozen=True, slots=True)
class Plan:
    """One order to be. `collects`: merchants where it is collected although the rest is delivered."""

    who: str
    goods: tuple[tuple[str, int], ...]
    method: PaymentMethod = ONLINE
    delivered: bool = True
    collects: tuple[str, ...] = ()
    drop_off: str = ""
    card_text: str = ""
    point: str = ""  # slug of the place where it is fetched instead of a door


FINISHED_DAY: tuple[Plan, ...] = (
    Plan("kita", (("Hollunders Hausbrot", 4), ("Doppelsemmel", 30), ("Hokkaido vom Strohlager", 3)), INVOICE),
    Plan("gasthof", (("Knacker, über Buche geräuchert", 6), ("Griebenschmalz mit Apfel und Zwiebel", 5)), INVOICE),
    Plan(
        "siebenhaar",
        (("Kartoffelbrot", 1), ("Quittengelee", 1), ("Kernseife am Stück", 2), ("Soljanka im Glas", 2)),
        drop_off="Beim Nachbarn Lindner, Erdgeschoss",
    ),
    Plan(
        "ostrowski",
        (("Brettspiel „Umleitung!“", 1), ("Grübelbuch für Zugfahrten", 1), ("Vollmilch von der Weide", 2)),
    ),
    Plan("kupfer", (("Pralinenkästchen Altmarkt", 1), ("Tulpen aus dem Kalthaus", 1)), card_text="Alles Liebe, Maren"),
    Plan("lerchenfeld", (("Weißburgunder vom Muschelkalk", 2), ("Lobaser Hofkäse, neun Monate", 1))),
    Plan(
        "wiesner",
        (("Merino „Windstille“", 3), ("Hausröstung Stephansberg", 2), ("Sonnenblumenlaib", 1)),
        collects=("wollstube-knaeuelfein",),
    ),
    Plan(
        "rosenloecher",
        (("Senkkopfschrauben fürs Holz", 2), ("Malerpinsel mit Chinaborste", 2), ("Jagdwurst, in Scheiben", 2)),
    ),
    Plan("vogelsang", (("Jorn Wieprecht: Der Mittagszug nach Theißen", 1),), IN_SHOP, delivered=False),
    Plan("hagedorn", (("Laugenbrezel", 6), ("Butterstollen nach Großmutters Heft", 1)), IN_SHOP, delivered=False),
    Plan(
        CUSTOMER,
        (("Pfefferminze, ganze Blätter", 1), ("Streuselkuchen mit Sauerkirschen", 4), ("Lindenblütenhonig", 1)),
    ),
    Plan(
        "brendel",
        (
            ("Butterstollen nach Großmutters Heft", 1),
            ("Handbalsam Lindenblüte", 2),
            ("Kernseife am Stück", 2),
            ("Papiertaschentücher im Karton", 3),
        ),
        INVOICE,  # it lies there until a job fetches it: nobody's money may be needed then
        point="dorfkonsum-schnaudertal",
    ),
    Plan("dietzsch", (("Ringelblumensalbe", 1), ("Handbalsam Lindenblüte", 1)), delivered=False),
)
"""Yesterday's, or the last day with deliveries."""

STILL_TO_COME = Plan(
    CUSTOMER,
    (("Hokkaido vom Strohlager", 1), ("Knacker, über Buche geräuchert", 2), ("Nussbruch mit ganzen Haselnüssen", 1)),
)
"""Ordered and paid, for a window after today: what the demo's customer finds under her orders."""

REFUSED = "dietzsch"
"""Here the shop has to say no, and the money goes back."""
NOBODY_HOME = "gasthof"
"""Here the courier rings in vain; it is tried again in the next window. On invoice: when the demo is old, a job hands
it over, and nobody's money may be needed then."""

MORNING_ROUND: tuple[Plan, ...] = (
    Plan(
        "kita",
        (("Doppelsemmel", 24), ("Hollunders Hausbrot", 2), ("Papiertaschentücher im Karton", 6)),
        INVOICE,
    ),
    Plan(
        "quandt",
        (("Kartoffelbrot", 1), ("Buttercroissant", 4), ("Butterstollen nach Großmutters Heft", 1)),
        INVOICE,
        point="gaestebuero-stundenglocke",
    ),
)
"""The courier's next run: on invoice, so that a job can place it without anybody's payment, and only from shops that
are open before a morning window on every day they are open."""

COUNTER: tuple[Plan, ...] = (
    Plan("vogelsang", (("Notizbuch mit Leinenrücken", 1), ("Füllertinte im Glas", 1)), IN_SHOP, delivered=False),
    Plan("hagedorn", (("Dinkel-Spekulatius aus Holzmodeln", 2), ("Laugenbrezel", 4)), IN_SHOP, delivered=False),
    Plan("wiesner", (("Wanderkarte Elstertal und Zeitzer Forst", 1),), IN_SHOP, delivered=False),
    Plan("lerchenfeld", (("Hollunders Hausbrot", 1), ("Zimtschnecke mit Sirupglanz", 3)), IN_SHOP, delivered=False),
)
"""What waits in the inboxes of the bakery and the bookshop."""
