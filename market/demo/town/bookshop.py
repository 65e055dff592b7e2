"""Buchhandlung Tintenlerche: an invented bookshop. Every title, author, publisher and number is made up."""

from market.demo.model import Art, Choice, Counted, Hours, MadeToOrder, Place, Safety, Seller, Ware
from market.demo.town._build import Maker, each, one

FEDERKRONE: Maker = ("Verlag Federkrone GmbH", "Mühlenhof 2, 00417 Finkenrode", "post@federkrone.example")
RANDNOTIZ: Maker = ("Randnotiz Buchverlag", "Setzergasse 19, 00331 Hallhausen", "leser@randnotiz.example")
KIEBITZ: Maker = ("Kinderbuchverlag Kiebitznest", "Am Weiher 5, 00588 Obertannwald", "hallo@kiebitznest.example")
LINIENBLATT: Maker = ("Papierwerkstatt Linienblatt", "Bütte 7, 00264 Steinlinde", "werkstatt@linienblatt.example")

NOVELS = (
    Ware(
        "Mathilde Ruppin-Hase: Die Kinderwagenflechterin",
        "buecher-papier",
        "Zeitz um 1880: Ein Mädchen flicht Weidenkörbe für Kinderwagen und lernt heimlich lesen. Leinenband mit "
        "Lesebändchen, 448 Seiten, von unserer Stammkundschaft weitergereicht wie warmes Brot.",
        one(2600, 640, 1100),
        Art("book", ("Kinder-", "wagen-", "flechterin"), colour="#6B2737"),
        Counted((6,)),
        "reduced",
        isbn="9783999991016",
        safety=Safety(*FEDERKRONE, model="Roman, gebunden, 1. Auflage 2026"),
    ),
    Ware(
        "Jorn Wieprecht: Der Mittagszug nach Theißen",
        "buecher-papier",
        "Ein Kriminalroman, in dem nur der Schaffner pünktlich ist. Kommissarin Lottes dritter Tag im Dienst beginnt "
        "mit einem herrenlosen Koffer im Gepäcknetz.",
        one(1490, 330, 620),
        Art("book", ("Der", "Mittags-", "zug"), colour="#1F3A4D"),
        Counted((9,)),
        "reduced",
        isbn="9783999991023",
        safety=Safety(*RANDNOTIZ, model="Taschenbuch, 312 Seiten"),
    ),
    Ware(
        "Henrike Olvenstedt: Das Salz der Vorstadt",
        "buecher-papier",
        "Drei Schwestern erben eine stillgelegte Gurkeneinlegerei und streiten sich durch einen ganzen Sommer. "
        "Trocken erzählt, mit Rezepten im Anhang, die wirklich gelingen.",
        one(2400, 520, 950),
        Art("book", ("Das Salz", "der", "Vorstadt"), colour="#8A6D1D"),
        Counted((4,)),
        "reduced",
        isbn="9783999991030",
        safety=Safety(*FEDERKRONE, model="Roman, gebunden, 352 Seiten"),
    ),
    Ware(
        "Severin Aschmoneit: Was die Elster behält",
        "buecher-papier",
        "Nach dem Hochwasser fehlt ein Grenzstein und mit ihm die Ruhe zwischen zwei Höfen. Ein schmales Buch für "
        "einen einzigen langen Abend.",
        one(1800, 260, 480),
        Art("book", ("Was die", "Elster", "behält"), colour="#2F5D50"),
        MadeToOrder(1),
        "reduced",
        isbn="9783999991047",
        safety=Safety(*RANDNOTIZ, model="Novelle, Klappenbroschur, 144 Seiten"),
    ),
    Ware(
        "Adelheid Kumbier: Späte Post für Fräulein Anders",
        "buecher-papier",
        "Großdruck in 16 Punkt auf mattem, blendfreiem Papier. Eine Postbotin im Ruhestand findet einen Brief, der "
        "vierzig Jahre zu spät kommt, und trägt ihn doch noch aus.",
        one(1995, 610, 1150),
        Art("book", ("Späte", "Post"), colour="#9C4A6B"),
        Counted((3,)),
        "reduced",
        isbn="9783999991054",
        safety=Safety(*FEDERKRONE, model="Großdruckausgabe, 380 Seiten"),
    ),
    Ware(
        "Bruno Zscherneck: Mohn und Mörtel",
        "buecher-papier",
        "Zweiundfünfzig Gedichte eines Maurers, eines für jede Woche. Fadengeheftet, mit Holzschnitten, die der Autor "
        "selbst in Birnbaum gestochen hat.",
        one(1600, 210, 380),
        Art("book", ("Mohn", "und", "Mörtel"), colour="#B23A2E"),
        MadeToOrder(2),
        "reduced",
        isbn="9783999991061",
        safety=Safety(*RANDNOTIZ, model="Gedichtband, 96 Seiten"),
    ),
    Ware(
        "Winter des Postboten – Hörbuch, gelesen von Tilo Marquering",
        "buecher-papier",
        "Sechs Stunden Erzählung auf einer MP3-CD, ruhig gelesen und ohne Musik darunter. Passt in jedes alte "
        "Autoradio und in lange Strickabende.",
        one(1700, 110, 260),
        Art("box", ("Winter", "des Post-", "boten"), colour="#4B6A88"),
        Counted((2,)),
        "reduced",
        withdrawal="sealed_media",
        safety=Safety(*RANDNOTIZ, model="Hörbuch, 1 MP3-CD, 362 Minuten"),
    ),
)

