"""Eisenwaren Knorrlich: an invented hardware shop that sells single screws and cuts to measure."""

from market.demo.model import Hours, Place, Seller
from market.demo.town._hardware_wares import FIXINGS, HOUSE, TOOLS

SELLER = Seller(
    slug="eisenwaren-knorrlich",
    name="Eisenwaren Knorrlich",
    legal_name="Eisenwaren Knorrlich OHG",
    legal_form="OHG",
    represented_by="Irmhild Knorrlich und Joost Knorrlich",
    kind="retail",
    street="Naumburger Straße 47",
    zip="06712",
    city="Zeitz",
    phone="03441 555 061",
    email="eisenwaren@markt.example",
    vat_id="DE920461859",
    register="Amtsgericht Stendal, HRA 0061 (erfunden)",
    offers_invoice=True,
    about="Dreitausend Schubladen, und Irmhild Knorrlich weiß bei jeder, was darin liegt. Hausmeister und Handwerk "
    "kaufen hier auf Rechnung, alle anderen auch einzelne Schrauben.",
    places=(
        Place(
            slug="knorrlich-naumburger-strasse",
            name="Eisenwaren Knorrlich",
            street="Naumburger Straße",
            number="47",
            zip="06712",
            city="Zeitz",
            hours=(
                Hours((0, 1, 2, 3, 4), "07:30", "12:30"),
                Hours((0, 1, 3, 4), "13:30", "17:30"),
                Hours((5,), "08:00", "12:00"),
            ),
            tagline="Auch einzeln. Auch erklärt.",
            text="Theke vorn, Lager hinten, Säge im Anbau. Mittwochnachmittag wird zugeschnitten und graviert, dann "
            "ist der Verkauf geschlossen.",
            entrance="Breite Holztür zur Straße, ebenerdig über die Gitterroste",
            back_door="Rolltor im Hof links, zweimal klopfen, wenn die Säge läuft",
            bell="Knorrlich OHG",
            contact_name="Joost Knorrlich",
            contact_phone="03441 555 062",
            parking="Hof befahrbar, drei Stellplätze, Wendemöglichkeit für Transporter",
            phone="03441 555 061",
            accessibility=("Ebenerdig, Tür 120 cm breit", "Theke 105 cm hoch, Beratung auch im Sitzen"),
        ),
    ),
    wares=TOOLS + FIXINGS + HOUSE,
    tags=("Werkzeug", "Zuschnitt", "auf Rechnung"),
)
