"""Dachbodenfink: an invented second-hand shop, small business under § 19 UStG. Every piece is used and says how."""

from market.demo.model import Art, Choice, Counted, Hours, Place, Safety, Seller, Ware
from market.demo.town._build import Maker, one

# Old makers are invented like everything else; where none is known, the shop answers for the piece itself.
SHOP: Maker = ("Dachbodenfink, Inh. Apollonia Strebel", "Stephansstraße 25, 06712 Zeitz", "gebraucht@markt.example")
STUHL: Maker = ("Stuhlbau Rundlehne (erloschen)", "Sägewerk 3, 00588 Obertannwald", "archiv@rundlehne.example")
PORZELLAN: Maker = ("Porzellanwerk Distelbach", "Brennofen 1, 00331 Hallhausen", "scherbe@distelbach.example")
UHREN: Maker = ("Uhrenwerke Pendelstein", "Ankerhemmung 12, 00264 Steinlinde", "takt@pendelstein.example")

ONE = Counted((1,))

FURNITURE = (
    Ware(
        "Küchenstuhl mit geschwungener Lehne",
        "gebraucht",
        "Buche, um 1955, frisch geleimt und mit Seifenlauge geputzt. Er wackelt nicht mehr, das war vorher anders.",
        one(3900, 4800, 120000),
        Art("glyph", ("Küche",), "chair", "#A9744F"),
        Counted((2,)),
        condition="used",
        deviation="Sitzfläche mit hellem Ring von einem Blumentopf, kleine Kerbe am linken Hinterbein",
        safety=Safety(*STUHL, model="Stuhl Nr. 12, um 1955", warnings="Bis 110 kg belastbar."),
    ),
    Ware(
        "Nähkästchen, dreistöckig",
        "gebraucht",
        "Zum Aufziehen nach beiden Seiten, im oberen Fach lagen noch Druckknöpfe, die bleiben drin. Füße nachträglich "
        "gefilzt.",
        one(2800, 2600, 21000),
        Art("glyph", ("Näh-", "kästchen"), "thread", "#8D5A3B"),
        ONE,
        condition="used",
        deviation="ein Scharnier erneuert, Lack auf dem Deckel stumpf",
        safety=Safety(*SHOP, model="Einzelstück, 1960er Jahre", warnings="Quetschgefahr an den Auszügen."),
    ),
    Ware(
        "Wandspiegel im Stuckrahmen",
        "gebraucht",
        "Oval, sechzig Zentimeter hoch, aus einer aufgelösten Tanzschule. Das alte Glas schmeichelt ein wenig.",
        one(7500, 5200, 46000),
        Art("glyph", ("Tanz-", "schule"), "mirror", "#C8A951"),
        ONE,
        condition="used",
        deviation="drei blinde Flecken am unteren Rand, eine Stuckrose ausgebessert",
        safety=Safety(
            *SHOP, model="Einzelstück, um 1920", warnings="Mit zwei Haken aufhängen, Glas nicht bruchsicher."
        ),
    ),
    Ware(
        "Blumenhocker aus Rattan",
        "gebraucht",
        "Gerade groß genug für einen Farn. Wir haben zwei lose Stränge neu eingeflochten und das Gestell gewachst.",
        one(2200, 1500, 38000),
        Art("box", ("Blumen-", "hocker"), colour="#B98D58"),
        ONE,
        condition="used",
        deviation="Platte leicht nach links geneigt, zwei Stränge heller als die übrigen",
        safety=Safety(*SHOP, model="Einzelstück, 1970er Jahre", warnings="Nicht als Sitz benutzen."),
    ),
    Ware(
        "Überseekoffer mit Messingecken",
        "gebraucht",
        "Riecht nach Reise und Zeder. Steht heute bei den meisten als Couchtisch, fährt aber auch noch mit der Bahn.",
        one(8900, 8700, 115000),
        Art("box", ("Übersee-", "koffer"), colour="#5B3A21"),
        ONE,
        condition="used",
        deviation="Schlüssel fehlt, Innenfutter an einer Ecke eingerissen, Aufkleberreste",
        safety=Safety(*SHOP, model="Einzelstück, um 1930", warnings="Deckel fällt zu, Feststeller benutzen."),
    ),
)

