"""The demo pop-up: presents from the region in an empty shop, for six weeks."""

from market.demo.model import Art, Choice, Counted, Food, Hours, Place, Safety, Seller, Ware
from market.demo.town._allergens import HAZELNUT, MILK, WHEAT

MAKERS = ("Werkstattgemeinschaft Leerstand e. V.", "Rahnestraße 16, 06712 Zeitz", "popup@markt.example")


def _present(
    name: str,
    text: str,
    choices: tuple[Choice, ...],
    art: Art,
    stock: int,
    model: str,
    warnings: str = "",
    category: str = "geschenke",
    fibres: str = "",
) -> Ware:
    """Something made by the people of the workshop."""
    safety = Safety(*MAKERS, model=model, warnings=warnings)
    return Ware(name, category, text, choices, art, Counted((stock,)), safety=safety, fibres=fibres)


def _one(price: int, weight_g: int, volume_ml: int) -> tuple[Choice, ...]:
    return (Choice("", price, 1, "piece", weight_g, volume_ml),)


WARES = (
    _present(
        "Geschirrtuch mit Stadtsilhouette",
        "Siebdruck in Weinrot auf Halbleinen; am Saum steht, wer gedruckt hat.",
        _one(1490, 120, 500),
        Art("box", ("Halb-", "leinen"), colour="#7B1E3A"),
        28,
        "GT-1",
        fibres="50 % Leinen, 50 % Baumwolle",
    ),
    _present(
        "Stempel Drei Türme",
        "Aus Lindenholz geschnitten, für Briefe, Einkaufszettel und den Rand des Kalenders.",
        _one(980, 60, 120),
        Art("box", ("Drei", "Türme"), colour="#A8743A"),
        15,
        "ST-3",
    ),
    _present(
        "Christbaumkugel mit Zugvogel",
        "Mundgeblasen, innen versilbert; der Vogel ist mit einem Pinsel aus drei Haaren gemalt.",
        _one(1290, 45, 700),
        Art("glyph", ("Zugvogel",), "christmas-tree", "#1F5B47"),
        22,
        "CK-7",
        "Glas, nicht für Kinder.",
    ),
    _present(
        "Sternenkette aus Notenpapier",
        "Elf Sterne aus alten Chorheften, gefaltet an einem Novemberabend in der Küche des Vereins.",
        _one(1190, 40, 600),
        Art("glyph", ("Sterne",), "musical-score", "#B08A2E"),
        12,
        "SK-11",
        "Von Flammen fernhalten.",
    ),
    Ware(
        "Apfelschorle aus der Dose",
        "wein-saft",
        "Saft von Bäumen, die am Straßenrand niemand mehr aberntet, mit Wasser aufgesprudelt. Leere Dosen nimmt jeder "
        "Automat zurück.",
        (Choice("", 140, 330, "ml", 350, 420, 25),),
        Art("tin", ("Apfel-", "schorle"), colour="#6E8F3A"),
        Counted((72,)),
        "standard",
        Food(
            "Apfelschorle mit Kohlensäure",
            (),
            "Apfelsaft (Direktsaft) 60 %, Wasser, Kohlensäure",
            "Geöffnet gekühlt am selben Tag",
        ),
        origin="Äpfel aus dem Burgenlandkreis",
        deposit_kind="single_use",
    ),
    _present(
        "Einkaufsbeutel Elsterwiese",
        "Bedruckt mit Gräsern, die zwischen Brücke und Wehr wachsen; trägt zehn Kilo.",
        _one(1290, 150, 500),
        Art("bag", ("Elster-", "wiese"), colour="#4C7A4A"),
        33,
        "EB-1",
        fibres="100 % Baumwolle",
    ),
    _present(
        "Windlicht aus Weinflaschen",
        "Abgeschnittene Flaschen, Kanten geschliffen; das Grün macht das Zimmer herbstlich.",
        _one(1890, 480, 1400),
        Art("glyph", ("Windlicht",), "candle", "#3A5B3C"),
        11,
        "WL-1",
        "Nie unbeaufsichtigt brennen lassen.",
    ),
    _present(
        "Kalender Zwölf Fenster",
        "Zwölf Schaufenster, die leer standen, und wer in diesem Jahr darin etwas versucht hat.",
        _one(1590, 320, 900),
        Art("book", ("Zwölf", "Fenster"), colour="#3C4F76"),
        24,
        "KA-2027",
        category="buecher-papier",
    ),
    _present(
        "Geschenkpapier vom Linoldruck",
        "Fünf Bögen, jeder ein wenig anders, weil die Farbe beim Walzen macht, was sie will.",
        (Choice("5 Bögen", 890, 5, "piece", 210, 1500),),
        Art("glyph", ("Linoldruck",), "wrapped-gift", "#A83A4A"),
        26,
        "GP-5",
    ),
    Ware(
        "Winterhonig mit Haselnuss",
        "vorrat-feinkost",
        "Ganze Haselnüsse liegen im Honig, bis er ihren Geschmack angenommen hat. Auf Käse ein Ereignis.",
        (Choice("", 790, 250, "g", 420, 450),),
        Art("jar", ("Winter-", "honig"), colour="#C98A1F"),
        Counted((19,)),
        "reduced",
        Food("Honig mit Haselnüssen", (HAZELNUT,), "Honig 70 %, Haselnüsse 30 %", "Trocken bei Zimmertemperatur"),
        origin="Burgenlandkreis",
    ),
    Ware(
        "Weihnachtsplätzchen vom Blech",
        "suesses",
        "Gebacken von sechs Nachbarinnen, die sich über die Menge Zimt nie einig werden; darum sind es zwei Sorten.",
        (Choice("", 850, 300, "g", 360, 1800),),
        Art("glyph", ("zwei Sorten",), "cookie", "#B5763A"),
        Counted((16,)),
        "reduced",
        Food(
            "Feine Backwaren",
            (WHEAT, MILK, HAZELNUT),
            "Weizenmehl, Butter, Zucker, Haselnüsse 9 %, Zimt",
            "Trocken lagern",
        ),
    ),
    Ware(
        "Glühweingewürz im Säckchen",
        "vorrat-feinkost",
        "Zimt, Nelke, Orangenschale und Sternanis für einen Liter; passt auch zu Traubensaft.",
        (Choice("3 Säckchen, 60 g", 490, 60, "g", 80, 250),),
        Art("bag", ("Glüh-", "gewürz"), colour="#8C2F2A"),
        Counted((40,)),
        "reduced",
        Food("Gewürzzubereitung", (), "Zimt, Orangenschale, Nelken, Sternanis", "Trocken lagern"),
    ),
    Ware(
        "Quittenlikör in der Reiseflasche",
        "wein-saft",
        "Quitten vom Schlosspark, mit Korn angesetzt und mit Kandis gesüßt. "
        "Zweihundert Milliliter für zwei lange Abende.",
        (Choice("", 1290, 200, "ml", 420, 500),),
        Art("bottle", ("Quitten-", "likör"), colour="#D9A93A"),
        Counted((14,)),
        food=Food("Fruchtlikör", (), "Kornbrand, Quitten, Zucker", "Kühl und dunkel", 25.0),
        min_age=18,
    ),
    _present(
        "Baumscheibe als Untersetzer",
        "Vier Scheiben vom gefällten Kirschbaum der alten Schule, geölt mit Leinöl.",
        (Choice("4 Stück", 1390, 4, "piece", 260, 600),),
        Art("glyph", ("Kirschbaum",), "wood", "#8A4A2E"),
        13,
        "BU-4",
    ),
)

