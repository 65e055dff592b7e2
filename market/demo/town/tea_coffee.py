"""The demo tea and coffee shop: beans roasted in the back room, teas from the drawer."""

from market.demo.model import Art, Choice, Counted, Food, Hours, Place, Safety, Seller, ThreeState, Ware

DRY = "Trocken, dunkel und gut verschlossen lagern"
POTTER = ("Töpferei Lehmwinkel", "Feldrain 3, 06722 Musterdorf", "werkstatt@lehmwinkel.example")


def _coffee(name: str, text: str, price: int, art: Art, stock: int, origin: str) -> Ware:
    """Roasted beans in two packs; the grind is done at the counter."""
    choices = (
        Choice("250 g", price, 250, "g", 270, 800),
        Choice("500 g", price * 2 - 60, 500, "g", 525, 1500),
    )
    food = Food("Röstkaffee, ganze Bohnen", (), "Kaffeebohnen", DRY)
    return Ware(name, "tee-kaffee", text, choices, art, Counted((stock,)), "reduced", food, origin=origin)


def _tea(name: str, text: str, price: int, art: Art, what: str, contents: str, days: int, origin: str = "") -> Ware:
    """Loose tea from the drawer, known in three states."""
    choices = (Choice("100 g", price, 100, "g", 115, 500),)
    return Ware(
        name,
        "tee-kaffee",
        text,
        choices,
        art,
        ThreeState(("in_shop",), days),
        "reduced",
        Food(what, (), contents, DRY),
        origin=origin,
    )


COFFEE = (
    _coffee(
        "Hausröstung Stephansberg",
        "Unsere Mischung für jeden Tag: brasilianische und äthiopische Bohnen, mittel geröstet, nach Nuss und Kakao.",
        790,
        Art("bag", ("Stephans-", "berg"), colour="#5B3A24"),
        40,
        "Brasilien, Äthiopien",
    ),
    _coffee(
        "Espresso Glockenschlag",
        "Kräftig und ohne Säure, mit einer Crema, auf der der Zucker eine Weile liegen bleibt.",
        860,
        Art("bag", ("Glocken-", "schlag"), colour="#2B1A15"),
        28,
        "Indien, Brasilien",
    ),
    _coffee(
        "Hochlandkaffee aus Guji",
        "Blumig und hell, am besten durch den Handfilter: Im zweiten Schluck kommt Bergamotte.",
        940,
        Art("bag", ("Guji",), colour="#A8632A"),
        16,
        "Äthiopien",
    ),
    _coffee(
        "Entkoffeiniert für den Abend",
        "Mit Wasser entkoffeiniert und trotzdem so rund, dass die Schwägerin es nicht glauben wollte.",
        890,
        Art("bag", ("Abend-", "kaffee"), colour="#3D4B63"),
        19,
        "Kolumbien",
    ),
    Ware(
        "Malzkaffee aus Gerste",
        "tee-kaffee",
        "Wie bei der Urgroßmutter: Gerste gemälzt, geröstet und grob gemahlen, mit Milch am besten.",
        (Choice("", 420, 400, "g", 420, 1100),),
        Art("bag", ("Malz-", "kaffee"), colour="#8C6A34"),
        Counted((22,)),
        "reduced",
        Food("Kaffeeersatz aus Gerste", ("Glutenhaltiges Getreide (Gerste)",), "Gerstenmalz, geröstet", DRY),
    ),
    Ware(
        "Probierset drei Röstungen",
        "geschenke",
        "Dreimal achtzig Gramm mit einem Zettel zum Ankreuzen: So findet man heraus, welche Bohne zur Kanne passt.",
        (Choice("", 1090, 240, "g", 300, 1100),),
        Art("box", ("Drei", "Röstungen"), colour="#6B4A2E"),
        Counted((13,)),
        "reduced",
        Food("Röstkaffee, ganze Bohnen", (), "Kaffeebohnen", DRY),
        origin="Brasilien, Äthiopien, Indien",
    ),
)