TABLE = (
    Ware(
        "Kaffeekanne mit Streublümchen",
        "gebraucht",
        "Bauchig, für acht Tassen, und der Deckel hält beim Ausschenken von allein. Stammt aus einem Haushalt, in dem "
        "sonntags nie gespart wurde.",
        one(1900, 900, 5200),
        Art("glyph", ("Streu-", "blümchen"), "teapot", "#D7A9B8"),
        ONE,
        condition="used",
        deviation="Goldrand am Ausguss abgegriffen",
        safety=Safety(*PORZELLAN, model="Form Distel, Kanne 1,2 l", warnings="Nicht spülmaschinenfest."),
    ),
    Ware(
        "Sammeltassen, bunt gewürfelt",
        "gebraucht",
        "Jede Tasse aus einer anderen Hochzeit, alle mit Unterteller und Kuchenteller. Auf der langen Tafel sehen sie "
        "wie eine Familie aus.",
        (
            Choice("ein Gedeck nach unserer Wahl", 850, 3, "piece", 620, 2400, availability=Counted((6,))),
            Choice("vier Gedecke, aufeinander abgestimmt", 3000, 12, "piece", 2500, 9500, availability=Counted((1,))),
        ),
        Art("glyph", ("Sammel-", "tassen"), "hot-beverage", "#7FA8C9"),
        Counted((7,)),
        condition="used",
        deviation="Gebrauchsspuren am Goldrand, feine Haarlinien in der Glasur möglich",
        safety=Safety(*PORZELLAN, model="Gedecke gemischt, 1930er bis 1970er", warnings="Nicht für die Mikrowelle."),
    ),
    Ware(
        "Römergläser mit grünem Stiel",
        "gebraucht",
        "Fünf Stück, das sechste ging beim Silberjubiläum zu Bruch. Klingen wie kleine Glocken, wenn man sie anstößt.",
        one(2400, 1300, 6800, 5),
        Art("glyph", ("Römer",), "wine-glass", "#5E8C4A"),
        ONE,
        condition="used",
        deviation="an einem Fuß ein winziger, glatt geschliffener Ausbruch",
        safety=Safety(*SHOP, model="Satz aus 5 Gläsern, um 1950", warnings="Dünnwandig, von Hand spülen."),
    ),
    Ware(
        "Steinguttopf für saure Gurken",
        "gebraucht",
        "Fünf Liter, salzglasiert, mit Beschwerstein. Unsere Nachbarin hat ihn zur Probe mit Kraut gefüllt und wollte "
        "ihn behalten.",
        one(2600, 5400, 14000),
        Art("glyph", ("Gärtopf",), "amphora", "#6D7B5A"),
        ONE,
        condition="used",
        deviation="Abplatzer außen am Henkel, innen unversehrt",
        safety=Safety(*PORZELLAN, model="Gärtopf 5 l", warnings="Vor dem ersten Gebrauch auskochen."),
    ),
    Ware(
        "Kuchengabeln im Etui",
        "gebraucht",
        "Zwölf versilberte Gabeln auf blauem Samt, neu poliert. Das Monogramm lautet H. K., vielleicht heißen Sie ja "
        "so.",
        one(3200, 680, 1500, 12),
        Art("glyph", ("H. K.",), "fork-and-knife", "#AEB6BF"),
        ONE,
        condition="used",
        deviation="Silberauflage an zwei Zinken durchgescheuert, Samt verblasst",
        safety=Safety(*SHOP, model="Satz im Etui, um 1935"),
    ),
    Ware(
        "Vase mit Laufglasur",
        "gebraucht",
        "Orange über Braun, schwer wie ein Ziegel und unverwechselbar siebziger Jahre. Für Gladiolen oder als "
        "Türstopper.",
        one(1600, 1900, 6400),
        Art("glyph", ("Siebziger",), "amphora", "#D2691E"),
        ONE,
        condition="used",
        deviation="kleiner Kratzer am Fuß, sonst ohne Makel",
        safety=Safety(*PORZELLAN, model="Vase 621-30"),
    ),
)