KNOWLEDGE = (
    Ware(
        "Lorenz Pfefferkuch: Kleine Geschichte der Gänge",
        "buecher-papier",
        "Warum gruben Bierbrauer unter ihren Häusern, und wo enden die Stollen heute? Mit Grundrissen, alten "
        "Rechnungen und einem Faltplan zum Herausnehmen.",
        one(1980, 480, 900),
        Art("book", ("Geschichte", "der", "Gänge"), colour="#3D3A36"),
        Counted((11,)),
        "reduced",
        isbn="9783999991078",
        safety=Safety(*FEDERKRONE, model="Sachbuch, 224 Seiten, 90 Abbildungen"),
    ),
    Ware(
        "Ingelore Tannhauer: Wandern zwischen Reben und Tagebau",
        "buecher-papier",
        "Achtzehn Halbtagesrunden ab Bahnhof oder Bushaltestelle, jede mit Einkehr und Höhenlinie. Der Umschlag hält "
        "Regen aus, das hat die Autorin nach eigener Auskunft ausprobiert.",
        one(1650, 300, 520),
        Art("book", ("Reben", "und", "Tagebau"), colour="#7C8B2F"),
        Counted((7,)),
        "reduced",
        isbn="9783999991085",
        safety=Safety(*RANDNOTIZ, model="Wanderführer, 176 Seiten"),
    ),
    Ware(
        "Marlis Oderwald: Kuchen vom Blech und aus dem Gedächtnis",
        "buecher-papier",
        "Rezepte von Kirmes, Taufe und Leichenschmaus, aufgeschrieben in elf Dörfern. Mengen für ein ganzes Blech, "
        "daneben immer die halbe Portion.",
        one(2250, 780, 1400),
        Art("book", ("Kuchen", "vom", "Blech"), colour="#C98A2B"),
        Counted((5,)),
        "reduced",
        isbn="9783999991092",
        safety=Safety(*FEDERKRONE, model="Backbuch, gebunden, 208 Seiten"),
    ),
    Ware(
        "Gerwin Stötzner: Vom Ende der Briketts",
        "buecher-papier",
        "Ein ehemaliger Anlagenfahrer erzählt, wie es klang, als die letzte Presse stillstand. Nüchtern, manchmal "
        "komisch, ohne Zorn.",
        one(2200, 450, 820),
        Art("book", ("Ende der", "Briketts"), colour="#2B2B2B"),
        MadeToOrder(1),
        "reduced",
        isbn="9783999991108",
        safety=Safety(*RANDNOTIZ, model="Sachbuch, gebunden, 256 Seiten"),
    ),
    Ware(
        "Rosalind Ehrenpfort: Der Garten hinterm Haus",
        "buecher-papier",
        "Zwölf Kapitel, zwölf Monate, und am Rand genug Platz für eigene Notizen mit erdigen Fingern. Die Sortenliste "
        "ist auf trockene Sommer abgestimmt.",
        one(2800, 890, 1600),
        Art("book", ("Garten", "hinterm", "Haus"), colour="#4E7D3A"),
        Counted((3,)),
        "reduced",
        isbn="9783999991115",
        safety=Safety(*FEDERKRONE, model="Gartenbuch, 264 Seiten"),
    ),
    Ware(
        "Grübelbuch für Zugfahrten",
        "buecher-papier",
        "Kreuzwort, Logik und Silbenrätsel, jedes so lang wie die Strecke bis zur nächsten Haltestelle. Lösungen "
        "stehen kopfüber hinten.",
        one(990, 240, 450),
        Art("book", ("Grübel-", "buch"), colour="#D9662B"),
        Counted((8,)),
        "reduced",
        isbn="9783999991122",
        safety=Safety(*RANDNOTIZ, model="Rätselbuch, 128 Seiten"),
    ),
    Ware(
        "Wanderkarte Elstertal und Zeitzer Forst",
        "buecher-papier",
        "Maßstab 1 : 25 000, beidseitig auf reißfestem Papier gedruckt. Radwege sind violett, Quellen blau und die "
        "Bänke mit Aussicht als kleine Punkte eingezeichnet.",
        one(890, 95, 180),
        Art("glyph", ("Elstertal",), "world-map", "#5A8F7B"),
        Counted((14,)),
        "reduced",
        isbn="9783999991139",
        safety=Safety(*RANDNOTIZ, model="Karte, gefaltet, 4. Ausgabe"),
    ),
    Ware(
        "Elsterblätter, Winterheft",
        "buecher-papier",
        "Die Vierteljahresschrift der Heimatfreunde: diesmal Eiskeller, Stollenpfennige und ein Nachruf auf das letzte "
        "Lichtspielhaus mit Klappsitzen.",
        one(650, 190, 260),
        Art("glyph", ("Winter-", "heft"), "newspaper", "#8AA0B5"),
        Counted((20,)),
        "reduced",
        withdrawal="press",
        safety=Safety(*RANDNOTIZ, model="Zeitschrift, Heft 4/2026"),
    ),
)