TEA = (
    _tea(
        "Ostfriesenmischung Deichwind",
        "Dunkel wie ein Moortümpel und gemacht für Kluntje und einen Löffel Sahne, der nicht umgerührt wird.",
        690,
        Art("tin", ("Deich-", "wind"), colour="#2F3E46"),
        "Schwarzer Tee",
        "Schwarzer Tee",
        3,
        "Indien",
    ),
    _tea(
        "Darjeeling, erste Pflückung",
        "Hellgelb im Glas und zart wie Muskatellertrauben; nie länger als zwei Minuten ziehen lassen.",
        1290,
        Art("tin", ("Erste", "Pflückung"), colour="#6E7B3A"),
        "Schwarzer Tee",
        "Schwarzer Tee",
        4,
        "Indien",
    ),
    _tea(
        "Rauchtee vom Kiefernfeuer",
        "Riecht nach Räucherkammer und Lagerfeuer. Manche kochen damit ihre Linsensuppe.",
        840,
        Art("tin", ("Rauch-", "tee"), colour="#40342E"),
        "Schwarzer Tee, geräuchert",
        "Schwarzer Tee",
        21,
        "China",
    ),
    _tea(
        "Grüner Sencha",
        "Grasgrün und ein wenig nach Spinat, im besten Sinn; Wasser erst auf siebzig Grad abkühlen lassen.",
        980,
        Art("bag", ("Sencha",), colour="#4F7A3C"),
        "Grüner Tee",
        "Grüner Tee",
        2,
        "Japan",
    ),
    _tea(
        "Jasminblüten über Nacht",
        "Sechsmal liegen frische Blüten zwischen den Blättern und werden jeden Morgen wieder ausgelesen.",
        1040,
        Art("bag", ("Jasmin",), colour="#B9A36B"),
        "Grüner Tee mit Jasmin",
        "Grüner Tee, Jasminblüten",
        5,
        "China",
    ),
    _tea(
        "Kräutermischung Auwald",
        "Brennnessel, Melisse, Birkenblatt und Ringelblume, gesammelt und getrocknet an der Elster.",
        520,
        Art("bag", ("Auwald",), colour="#3F6B4A"),
        "Kräutertee",
        "Brennnesselblätter, Melisse, Birkenblätter, Ringelblumenblüten",
        1,
        "Burgenlandkreis",
    ),
    _tea(
        "Hagebutte mit Schale",
        "Rot, sauer und voller Frucht; die Kerne sind entfernt, damit nichts im Hals kratzt.",
        440,
        Art("bag", ("Hage-", "butte"), colour="#B23A2A"),
        "Früchtetee",
        "Hagebuttenschalen",
        6,
        "Deutschland",
    ),
    _tea(
        "Apfelstücke mit Zimt",
        "Getrocknete Äpfel und eine gebrochene Zimtstange: Das Haus riecht danach wie kurz vor der Bescherung.",
        490,
        Art("glyph", ("Apfel & Zimt",), "red-apple", "#A8442A"),
        "Früchtetee",
        "Apfelstücke 82 %, Zimt, Nelken",
        3,
    ),
    _tea(
        "Rooibos ohne alles",
        "Rotbraun, mild und koffeinfrei, darum auch der Tee für Kinder und für nachts um halb drei.",
        560,
        Art("bag", ("Rooibos",), colour="#A84B1E"),
        "Rooibostee",
        "Rooibos",
        19,
        "Südafrika",
    ),
    _tea(
        "Pfefferminze, ganze Blätter",
        "Man sieht die Blätter noch als Blätter. Ein paar Prisen genügen, sonst brennt es in der Nase.",
        470,
        Art("glyph", ("Minze",), "herb", "#2E7A5A"),
        "Kräutertee",
        "Pfefferminzblätter",
        2,
        "Thüringen",
    ),
    Ware(
        "Fenchel mit Anis und Kümmel",
        "tee-kaffee",
        "Drei Samen zu gleichen Teilen, kurz vor dem Abfüllen im Mörser angestoßen. Schmeckt nach Kindheit "
        "und Wärmflasche.",
        (Choice("100 g", 460, 100, "g", 115, 400),),
        Art("bag", ("Fenchel", "& Anis"), colour="#8FA04A"),
        ThreeState(("on_request",), 2),
        "reduced",
        Food("Kräutertee", (), "Fenchel, Anis, Kümmel", DRY),
    ),
)

