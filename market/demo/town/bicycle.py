"""Radwerkstatt Nabenkranz: an invented bicycle workshop. Goods only, no services, no battery lights (law F11)."""

from market.demo.model import Art, Choice, Counted, Hours, MadeToOrder, Place, Safety, Seller, ThreeState, Ware
from market.demo.town._build import Maker, each, one

REIFEN: Maker = ("Reifenwerk Rollgummi", "Vulkanweg 10, 00331 Hallhausen", "profil@rollgummi.example")
TEILE: Maker = ("Fahrradteile Kettenblitz GmbH", "Ritzelstraße 21, 00588 Obertannwald", "teile@kettenblitz.example")
TASCHEN: Maker = ("Taschennäherei Packesel", "Planenhof 6, 00264 Steinlinde", "naht@packesel-taschen.example")
OEL: Maker = ("Schmierstoffe Leichtlauf", "Tropfgasse 4, 00417 Finkenrode", "kanne@leichtlauf.example")
SHOP: Maker = (
    "Radwerkstatt Nabenkranz, Inh. Wenzel Trautloff",
    "Freiligrathstraße 18, 06712 Zeitz",
    "fahrrad@markt.example",
)

BRAKES = "Sicherheitsrelevantes Teil: Einbau durch Fachkundige, danach Bremsprobe."

WHEELS = (
    Ware(
        "Tourenreifen „Kopfsteinpflaster“",
        "fahrrad",
        "Pannenschutz aus fünf Millimetern Kautschuk unter der Lauffläche, dazu ein Reflexring. Wir fahren ihn selbst "
        "durch die Altstadt.",
        (
            Choice("26 Zoll, 47-559", 2790, 1, "piece", 820, 4800, availability=Counted((4,))),
            Choice("28 Zoll, 37-622", 2890, 1, "piece", 760, 4600, availability=Counted((7,))),
            Choice("28 Zoll, 47-622", 2990, 1, "piece", 890, 5200, availability=Counted((5,))),
        ),
        Art("wheel", colour="#34495E"),
        Counted((16,)),
        safety=Safety(*REIFEN, model="TR-K, Druckangabe auf der Flanke"),
    ),
    Ware(
        "Fahrradschlauch, eine Nacht geprüft",
        "fahrrad",
        "Jeder liegt vor dem Verkauf prall in der Werkstatt auf dem Regal; was am Morgen weich ist, geht an den "
        "Hersteller zurück.",
        (
            Choice("20 Zoll, Autoventil", 690, 1, "piece", 120, 260, availability=Counted((6,))),
            Choice("26 Zoll, Blitzventil", 690, 1, "piece", 160, 300, availability=Counted((9,))),
            Choice("28 Zoll, Blitzventil", 750, 1, "piece", 170, 300, availability=Counted((14,))),
            Choice("28 Zoll, schmales Rennventil", 750, 1, "piece", 120, 240, availability=Counted((5,))),
        ),
        Art("box", ("Schlauch",), colour="#B03A2E"),
        Counted((34,)),
        safety=Safety(*REIFEN, model="Reihe SL"),
    ),
    Ware(
        "Flickzeug in der Blechdose",
        "fahrrad",
        "Sechs Flicken, Raspel, Vulkanisierlösung und zwei Reifenheber aus Holz. Passt unter den Sattel und rettet den "
        "Sonntagsausflug.",
        one(590, 80, 110),
        Art("tin", ("Flickzeug",), colour="#2E7D32"),
        Counted((18,)),
        safety=Safety(*REIFEN, model="FZ-6", warnings="Lösung leicht entzündbar, Dämpfe nicht einatmen."),
    ),
    Ware(
        "Eingespeichtes Hinterrad mit Rücktritt",
        "fahrrad",
        "Von Hand zentriert, sechsunddreißig Speichen, Hohlkammerfelge. Sagen Sie uns die alte Nabenbreite, dann passt "
        "das neue auf Anhieb.",
        (
            Choice("26 Zoll", 9900, 1, "piece", 2300, 26000),
            Choice("28 Zoll", 10900, 1, "piece", 2450, 30000),
        ),
        Art("wheel", colour="#8C2F39"),
        MadeToOrder(5),
        safety=Safety(*SHOP, model="Laufrad HR, 3-Gang-Nabe", warnings=BRAKES),
    ),
    Ware(
        "Bremsschuhe für Felgenbremsen",
        "fahrrad",
        "Weiche Mischung, die bei Nässe nicht quietscht. Ein Satz sind vier Stück, die Verschleißlinie sieht man vom "
        "Boden aus.",
        one(1290, 110, 180, 4),
        Art("box", ("Brems-", "schuhe"), colour="#212F3C"),
        Counted((10,)),
        safety=Safety(*TEILE, model="BS-72", warnings=BRAKES),
    ),
    Ware(
        "Kette mit Nietglied",
        "fahrrad",
        "Vernickelt, rostet auch im Schuppen am Fluss nicht gleich. Die Glieder zählen wir Ihnen gern passend ab, das "
        "dauert zwei Minuten.",
        (
            Choice("für Nabenschaltung", 1490, 1, "piece", 340, 220, availability=Counted((6,))),
            Choice("für 8-fach-Ritzel", 1890, 1, "piece", 310, 200, availability=Counted((5,))),
        ),
        Art("glyph", ("Kette",), "chains", "#95A5A6"),
        Counted((11,)),
        safety=Safety(*TEILE, model="KT-1 und KT-8"),
    ),
    Ware(
        "Kettenöl mit Pinseldeckel",
        "fahrrad",
        "Zieht bis in die Rolle und bleibt dort; die Außenseite danach mit einem Lappen trocken wischen. Geruch nach "
        "Werkstatt, aber nur kurz.",
        one(790, 120, 140, 100, "ml"),
        Art("bottle", ("Ketten-", "öl"), colour="#D68910"),
        Counted((12,)),
        safety=Safety(*OEL, model="KO-100, Charge 0726", warnings="Darf nicht in die Hände von Kindern gelangen."),
    ),
)