CURIOS = (
    Ware(
        "Kaminuhr mit Halbstundenschlag",
        "gebraucht",
        "Vom Uhrmacher gereinigt und neu gefettet, geht in der Woche etwa zwei Minuten vor. Nachts lässt sich das "
        "Schlagwerk abstellen.",
        one(11900, 3800, 14000),
        Art("glyph", ("Halb elf",), "mantelpiece-clock", "#6E4B2A"),
        ONE,
        condition="used",
        deviation="Zifferblatt mit Patina, Furnier an der Rückwand gerissen",
        safety=Safety(*UHREN, model="Kaliber 40, mechanisch, um 1938"),
    ),
    Ware(
        "Reisewecker zum Aufziehen",
        "gebraucht",
        "Klappt in sein rotes Lederetui und tickt so leise, dass man ihn im Hotel nicht mit der Nachbarin teilt.",
        one(2300, 180, 260),
        Art("glyph", ("Reise-", "wecker"), "alarm-clock", "#A93226"),
        ONE,
        condition="used",
        deviation="Druckknopf am Etui erneuert, Glas mit Mikrokratzern",
        safety=Safety(*UHREN, model="Wecker R-2, mechanisch, um 1965"),
    ),
    Ware(
        "Ölbild „Dorfteich mit Enten“",
        "gebraucht",
        "Unsigniert, mit mehr Liebe als Perspektive gemalt. Hing vierzig Jahre über einem Sofa und hat dort niemanden "
        "gestört.",
        one(4500, 2400, 19000),
        Art("glyph", ("Dorfteich",), "framed-picture", "#4F7942"),
        ONE,
        condition="used",
        deviation="Rahmen mit zwei Wurmlöchern, behandelt; Leinwand leicht gewellt",
        safety=Safety(*SHOP, model="Gemälde 50 × 40 cm, um 1960"),
    ),
    Ware(
        "Schellackplatten aus einer Kneipe",
        "gebraucht",
        "Ein Stoß Foxtrott, Walzer und Couplets, abgespielt bis zur letzten Runde. Vor dem Einpacken hören wir jede "
        "einmal an.",
        (
            Choice("fünf Stück, überraschend", 1500, 5, "piece", 1150, 3200, availability=Counted((3,))),
            Choice("zwanzig Stück im Tragekasten", 4900, 20, "piece", 5400, 15000, availability=Counted((1,))),
        ),
        Art("box", ("Schellack", "78 U/min"), colour="#1C1C1C"),
        Counted((4,)),
        condition="used",
        deviation="Knistern und Kratzer hörbar, Hüllen teils geklebt",
        safety=Safety(
            *SHOP, model="Schellack, 78 Umdrehungen", warnings="Zerbrechlich, nur mit passender Nadel abspielen."
        ),
    ),
    Ware(
        "Akkordeon für Anfänger",
        "gebraucht",
        "Achtundvierzig Bässe, perlmuttrot, die Stimmzungen klingen etwas nach Jahrmarkt. Zwei neue Riemen haben wir "
        "angenäht.",
        one(18900, 6300, 42000),
        Art("glyph", ("48 Bässe",), "accordion", "#B3123B"),
        ONE,
        condition="used",
        deviation="ein Bassknopf klemmt gelegentlich, Balgecken abgestoßen, Koffer mit Klebeband geflickt",
        safety=Safety(*SHOP, model="Einzelstück, um 1968"),
    ),
    Ware(
        "Messingfernrohr mit Lederbezug",
        "gebraucht",
        "Drei Auszüge, zwanzigfach, und klare Linsen. Ein Kind sieht damit die Kirchturmuhr, ein Erwachsener den Zaun "
        "des Nachbarn.",
        one(6400, 740, 1900),
        Art("glyph", ("Fernrohr",), "telescope", "#B8860B"),
        ONE,
        condition="used",
        deviation="Leder an einer Naht offen, Objektivdeckel fehlt",
        safety=Safety(*SHOP, model="Einzelstück, um 1940", warnings="Niemals damit in die Sonne schauen."),
    ),
)