THINGS = (
    Ware(
        "Teekanne Bauchige Lotte",
        "haus-werkzeug",
        "Ein Liter, gedrehter Ton, innen weiß glasiert; der Ausguss tropft wirklich nicht, wir haben alle geprüft.",
        (Choice("", 4890, 1, "piece", 1100, 5200),),
        Art("glyph", ("Lotte",), "teapot", "#5A7A8C"),
        Counted((5,)),
        safety=Safety(*POTTER, model="Lotte 1,0 l", warnings="Nicht auf die Herdplatte stellen."),
    ),
    Ware(
        "Henkelloser Becher",
        "haus-werkzeug",
        "Liegt in beiden Händen und wärmt sie, bevor man trinkt. Jeder Becher hat seinen eigenen Farbverlauf.",
        (
            Choice("salbei", 1590, 1, "piece", 260, 700, availability=Counted((8,))),
            Choice("honig", 1590, 1, "piece", 260, 700, availability=Counted((6,))),
        ),
        Art("glyph", ("Becher",), "teacup-without-handle", "#7C8A5A"),
        Counted((8,)),
        safety=Safety(*POTTER, model="Becher 0,2 l", warnings="Für die Spülmaschine geeignet."),
    ),
    Ware(
        "Handfilter aus Porzellan",
        "haus-werkzeug",
        "Eine Tasse, ein Loch, schräge Rillen: mehr braucht guter Filterkaffee nicht.",
        (Choice("", 1890, 1, "piece", 420, 1600),),
        Art("box", ("Hand-", "filter"), colour="#C9B79C"),
        Counted((7,)),
        safety=Safety(*POTTER, model="Filter 1x1", warnings="Heiß werdendes Porzellan nur am Griff anfassen."),
    ),
    Ware(
        "Filterpapier ungebleicht",
        "haus-werkzeug",
        "Achtzig Tüten für die Größe 1x2, vor dem ersten Kaffee kurz mit heißem Wasser spülen.",
        (Choice("80 Stück", 290, 80, "piece", 130, 600),),
        Art("box", ("Filter", "1x2"), colour="#9A7B55"),
        Counted((31,)),
        safety=Safety("Papiermühle Kranichtal", "Mühlweg 8, 01900 Musterbach", "info@kranichtal.example", "1x2/80"),
    ),
    Ware(
        "Kandis am Stiel",
        "suesses",
        "Zuckerkristalle, die vier Wochen an einem Holzstab gewachsen sind; sie knacken, wenn der Tee darauf trifft.",
        (Choice("10 Stäbe, 120 g", 590, 120, "g", 140, 400),),
        Art("box", ("Kandis",), colour="#D9A441"),
        Counted((24,)),
        "reduced",
        Food("Kandiszucker", (), "Zucker", DRY),
    ),
)

SELLER = Seller(
    slug="roeststube-und-teeschrank",
    name="Röststube & Teeschrank",
    legal_name="Röststube & Teeschrank Inh. Benedikt Zschau",
    legal_form="Einzelunternehmen",
    represented_by="Benedikt Zschau",
    kind="food",
    street="Schloßstraße 12",
    zip="06712",
    city="Zeitz",
    phone="03441 555 056",
    email="roeststube@markt.example",
    vat_id="DE997240638",
    about="Hinten brummt der Trommelröster, vorne steht der Apothekerschrank mit vierzig Schubladen voller Tee. "
    "Benedikt Zschau röstet dienstags und freitags und lässt jeden probieren, der fragt.",
    places=(
        Place(
            slug="roeststube-und-teeschrank",
            name="Röststube & Teeschrank",
            street="Schloßstraße",
            number="12",
            zip="06712",
            city="Zeitz",
            hours=(
                Hours((0, 1, 2, 3, 4), "09:30", "13:00"),
                Hours((0, 1, 3, 4), "14:30", "18:00"),
                Hours((5,), "09:30", "13:00"),
            ),
            tagline="Frisch geröstet, lose abgewogen.",
            text="Ein Tresen zum Stehen, zwei Stühle zum Bleiben. Dosen von zu Hause werden gern wieder gefüllt.",
            entrance="Blaue Tür zwischen zwei Schaufenstern, ebenerdig",
            back_door="Keine; alles über die Ladentür",
            bell="Ladenglocke; nach 18 Uhr Klingel 'Zschau', erster Stock",
            contact_name="Benedikt Zschau",
            contact_phone="0171 39200 56",
            parking="Ladezone gegenüber, bis 11 Uhr frei",
            phone="03441 555 056",
            accessibility=("stufenlos", "Türbreite 95 cm"),
        ),
    ),
    wares=COFFEE + TEA + THINGS,
    tags=("Rösterei", "lose Tees"),
)
