"""Blumen Wiesenquast: an invented florist. Cut flowers and plants 7 %, vessels, ribbons and dried goods 19 %."""

from market.demo.model import (
    Art,
    Choice,
    Counted,
    DailyQuota,
    Hours,
    MadeToOrder,
    Place,
    Safety,
    Seller,
    ThreeState,
    Ware,
)
from market.demo.town._build import Maker, each, one

SHOP: Maker = ("Blumen Wiesenquast, Inh. Dorothee Lenkwitz", "Kalkstraße 6, 06712 Zeitz", "blumen@markt.example")
NURSERY: Maker = ("Gärtnerei Sonnenhang", "Am Südhang 11, 00588 Obertannwald", "kontakt@sonnenhang.example")
SEEDHOUSE: Maker = ("Samenkammer Keimling", "Scheunenweg 3, 00417 Finkenrode", "saat@samenkammer.example")
POTTERY: Maker = ("Töpferei Lehmgrube", "Ziegelei 8, 00264 Steinlinde", "scheibe@lehmgrube.example")

# Tuesday to Sunday; on Sunday the shop is open two hours and binds only a few.
BOUND_DAILY = DailyQuota((0, 6, 6, 8, 12, 10, 3))
ROSES_DAILY = DailyQuota((0, 4, 4, 4, 8, 6, 2), order_until="16:00")

BOUND = (
    Ware(
        "Strauß „Wiesenrand“",
        "blumen-garten",
        "Locker gebunden aus dem, was am Morgen am frischesten ist, im November Chrysanthemen, Hagebutte und Gräser. "
        "Kein Strauß sieht aus wie der von gestern.",
        (
            Choice("klein, für die Kaffeetafel", 1850, 1, "piece", 450, 5000),
            Choice("mittel", 2800, 1, "piece", 750, 9000),
            Choice("groß, für die Bodenvase", 4200, 1, "piece", 1300, 16000),
        ),
        Art("glyph", ("Wiesen-", "rand"), "bouquet", "#D98FA8"),
        BOUND_DAILY,
        "reduced",
        safety=Safety(*SHOP, model="Strauß, täglich gebunden"),
        withdrawal="perishable",
    ),
    Ware(
        "Rosen, langstielig",
        "blumen-garten",
        "Sechzig Zentimeter Stiel, entdornt und frisch angeschnitten. Im kühlen Zimmer öffnen sie sich über vier Tage.",
        (
            Choice("eine einzelne, rot", 450, 1, "piece", 70, 1800),
            Choice("sieben, rot", 2950, 7, "piece", 480, 7000),
            Choice("zwölf, lachsfarben", 4800, 12, "piece", 820, 10000),
        ),
        Art("glyph", ("Rosen",), "rose", "#B3142B"),
        ROSES_DAILY,
        "reduced",
        safety=Safety(*NURSERY, model="Schnittrosen, Klasse 60 cm"),
        withdrawal="perishable",
    ),
    Ware(
        "Brautstrauß nach Gespräch",
        "blumen-garten",
        "Wir treffen uns eine halbe Stunde, schauen Kleid und Wetterbericht an und skizzieren. Griff mit Baumwollband "
        "umwickelt, ein Anstecker gehört dazu.",
        one(9500, 900, 14000),
        Art("glyph", ("Braut-", "strauß"), "bouquet", "#F0D9DE"),
        MadeToOrder(10),
        "reduced",
        safety=Safety(*SHOP, model="Einzelanfertigung"),
        withdrawal="custom_made",
    ),
    Ware(
        "Trauergesteck in der Schale",
        "blumen-garten",
        "Tanne, weiße Nelken und Efeu auf feuchtem Moos gesteckt, standfest auch bei Wind. Auf Wunsch schreiben wir "
        "die Schleife von Hand.",
        (
            Choice("ohne Schleife", 3900, 1, "piece", 2600, 14000),
            Choice("mit beschrifteter Schleife", 5400, 1, "piece", 2700, 15000),
        ),
        Art("glyph", ("In Stille",), "white-flower", "#5E6B62"),
        MadeToOrder(2),
        "reduced",
        safety=Safety(*SHOP, model="Gesteck, Ø 30 cm"),
        withdrawal="custom_made",
    ),
    Ware(
        "Adventskranz aus Nordmanntanne",
        "blumen-garten",
        "Doppelt gebunden auf Strohreif, mit vier Stumpenkerzen, Orangenscheiben und Zimt. Er nadelt kaum, wenn er "
        "nachts auf dem Balkon stehen darf.",
        (
            Choice("Ø 30 cm, rote Kerzen", 3450, 1, "piece", 1900, 13000),
            Choice("Ø 30 cm, cremeweiße Kerzen", 3450, 1, "piece", 1900, 13000),
            Choice("Ø 40 cm, rote Kerzen", 4900, 1, "piece", 2800, 24000),
        ),
        Art("wreath", colour="#A32638"),
        MadeToOrder(2),
        "reduced",
        safety=Safety(
            *SHOP,
            model="Kranz mit 4 Kerzen",
            warnings="Brennende Kerzen nie unbeaufsichtigt lassen. Von Vorhängen und Kindern fernhalten.",
        ),
        withdrawal="perishable",
    ),
    Ware(
        "Tulpen aus dem Kalthaus",
        "blumen-garten",
        "Die ersten der Saison, noch knackig geschlossen. Sie wachsen in der Vase eine Handbreit weiter, bitte mit "
        "einrechnen.",
        each(790, 380, 4500, {"gelb": 4, "violett": 3, "bunt gemischt": 6}, 10),
        Art("glyph", ("Tulpen",), "tulip", "#E8B93A"),
        Counted((13,)),
        "reduced",
        safety=Safety(*NURSERY, model="Bund zu 10 Stielen"),
        withdrawal="perishable",
    ),
    Ware(
        "Barbarazweige zum Antreiben",
        "blumen-garten",
        "Kirschzweige, am Stück geschnitten und drei Nächte gewässert. Ab dem 4. Dezember ins Warme gestellt, blühen "
        "sie zu Weihnachten.",
        one(690, 420, 7000, 5),
        Art("glyph", ("Barbara-", "zweige"), "cherry-blossom", "#C87E93"),
        ThreeState(("on_request",), 5),
        "reduced",
        safety=Safety(*NURSERY, model="Bund zu 5 Zweigen"),
        withdrawal="perishable",
    ),
    Ware(
        "Sträußchen für den Frühstückstisch",
        "blumen-garten",
        "Handtellergroß, im Schraubglas mit einem Schluck Wasser. Hält sich auf dem Krankenhausnachttisch ebenso gut "
        "wie neben der Kaffeekanne.",
        one(850, 380, 1400),
        Art("glyph", ("Guten", "Morgen"), "blossom", "#F2C14E"),
        DailyQuota((0, 8, 8, 8, 10, 12, 4)),
        "reduced",
        safety=Safety(*SHOP, model="Mini-Strauß im Glas"),
        withdrawal="perishable",
    ),
)