ON_THE_BIKE = (
    Ware(
        "Kernledersattel „Sonntagsritt“",
        "fahrrad",
        "Genietet und nachspannbar, nach rund dreihundert Kilometern hat er Ihre Form. Ein Döschen Lederfett ist mit "
        "eingepackt.",
        each(8900, 620, 3600, {"honig": 2, "schwarz": 2}),
        Art("box", ("Kernleder-", "sattel"), colour="#B9772A"),
        Counted((4,)),
        safety=Safety(*TASCHEN, model="Sattel SR-L"),
    ),
    Ware(
        "Klingel mit zwei Tönen",
        "fahrrad",
        "Messingschale, heller und tiefer Schlag hintereinander. Fußgänger drehen sich um und lächeln, meistens.",
        each(1690, 140, 320, {"Messing poliert": 5, "mattschwarz": 3}),
        Art("glyph", ("Dingdong",), "bellhop-bell", "#D4AC0D"),
        Counted((8,)),
        safety=Safety(*TEILE, model="KL-2"),
    ),
    Ware(
        "Rückstrahler-Satz ohne Strom",
        "fahrrad",
        "Großer roter Rückstrahler, weißer für vorn und vier gelbe für die Speichen, alle mit Prüfzeichen. Er ergänzt "
        "die Lichtanlage, ersetzt sie aber nicht.",
        one(990, 150, 400, 6),
        Art("box", ("Rück-", "strahler"), colour="#C0392B"),
        Counted((9,)),
        safety=Safety(*TEILE, model="RS-6 mit K-Nummer", warnings="Kein Ersatz für Scheinwerfer und Rücklicht."),
    ),
    Ware(
        "Weidenkorb für den Lenker",
        "fahrrad",
        "Von Hand geflochten, mit zwei Lederriemen und einem Boden, der keine Kartoffel durchlässt. Fasst Brot, Blumen "
        "und den Dackel der Nachbarin.",
        (
            Choice("klein, 12 Liter", 3490, 1, "piece", 850, 21000, availability=Counted((3,))),
            Choice("groß, 20 Liter", 4490, 1, "piece", 1250, 34000, availability=Counted((2,))),
        ),
        Art("glyph", ("Weide",), "basket", "#B5814A"),
        Counted((5,)),
        safety=Safety(
            *TASCHEN, model="Korb WK", warnings="Höchstens 5 kg beladen. Nicht für den Transport von Kindern."
        ),
    ),
    Ware(
        "Gepäcktasche aus Lastwagenplane",
        "fahrrad",
        "Rollverschluss, geschweißte Nähte, zwanzig Liter. Die Haken rasten mit einem deutlichen Klack am Träger ein.",
        each(6490, 1050, 9000, {"signalrot": 3, "anthrazit": 4, "petrol": 1}),
        Art("bag", ("Gepäck-", "tasche"), colour="#C0392B"),
        Counted((8,)),
        safety=Safety(*TASCHEN, model="GT-20"),
    ),
    Ware(
        "Kindersitz für den Gepäckträger",
        "fahrrad",
        "Dreipunktgurt mit schwergängigem Verschluss, höhenverstellbare Fußrasten und Speichenschutz. Wir montieren "
        "ihn beim Abholen an Ihr Rad.",
        one(9490, 3900, 68000),
        Art("box", ("Kinder-", "sitz"), colour="#F39C12"),
        MadeToOrder(3),
        safety=Safety(
            *TEILE,
            model="KS-22 nach EN 14344",
            warnings="Für Kinder von 9 bis 22 kg. Kind immer anschnallen und mit Helm fahren. Rad nie mit "
            "Kind im Sitz abstellen.",
        ),
    ),
    Ware(
        "Schutzblechpaar aus Aluminium",
        "fahrrad",
        "Gehämmert und so breit, dass der Hosenboden trocken bleibt. Streben, Schrauben und ein Spritzlappen liegen "
        "bei.",
        (
            Choice("28 Zoll, 45 mm breit", 3990, 2, "piece", 720, 12000, availability=Counted((3,))),
            Choice("26 Zoll, 55 mm breit", 3990, 2, "piece", 740, 12000, availability=Counted((2,))),
        ),
        Art("box", ("Schutz-", "bleche"), colour="#85929E"),
        Counted((5,)),
        safety=Safety(*TEILE, model="SB-45 und SB-55"),
    ),
    Ware(
        "Griffe aus Kork",
        "fahrrad",
        "Nicht kalt im Winter, nicht klebrig im Juli. Auf Länge schneiden Sie sie mit einer feinen Säge, oder wir.",
        one(1990, 130, 420, 2),
        Art("box", ("Kork-", "griffe"), colour="#C49A6C"),
        ThreeState(("in_shop",), 5),
        safety=Safety(*TEILE, model="GK-130"),
    ),
    Ware(
        "Seitenständer, kürzbar",
        "fahrrad",
        "Aus einem Stück geschmiedet, Fuß aus Gummi. Auf weichem Rasen legen Sie einen Bierdeckel unter, der steckt in "
        "der Packung.",
        one(1790, 330, 700),
        Art("box", ("Seiten-", "ständer"), colour="#566573"),
        ThreeState(("on_request",), 12),
        safety=Safety(*TEILE, model="ST-K, bis 25 kg"),
    ),
)