CHILDREN = (
    Ware(
        "Swantje Korbmacher: Grete Gans sucht ihren Stiefel",
        "kind-spiel",
        "Stabile Pappseiten mit Gucklöchern für Kinder ab zwei. Am Ende steckt der Stiefel dort, wo ihn nur die "
        "Kleinsten vermuten.",
        one(1195, 380, 700),
        Art("book", ("Grete", "Gans"), colour="#E0A526"),
        Counted((6,)),
        "reduced",
        isbn="9783999991146",
        safety=Safety(*KIEBITZ, model="Pappbilderbuch, 22 Seiten, CE", warnings="Nur unter Aufsicht benutzen."),
    ),
    Ware(
        "Pelle Vandersteen: Oskar und der Nachtbagger",
        "kind-spiel",
        "Ein Bagger kann nicht schlafen, weil die Grube so still geworden ist. Großformatige Tuschebilder in Blau und "
        "Gelb, zum Vorlesen ab vier.",
        one(1600, 460, 1000),
        Art("book", ("Oskar &", "Nacht-", "bagger"), colour="#243B7A"),
        Counted((5,)),
        "reduced",
        isbn="9783999991153",
        safety=Safety(*KIEBITZ, model="Bilderbuch, gebunden, 36 Seiten"),
    ),
    Ware(
        "Fridolin Habersack: Zwölf Türen im Turm",
        "kind-spiel",
        "Hinter jeder Tür des Michaelisturms wartet eine andere Uhrzeit. Abenteuerroman für Leseratten ab acht, mit "
        "Geheimschrift am unteren Seitenrand.",
        one(1500, 420, 780),
        Art("book", ("Zwölf", "Türen"), colour="#5B3C88"),
        Counted((4,)),
        "reduced",
        isbn="9783999991160",
        safety=Safety(*KIEBITZ, model="Kinderroman, 240 Seiten"),
    ),
    Ware(
        "Juna Wellhöfer: Funkstille auf Gleis fünf",
        "kind-spiel",
        "Drei Jugendliche, ein altes Stellwerk und ein Sender, der antwortet. Spannend ab zwölf und ohne ein einziges "
        "Smartphone in der Hauptrolle.",
        one(1700, 390, 720),
        Art("book", ("Funk-", "stille"), colour="#0F6E6E"),
        MadeToOrder(2),
        "reduced",
        isbn="9783999991177",
        safety=Safety(*KIEBITZ, model="Jugendroman, Broschur, 288 Seiten"),
    ),
    Ware(
        "Großes Vorlesebuch für kurze Abende",
        "kind-spiel",
        "Vierzig Geschichten, keine länger als das Zähneputzen danach. Großeltern loben die Schrift, Enkel das Kapitel "
        "mit der schnarchenden Regentonne.",
        one(2000, 820, 1500),
        Art("book", ("Vorlese-", "buch"), colour="#C4472F"),
        Counted((4,)),
        "reduced",
        isbn="9783999991184",
        safety=Safety(*KIEBITZ, model="Vorlesebuch, gebunden, 192 Seiten"),
    ),
    Ware(
        "Theodora Nachtweih: Sterne über dem Schlosspark",
        "kind-spiel",
        "Sternbilder finden ohne Fernrohr, nur mit ausgestrecktem Arm und drehbarer Sternscheibe. Für Kinder ab sieben "
        "und Väter, die gern mitraten.",
        one(1850, 560, 1050),
        Art("book", ("Sterne", "über dem", "Park"), colour="#16213E"),
        Counted((3,)),
        "reduced",
        isbn="9783999991191",
        safety=Safety(*KIEBITZ, model="Sachbilderbuch mit Drehscheibe, 64 Seiten"),
    ),
)