PLANTS = (
    Ware(
        "Alpenveilchen im Tontopf",
        "blumen-garten",
        "Steht am liebsten auf dem kühlen Flurfenster und blüht dort bis Februar. Gießen von unten, dann fault keine "
        "Knolle.",
        each(790, 780, 3200, {"weiß": 5, "pink": 4, "rot": 2}),
        Art("glyph", ("Alpenveilchen",), "potted-plant", "#C2185B"),
        Counted((11,)),
        "reduced",
        safety=Safety(*NURSERY, model="Topf 12 cm"),
    ),
    Ware(
        "Weihnachtsstern in Samtrot",
        "blumen-garten",
        "Fünf bis sieben Brakteen, in der Zeitzer Umgebung gezogen und nie unter zwölf Grad transportiert. Bitte auf "
        "dem Heimweg nicht am kalten Rad baumeln lassen.",
        one(995, 850, 5500),
        Art("glyph", ("Weihnachtsstern",), "potted-plant", "#A8121F"),
        ThreeState(("in_shop",), 1),
        "reduced",
        origin="Deutschland",
        safety=Safety(*NURSERY, model="Topf 13 cm", warnings="Pflanzensaft kann die Haut reizen; nicht zum Verzehr."),
    ),
    Ware(
        "Grünlilie, die niemand umbringt",
        "blumen-garten",
        "Unsere Antwort auf die Frage nach der ersten eigenen Zimmerpflanze. Verzeiht drei Wochen Urlaub und bildet "
        "Ableger zum Verschenken.",
        one(1150, 1100, 5200),
        Art("glyph", ("Grünlilie",), "potted-plant", "#6BA368"),
        ThreeState(("in_shop",), 6),
        "reduced",
        safety=Safety(*NURSERY, model="Topf 14 cm"),
    ),
    Ware(
        "Kugelkaktus mit krummem Hut",
        "blumen-garten",
        "Acht Zentimeter hoch und etwas schief gewachsen, jeder auf seine Art. Braucht von Oktober bis März fast kein "
        "Wasser, dafür Licht.",
        one(650, 320, 900),
        Art("glyph", ("Kaktus",), "cactus", "#3C8D63"),
        Counted((7,)),
        "reduced",
        safety=Safety(
            *NURSERY, model="Topf 8 cm", warnings="Spitze Dornen: außer Reichweite kleiner Kinder aufstellen."
        ),
    ),
    Ware(
        "Rosmarin, winterhart",
        "blumen-garten",
        "Buschig, dreijährig und an rauen Standorten abgehärtet. Ein Zweig davon reicht für das ganze Blech "
        "Kartoffeln.",
        one(890, 1200, 4800),
        Art("glyph", ("Rosmarin",), "herb", "#4F7F5B"),
        ThreeState(("in_shop",), 19),
        "reduced",
        safety=Safety(*NURSERY, model="Topf 15 cm"),
    ),
    Ware(
        "Zuckerhutfichte im Eimer",
        "blumen-garten",
        "Ein lebender Mini-Weihnachtsbaum mit sechzig Zentimetern, der nach dem Fest in den Vorgarten zieht. Der "
        "Zinkeimer mit Ablaufloch gehört dazu.",
        one(2490, 4600, 22000),
        Art("glyph", ("Zuckerhutfichte",), "evergreen-tree", "#25563C"),
        Counted((6,)),
        "reduced",
        safety=Safety(*NURSERY, model="Höhe 60 cm im 3-l-Eimer"),
    ),
    Ware(
        "Hibiskus fürs Südfenster",
        "blumen-garten",
        "Stämmchen mit dichter Krone, das im Zimmer überwintert und im Mai auf den Balkon will. Einzelne Blüten leben "
        "nur einen Tag, dafür kommen täglich neue.",
        one(2150, 2900, 16000),
        Art("glyph", ("Hibiskus",), "hibiscus", "#D8432F"),
        ThreeState(("out",), 3),
        "reduced",
        safety=Safety(*NURSERY, model="Stämmchen 50 cm, Topf 17 cm"),
    ),
    Ware(
        "Hyazinthe im Treibglas",
        "blumen-garten",
        "Vorgetriebene Zwiebel auf einem Wasserglas mit Taille, das Papphütchen bleibt drauf, bis der Trieb fingerlang "
        "ist. Kinder schauen jeden Morgen nach den Wurzeln.",
        each(590, 410, 1200, {"blau": 5, "rosa": 5, "weiß": 3}),
        Art("glyph", ("Hyazinthe",), "hyacinth", "#5468B4"),
        Counted((13,)),
        "reduced",
        safety=Safety(*NURSERY, model="Zwiebel im Treibglas"),
    ),
    Ware(
        "Sonnenblumensamen „Hofriese“",
        "blumen-garten",
        "Wird bei gutem Boden zweieinhalb Meter hoch; Aussaat ab Ende April direkt ins Beet. Zwanzig keimgeprüfte "
        "Kerne in der Papiertüte.",
        one(320, 12, 60, 20),
        Art("glyph", ("Hofriese",), "sunflower", "#F0B429"),
        Counted((24,)),
        "reduced",
        safety=Safety(*SEEDHOUSE, model="Partie SK-2611"),
    ),
    Ware(
        "Krokuszwiebeln für die Wiese",
        "blumen-garten",
        "Fünfundzwanzig Stück in drei Farben, sie verwildern im Rasen ganz von allein. Bis zum ersten Frost lassen sie "
        "sich noch stecken.",
        one(540, 190, 500, 25),
        Art("bag", ("Krokus", "25 Stück"), colour="#7A5AA6"),
        Counted((9,)),
        "reduced",
        safety=Safety(*SEEDHOUSE, model="Sortierung 5/+", warnings="Zwiebeln nicht zum Verzehr geeignet."),
    ),
)