RIDER = (
    Ware(
        "Faltschloss mit Zahlencode",
        "fahrrad",
        "Sechs gehärtete Glieder, gummiummantelt, und eine Halterung fürs Sattelrohr. Die Zahlen sind groß genug für "
        "Straßenlaternenlicht.",
        one(5490, 1150, 900),
        Art("glyph", ("Zahlen-", "schloss"), "locked", "#2C3E50"),
        Counted((4,)),
        safety=Safety(*TEILE, model="FS-85"),
    ),
    Ware(
        "Helm „Nussschale“",
        "fahrrad",
        "Glatte Kuppel mit verdeckten Lüftungskanälen, am Hinterkopf mit einem Rad einstellbar. Wir messen mit dem "
        "Band, bevor jemand rät.",
        each(5990, 340, 9800, {"S, 51–55 cm": 3, "M, 55–59 cm": 4, "L, 59–62 cm": 2}),
        Art("box", ("Helm", "Nussschale"), colour="#A04000"),
        Counted((9,)),
        safety=Safety(
            *TEILE, model="HN-1 nach EN 1078", warnings="Nach einem Sturz ersetzen. Nicht auf Spielplätzen tragen."
        ),
    ),
    Ware(
        "Regenponcho mit Daumenschlaufen",
        "fahrrad",
        "Reicht über den Lenker, hat ein Sichtfenster für den Scheinwerfer und faltet sich in die eigene Brusttasche. "
        "Nachts schimmert der Saum.",
        each(4490, 380, 1400, {"S/M": 3, "L/XL": 4}),
        Art("bag", ("Regen-", "poncho"), colour="#F1C40F"),
        Counted((7,)),
        fibres="100 % Polyester",
        safety=Safety(*TASCHEN, model="RP-2"),
    ),
    Ware(
        "Hosenband aus Leder mit Reflexnaht",
        "fahrrad",
        "Legt sich um den Knöchel, Druckknopf auf zwei Weiten. Ein kleines Geschenk, das man wirklich benutzt.",
        each(1290, 35, 60, {"cognac": 6, "schwarz": 5}),
        Art("bag", ("Hosen-", "band"), colour="#8E5B2A"),
        Counted((11,)),
        safety=Safety(*TASCHEN, model="HB-1"),
    ),
    Ware(
        "Standluftpumpe mit Manometer",
        "fahrrad",
        "Stahlrohr, Holzgriff und ein Kopf für alle drei Ventile. Steht fest auf zwei Füßen, pumpt ohne Hüpfen bis "
        "acht Bar.",
        one(4490, 1900, 5200),
        Art("box", ("Stand-", "pumpe"), colour="#1F618D"),
        Counted((5,)),
        safety=Safety(*OEL, model="SP-8", warnings="Höchstdruck auf der Reifenflanke beachten."),
    ),
    Ware(
        "Werkzeugrolle für unterwegs",
        "fahrrad",
        "Gewachstes Segeltuch, darin Innensechskant, Kettennieter, Ventilschlüssel und zwei Heber. Der Riemen "
        "schnallt sie unter jeden Sattel.",
        one(3490, 420, 600),
        Art("glyph", ("Werkzeug-", "rolle"), "wrench", "#7E5109"),
        Counted((4,)),
        safety=Safety(*OEL, model="WR-9"),
    ),
)