SELLER = Seller(
    slug="popup-leerstand",
    name="Pop-up Zwölf Fenster",
    legal_name="Werkstattgemeinschaft Leerstand e. V.",
    legal_form="eingetragener Verein",
    represented_by="Vorstand Frieder Kolberg",
    kind="crafts",
    street="Rahnestraße 16",
    zip="06712",
    city="Zeitz",
    phone="03441 555 066",
    email="popup@markt.example",
    vat_id="DE999162803",
    register="Vereinsregister Stendal, VR 99066 (Demo)",
    about="Ein Verein mietet jedes Jahr ein leeres Ladenlokal für sechs Wochen und verkauft darin, was in Küchen, "
    "Kellern und Werkstätten der Stadt entsteht. Danach soll jemand bleiben wollen.",
    places=(
        Place(
            slug="popup-zwoelf-fenster",
            name="Pop-up Zwölf Fenster",
            street="Rahnestraße",
            number="16",
            zip="06712",
            city="Zeitz",
            hours=(Hours((2, 3, 4), "14:00", "19:00"), Hours((5,), "10:00", "16:00")),
            tagline="Geschenke aus der Stadt, nur sechs Wochen lang.",
            text="Ein leerer Laden, sechs Wochen, vierzig Leute. Samstags um elf liest jemand vor.",
            entrance="Doppeltür mit dem roten Stern, zwei Stufen",
            back_door="Hof Rahnestraße 14, Tor ist tagsüber offen",
            bell="Klingelschnur am Fenster daneben",
            contact_name="Frieder Kolberg",
            contact_phone="0171 39200 66",
            parking="Im Hof Rahnestraße 14, zwei Plätze",
            phone="03441 555 066",
            accessibility=("zwei Stufen, wir helfen gern",),
        ),
    ),
    wares=WARES,
    tags=("Geschenke aus der Stadt", "auf Zeit"),
)