AROUND = (
    Ware(
        "Trockenstrauß aus Strohblume und Lunaria",
        "geschenke",
        "Im Sommer kopfüber auf unserem Dachboden getrocknet und im Herbst gebunden. Braucht kein Wasser, nur alle "
        "paar Monate einen Föhn auf Kaltluft.",
        one(2200, 260, 8000),
        Art("glyph", ("Trocken-", "strauß"), "sheaf-of-rice", "#C9A66B"),
        Counted((5,)),
        safety=Safety(*SHOP, model="Trockengebinde", warnings="Leicht entflammbar, nicht neben Kerzen stellen."),
    ),
    Ware(
        "Steinzeugvase mit Salzglasur",
        "geschenke",
        "Auf der Scheibe gedreht und bei 1250 Grad gebrannt; innen dicht, außen rau wie Orangenschale. Der enge Hals "
        "hält auch drei einzelne Stiele aufrecht.",
        (
            Choice("16 cm, graublau", 2600, 1, "piece", 850, 3500, availability=Counted((3,))),
            Choice("24 cm, honigbraun", 3900, 1, "piece", 1500, 7500, availability=Counted((2,))),
        ),
        Art("glyph", ("Steinzeug",), "amphora", "#6F7F8F"),
        Counted((5,)),
        safety=Safety(*POTTERY, model="Vase Serie Salz"),
    ),
    Ware(
        "Blumenerde mit Tonmineral",
        "blumen-garten",
        "Feinkrümelig und vorgedüngt für sechs Wochen. Der Sack hat einen Griff und passt in den Fahrradkorb.",
        one(690, 7200, 11000, 10000, "ml"),
        Art("bag", ("Blumen-", "erde", "10 Liter"), colour="#4A3526"),
        ThreeState(("in_shop",), 4),
        safety=Safety(*SEEDHOUSE, model="Erde, Partie BE-26-40", warnings="Beim Umtopfen Handschuhe tragen."),
    ),
    Ware(
        "Schleifenband aus Baumwolle",
        "geschenke",
        "Fünf Meter auf der Holzspule, webkantig und bügelbar. Wir binden damit unsere eigenen Sträuße, deshalb ist es "
        "immer da.",
        each(490, 60, 150, {"Salbei": 7, "Terrakotta": 5, "Naturweiß": 9}, 5000, "mm"),
        Art("glyph", ("Band 5 m",), "ribbon", "#9BAF8E"),
        Counted((21,)),
        fibres="100 % Baumwolle",
        safety=Safety(*SEEDHOUSE, model="Band 15 mm", warnings="Nicht als Spielzeug verwenden, Strangulationsgefahr."),
    ),
)