WEAR_AND_PLAY = (
    Ware(
        "Lodenmantel mit Hirschhornknöpfen",
        "gebraucht",
        "Getragen an wenigen Jagdsonntagen, danach im Zedernschrank. Schnitt gerade, Größe etwa 52, Taschen tief genug "
        "für ein Buch.",
        one(7900, 2100, 9800),
        Art("glyph", ("Loden",), "coat", "#3F5340"),
        ONE,
        condition="used",
        deviation="ein Knopf ersetzt, Futter am Ärmelsaum nachgenäht",
        fibres="80 % Schurwolle, 20 % Polyamid",
        safety=Safety(*SHOP, model="Herrenmantel Gr. 52, gereinigt"),
    ),
    Ware(
        "Seidentuch mit Kranichen",
        "gebraucht",
        "Handrolliert, neunzig mal neunzig, mitternachtsblau. Wirft man es über die Schultern, sieht der graueste "
        "Mantel anders aus.",
        one(2900, 60, 180),
        Art("box", ("Seiden-", "tuch"), colour="#1B2A5C"),
        ONE,
        condition="used",
        deviation="blasser Fleck von zwei Millimetern in einer Ecke",
        fibres="100 % Seide",
        safety=Safety(*SHOP, model="Tuch 90 × 90 cm, gereinigt"),
    ),
    Ware(
        "Zylinderhut im Karton",
        "gebraucht",
        "Aus Haarfilz, Kopfweite 57, vermutlich vom Schornsteinfegermeister. Silvester ist bald, mehr sagen wir nicht.",
        one(5600, 420, 12000),
        Art("glyph", ("Zylinder",), "top-hat", "#17202A"),
        ONE,
        condition="used",
        deviation="Schweißband brüchig, Karton mit eingedrückter Ecke",
        fibres="100 % Haarfilz",
        safety=Safety(*SHOP, model="Hut KW 57, um 1930"),
    ),
    Ware(
        "Schulglobus auf gedrechseltem Fuß",
        "gebraucht",
        "Aus dem Erdkundezimmer einer Dorfschule, mit Kreidestaub in der Achse. Grenzen stimmen kaum noch, die Ozeane "
        "schon.",
        one(4200, 1700, 32000),
        Art("glyph", ("Erdkunde",), "globe-showing-europe-africa", "#2F6F8F"),
        ONE,
        condition="used",
        deviation="Delle im Pazifik, Papierstoß am Äquator leicht gelöst",
        safety=Safety(*SHOP, model="Globus Ø 30 cm, um 1958"),
    ),
    Ware(
        "Schaukelpferd mit echtem Schweif",
        "gebraucht",
        "Apfelschimmel, aus Linde geschnitzt, drei Generationen hoch und runter geritten. Sattelzeug vom Polsterer "
        "aufgearbeitet.",
        one(14500, 9800, 118000),
        Art("glyph", ("Apfel-", "schimmel"), "carousel-horse", "#BFC9CA"),
        ONE,
        condition="used",
        deviation="Farbe an der Nase abgewetzt, ein Ohr ergänzt",
        safety=Safety(
            *SHOP,
            model="Einzelstück, um 1925",
            warnings="Dekorations- und Sammlerstück, kein Spielzeug. Nicht für Kinder unter 36 Monaten geeignet.",
        ),
    ),
)

SELLER = Seller(
    slug="dachbodenfink",
    name="Dachbodenfink",
    legal_name="Dachbodenfink, Inhaberin Apollonia Strebel",
    legal_form="Einzelunternehmen",
    represented_by="Apollonia Strebel",
    kind="second_hand",
    street="Stephansstraße 25",
    zip="06712",
    city="Zeitz",
    phone="03441 555 091",
    email="gebraucht@markt.example",
    vat_id="DE936502812",
    small_business=True,
    about="Apollonia Strebel räumt Dachböden, wäscht, leimt, poliert und schreibt jeden Makel auf einen Zettel. Fast "
    "alles gibt es nur einmal, und die Geschichte dazu kostet nichts.",
    places=(
        Place(
            slug="dachbodenfink-stephansstrasse",
            name="Dachbodenfink",
            street="Stephansstraße",
            number="25",
            zip="06712",
            city="Zeitz",
            hours=(
                Hours((1, 3), "13:00", "18:00"),
                Hours((4,), "10:00", "12:30"),
                Hours((4,), "14:00", "18:00"),
                Hours((5,), "10:00", "14:00"),
            ),
            tagline="Alles hatte schon ein Leben",
            text="Zwei Zimmer und ein Treppenhaus voller Bilder. Montags und mittwochs sind wir zum Räumen unterwegs, "
            "rufen Sie vorher an.",
            entrance="Haustür mit dem Vogelhäuschen, drei Stufen, dann rechts",
            back_door="Kellertreppe im Hof für Möbel, Tor auf Zuruf",
            bell="Strebel / Fink",
            contact_name="Apollonia Strebel",
            contact_phone="03441 555 092",
            parking="Parkstreifen vor dem Haus, meist frei; schwere Stücke tragen wir mit hinaus",
            phone="03441 555 091",
            accessibility=("Drei Stufen ohne Rampe", "Wir bringen Stücke zum Ansehen vor die Tür"),
        ),
    ),
    wares=FURNITURE + TABLE + CURIOS + WEAR_AND_PLAY,
    tags=("Gebraucht", "Einzelstücke", "Reparatur"),
)