PAPER = (
    Ware(
        "Wandkalender 2027 „Fenster und Läden“",
        "geschenke",
        "Dreizehn Farbfotos alter Fensterläden aus der Umgebung, im Format A3 mit Spiralbindung. Ferien und "
        "Feiertage von Sachsen-Anhalt sind eingetragen.",
        one(1890, 520, 1300),
        Art("glyph", ("2027",), "spiral-calendar", "#7A5230"),
        Counted((12,)),
        safety=Safety(*LINIENBLATT, model="Kalender A3, Jahrgang 2027"),
    ),
    Ware(
        "Postkartenmappe „Dächer von oben“",
        "geschenke",
        "Acht Linolschnitte als Klappkarten samt Umschlägen, gedruckt auf Karton mit leichter Wollfaser. Innen ist "
        "jede Karte leer, damit etwas hineinpasst.",
        one(1290, 210, 420, 8),
        Art("glyph", ("Dächer",), "love-letter", "#B5523B"),
        Counted((9,)),
        safety=Safety(*LINIENBLATT, model="Kartenmappe, 8 Stück mit Umschlag"),
    ),
    Ware(
        "Notizbuch mit Leinenrücken",
        "buecher-papier",
        "Hundertzwanzig Seiten, fadengebunden, sodass das Buch flach auf dem Tisch liegen bleibt. Das Papier verträgt "
        "Füllertinte, ohne dass sie auf der Rückseite durchscheint.",
        each(1450, 290, 480, {"liniert": 6, "kariert": 4, "blanko": 5}),
        Art("glyph", ("Leinen",), "notebook", "#36648B"),
        Counted((15,)),
        safety=Safety(*LINIENBLATT, model="Notizbuch A5, Charge LB-26-09"),
    ),
    Ware(
        "Kolbenfüller „Havelgans“ in Schwarz",
        "geschenke",
        "Stahlfeder, Tintenfenster und ein Kolben, der sich auch nach Jahren weich dreht. Wir schreiben ihn vor der "
        "Übergabe mit Ihrer Lieblingstinte ein.",
        (
            Choice("Feder F", 4950, 1, "piece", 85, 300, availability=Counted((2,))),
            Choice("Feder M", 4950, 1, "piece", 85, 300, availability=Counted((3,))),
            Choice("Feder B für Linkshänder", 5250, 1, "piece", 85, 300, availability=Counted((1,))),
        ),
        Art("glyph", ("Havelgans",), "fountain-pen", "#1C1C1C"),
        Counted((5,)),
        safety=Safety(*LINIENBLATT, model="Kolbenfüller HG-2"),
    ),
    Ware(
        "Füllertinte im Glas",
        "buecher-papier",
        "Dreißig Milliliter in einem schweren Glas mit breitem Hals, in das jede Feder hineinpasst. Trocknet in "
        "wenigen Sekunden und lässt sich aus Baumwolle auswaschen.",
        each(780, 140, 150, {"Schieferblau": 5, "Kirschrot": 3, "Moosgrün": 4}, 30, "ml"),
        Art("jar", ("Füller-", "tinte"), colour="#22406B"),
        Counted((12,)),
        safety=Safety(*LINIENBLATT, model="Tinte, Charge T-0826", warnings="Nicht in die Hände kleiner Kinder geben."),
    ),
)