SELLER = Seller(
    slug="blumen-wiesenquast",
    name="Blumen Wiesenquast",
    legal_name="Blumen Wiesenquast, Inhaberin Dorothee Lenkwitz",
    legal_form="Einzelunternehmen",
    represented_by="Dorothee Lenkwitz",
    kind="retail",
    street="Kalkstraße 6",
    zip="06712",
    city="Zeitz",
    phone="03441 555 031",
    email="blumen@markt.example",
    vat_id="DE906524182",
    about="Dorothee Lenkwitz bindet, was die Woche hergibt, und sagt ehrlich, wie lange es hält. Die Pflanzen kommen "
    "von einer Gärtnerei am Hang, die Töpfe aus einer Werkstatt mit eigenem Brennofen.",
    places=(
        Place(
            slug="wiesenquast-kalkstrasse",
            name="Blumen Wiesenquast",
            street="Kalkstraße",
            number="6",
            zip="06712",
            city="Zeitz",
            hours=(
                Hours((1, 2, 3, 4), "08:30", "12:30"),
                Hours((1, 2, 3, 4), "14:00", "18:00"),
                Hours((5,), "08:30", "13:00"),
                Hours((6,), "10:00", "12:00"),
            ),
            tagline="Gebunden, was heute schön ist",
            text="Montags ist Großmarkttag und der Laden zu, dafür binden wir sonntags zwei Stunden. Vor der Tür "
            "stehen Pflanzen, die Wind vertragen, drinnen der Rest.",
            entrance="Ladentür mit Glocke unter der gestreiften Markise, ebenerdig",
            back_door="Kühlraumtür im Hof, Durchfahrt Kalkstraße 8",
            bell="Wiesenquast",
            contact_name="Dorothee Lenkwitz",
            contact_phone="03441 555 032",
            parking="Ladezone direkt vor dem Nachbarhaus, zehn Minuten erlaubt",
            phone="03441 555 031",
            accessibility=("Stufenloser Eingang, Tür 95 cm breit", "Enger Gang zwischen den Pflanztischen (70 cm)"),
            sunday_exception=True,
        ),
    ),
    wares=BOUND + PLANTS + AROUND,
    tags=("Sträuße", "Pflanzen", "sonntags offen"),
)
