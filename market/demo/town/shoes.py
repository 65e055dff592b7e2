"""Schuhhaus Leistenhof: an invented shoe shop. Sizes are choices with their own pairs on the shelf."""

from market.demo.model import Hours, Place, Seller
from market.demo.town._shoes_wares import ACCESSORIES, CHILDREN, LADIES, MEN

SELLER = Seller(
    slug="schuhhaus-leistenhof",
    name="Schuhhaus Leistenhof",
    legal_name="Schuhhaus Leistenhof e. K., Inhaber Konstantin Ballhausen-Pfriem",
    legal_form="eingetragener Kaufmann",
    represented_by="Konstantin Ballhausen-Pfriem",
    kind="retail",
    street="Roßmarkt 8",
    zip="06712",
    city="Zeitz",
    phone="03441 555 051",
    email="schuhhaus@markt.example",
    vat_id="DE915337090",
    register="Amtsgericht Stendal, HRA 0051 (erfunden)",
    about="In dritter Generation wird hier der Fuß gemessen, bevor jemand ins Regal greift. Weiten von schmal bis "
    "breit liegen im Keller, Konstantin Ballhausen-Pfriem holt sie gern und auch zum dritten Mal.",
    places=(
        Place(
            slug="leistenhof-rossmarkt",
            name="Schuhhaus Leistenhof",
            street="Roßmarkt",
            number="8",
            zip="06712",
            city="Zeitz",
            hours=(
                Hours((0, 1, 2, 3, 4), "09:30", "13:00"),
                Hours((0, 1, 3, 4), "14:30", "18:00"),
                Hours((5,), "09:30", "13:00"),
            ),
            tagline="Erst messen, dann anprobieren",
            text="Damen im Erdgeschoss, Herren eine halbe Treppe höher, Kinder bei der Rutsche. Mittwochnachmittag "
            "fährt der Chef zu den Leuten, die nicht mehr in den Laden kommen.",
            entrance="Glastür unter dem hölzernen Stiefel, ebenerdig",
            back_door="Stahltür an der Hoframpe, Zufahrt neben Nr. 10, Klingel links",
            bell="Leistenhof Lager",
            contact_name="Gundula Rehbogen",
            contact_phone="03441 555 052",
            parking="Zwei Kurzzeitplätze am Roßmarkt, Hoframpe frei bis 3,5 Tonnen",
            phone="03441 555 051",
            accessibility=(
                "Ebenerdiger Eingang, Tür öffnet automatisch",
                "Hohe Anprobestühle mit Armlehnen",
                "Herrenabteilung nur über vier Stufen, wir bringen die Schuhe herunter",
            ),
        ),
    ),
    wares=LADIES + MEN + CHILDREN + ACCESSORIES,
    tags=("Schuhe", "Fußmessung", "Weiten"),
)