SELLER = Seller(
    slug="buchhandlung-tintenlerche",
    name="Buchhandlung Tintenlerche",
    legal_name="Tintenlerche Buch und Papier GmbH",
    legal_form="GmbH",
    represented_by="Geschäftsführerin Malwine Tessnow",
    kind="books",
    street="Wendische Straße 14",
    zip="06712",
    city="Zeitz",
    phone="03441 555 021",
    email="buchhandlung@markt.example",
    vat_id="DE904172364",
    register="Amtsgericht Stendal, HRB 0021 (erfunden)",
    offers_invoice=True,
    about="Zwei Räume, ein Ofen, viertausend Bücher: Malwine Tessnow und ihr Kollege Ruben bestellen bis 16 Uhr, was "
    "am nächsten Morgen im Laden liegen soll, und lesen vor, wenn jemand darum bittet.",
    places=(
        Place(
            slug="tintenlerche-wendische-strasse",
            name="Buchhandlung Tintenlerche",
            street="Wendische Straße",
            number="14",
            zip="06712",
            city="Zeitz",
            hours=(
                Hours((0, 1, 2, 3, 4), "09:00", "13:00"),
                Hours((0, 1, 3, 4), "14:00", "18:00"),
                Hours((5,), "09:00", "12:30"),
            ),
            tagline="Heute bestellt, morgen gelesen",
            text="Krimis links vom Ofen, Kinderbücher auf Kniehöhe, Papier und Tinte hinten am Hoffenster. Mittags "
            "schließen wir eine Stunde, mittwochs ist der Nachmittag frei.",
            entrance="Grüne Ladentür zwischen Schaufenster und Hoftor, eine Stufe",
            back_door="Hoftor rechts, dann zweite Tür links; werktags bis 18 Uhr nicht abgeschlossen",
            bell="Tessnow / Laden",
            contact_name="Ruben Achterfeld",
            contact_phone="03441 555 022",
            parking="Fußgängerbereich, Lieferverkehr bis 11 Uhr; danach an der Ecke halten, 60 Meter zu Fuß",
            phone="03441 555 021",
            accessibility=("Eine Stufe (12 cm), mobile Rampe auf Zuruf", "Lesebrillen und Sitzplatz am Ofen"),
        ),
    ),
    wares=NOVELS + KNOWLEDGE + CHILDREN + PAPER,
    tags=("Bücher", "Bestellung über Nacht", "Geschenke"),
)