BIKES = (
    Ware(
        "Kinderrad „Rotznase“",
        "fahrrad",
        "Leichter Stahlrahmen, tiefer Einstieg, zwei Handbremsen mit kurzen Hebeln. Wir bauen es auf, sobald wir die "
        "Schrittlänge wissen.",
        (
            Choice("16 Zoll, kirschrot", 32900, 1, "piece", 7600, 98000),
            Choice("20 Zoll, enzianblau", 37900, 1, "piece", 9200, 118000),
        ),
        Art("glyph", ("Rotznase",), "bicycle", "#C0142B"),
        MadeToOrder(6),
        safety=Safety(
            *SHOP,
            model="KR-16 und KR-20 nach ISO 8098",
            warnings="Nur mit Helm fahren. Ohne Licht nicht im Straßenverkehr.",
        ),
    ),
    Ware(
        "Laufrad aus Birkensperrholz",
        "kind-spiel",
        "Luftreifen, gepolsterter Sitz in drei Höhen und ein Lenkanschlag gegen das Verkanten. Kratzer lassen sich mit "
        "Möbelwachs wegreiben.",
        one(8990, 3600, 45000),
        Art("box", ("Lauf-", "rad"), colour="#E0B36A"),
        Counted((3,)),
        safety=Safety(
            *SHOP, model="LR-12, CE", warnings="Mit Schutzausrüstung zu benutzen. Nicht im Straßenverkehr zu verwenden."
        ),
    ),
)

SELLER = Seller(
    slug="radwerkstatt-nabenkranz",
    name="Radwerkstatt Nabenkranz",
    legal_name="Radwerkstatt Nabenkranz, Inhaber Wenzel Trautloff",
    legal_form="Einzelunternehmen",
    represented_by="Wenzel Trautloff",
    kind="crafts",
    street="Freiligrathstraße 18",
    zip="06712",
    city="Zeitz",
    phone="03441 555 081",
    email="fahrrad@markt.example",
    vat_id="DE930184678",
    about="Wenzel Trautloff schraubt seit der Lehre an allem, was zwei Räder hat, und wirft kein Teil weg, das sich "
    "noch dreht. Im Online-Regal steht, was man ohne Hebebühne mitnehmen kann.",
    places=(
        Place(
            slug="nabenkranz-freiligrathstrasse",
            name="Radwerkstatt Nabenkranz",
            street="Freiligrathstraße",
            number="18",
            zip="06712",
            city="Zeitz",
            hours=(
                Hours((0, 1, 3, 4), "08:00", "12:00"),
                Hours((0, 1, 3, 4), "13:00", "17:30"),
                Hours((5,), "09:00", "12:00"),
            ),
            tagline="Läuft wieder",
            text="Werkstatt im früheren Fuhrhof, Verkauf an der langen Werkbank. Mittwochs geschlossen, da holt der "
            "Transporter Räder aus den Dörfern.",
            entrance="Durch die Toreinfahrt, zweites Tor links mit dem aufgemalten Zahnkranz",
            back_door="Keine; Lieferungen ebenfalls durchs Tor, Durchfahrtshöhe 2,60 m",
            bell="Fahrradklingel am Torpfosten",
            contact_name="Emmerich Dornbusch",
            contact_phone="03441 555 082",
            parking="Im Hof halten, Platz für einen Kleintransporter",
            phone="03441 555 081",
            accessibility=("Ebenerdig über Kopfsteinpflaster", "Sitzbank am Ofen"),
        ),
    ),
    wares=WHEELS + ON_THE_BIKE + RIDER + BIKES,
    tags=("Fahrrad", "Ersatzteile", "Kinderräder"),
)
