"""Spielwaren Kreiselmaus: an invented toy shop with makers, models and CE warnings that are made up as well."""

from market.demo.model import Art, Choice, Counted, Hours, MadeToOrder, Place, Safety, Seller, Ware
from market.demo.town._build import Maker, each, one

DRECHSEL: Maker = ("Drechslerei Spanlocke", "Obermühle 4, 00588 Obertannwald", "werkstatt@spanlocke.example")
WUERFEL: Maker = ("Spieleverlag Augenzahl", "Eckhaus 1, 00331 Hallhausen", "regeln@augenzahl.example")
PLUESCH: Maker = ("Plüschtiermanufaktur Bärlauch", "Nadelgasse 22, 00264 Steinlinde", "naht@baerlauch-tiere.example")
LUFTIG: Maker = ("Luftikus Drachenbau", "Windmühlenberg 1, 00417 Finkenrode", "leine@luftikus.example")

SMALL = "Achtung! Nicht für Kinder unter 36 Monaten geeignet. Verschluckbare Kleinteile."
CORD = "Achtung! Nicht für Kinder unter 36 Monaten geeignet. Lange Schnur, Strangulationsgefahr."

WOODEN = (
    Ware(
        "Brummkreisel aus Ahorn",
        "kind-spiel",
        "Gedrechselt, gewachst und so ausgewogen, dass er fast zwei Minuten singt. Der Ton kommt aus einer kleinen "
        "Kerbe im Bauch.",
        one(1290, 140, 400),
        Art("box", ("Brumm-", "kreisel"), colour="#C98F4E"),
        Counted((8,)),
        safety=Safety(*DRECHSEL, model="Kreisel BK-1, CE", warnings="Ab 18 Monaten."),
    ),
    Ware(
        "Ziehente auf drei Rädern",
        "kind-spiel",
        "Wackelt mit dem Kopf, sobald die Schnur straff ist, und bleibt auch auf dem Teppich aufrecht. Buche, mit "
        "speichelfester Farbe bemalt.",
        each(2450, 420, 1700, {"gelb": 3, "himmelblau": 2}),
        Art("glyph", ("Ziehente",), "duck", "#F2B632"),
        Counted((5,)),
        safety=Safety(*DRECHSEL, model="Ziehtier ZE-3, CE", warnings="Schnur 22 cm. Ab 12 Monaten."),
    ),
    Ware(
        "Bauklötze im Leinensack",
        "kind-spiel",
        "Naturbelassene Würfel, Bögen und Zylinder mit gebrochenen Kanten. Fünfzig Stück reichen für einen Turm bis "
        "zur Tischkante, hundert für eine Burg.",
        (
            Choice("50 Stück", 2900, 50, "piece", 1900, 4200, availability=Counted((4,))),
            Choice("100 Stück", 4990, 100, "piece", 3700, 8000, availability=Counted((2,))),
        ),
        Art("bag", ("Bau-", "klötze"), colour="#B98B5A"),
        Counted((6,)),
        safety=Safety(*DRECHSEL, model="Bausteine BS-50 und BS-100, CE", warnings="Ab 12 Monaten."),
    ),
    Ware(
        "Steckpuppen „Sieben Tanten“",
        "kind-spiel",
        "Sieben Figuren passen ineinander, die kleinste ist nicht größer als eine Haselnuss. Jede trägt ein anderes "
        "Muster auf der Schürze.",
        one(2690, 310, 900),
        Art("glyph", ("Sieben", "Tanten"), "nesting-dolls", "#B4314A"),
        Counted((3,)),
        safety=Safety(*DRECHSEL, model="Steckfigur ST-7, CE", warnings=SMALL),
    ),
    Ware(
        "Jo-Jo mit Kugellager",
        "kind-spiel",
        "Dreht unten lange genug für den ersten Trick und kommt auch bei Anfängern wieder hoch. Eine Ersatzschnur "
        "liegt bei.",
        each(890, 75, 220, {"rot-weiß": 6, "grün-schwarz": 4, "Nussbaum": 2}),
        Art("glyph", ("Jo-Jo",), "yo-yo", "#D33A2C"),
        Counted((12,)),
        safety=Safety(*DRECHSEL, model="Jo-Jo JK-8, CE", warnings=CORD),
    ),
    Ware(
        "Kaufladenwaage mit Gewichten",
        "kind-spiel",
        "Zwei Schalen, acht Gewichte im Holzblock und ein Zeiger, der wirklich stimmt. Wiegt auch Kastanien und "
        "Gummibärchen.",
        one(3490, 980, 4600),
        Art("glyph", ("Waage",), "balance-scale", "#8C6A3F"),
        Counted((2,)),
        safety=Safety(*DRECHSEL, model="Spielwaage KW-2, CE", warnings=SMALL),
    ),
    Ware(
        "Murmelbahn zum Stecken",
        "kind-spiel",
        "Vierundvierzig Teile aus Buche mit gefrästen Rinnen, dazu zwölf Glasmurmeln. Wer die Weiche richtig setzt, "
        "hört am Ende ein Glöckchen.",
        one(4990, 2600, 9500),
        Art("box", ("Murmel-", "bahn"), colour="#3E7CB1"),
        Counted((3,)),
        safety=Safety(*DRECHSEL, model="Murmelbahn MB-44, CE", warnings=SMALL),
    ),
    Ware(
        "Namenszug aus Holzbuchstaben",
        "geschenke",
        "Eine kleine Lok und so viele Wagen, wie der Name Buchstaben hat; wir sägen und kleben ihn in zwei Wochen. "
        "Preis bis sechs Buchstaben.",
        one(2900, 520, 1900),
        Art("glyph", ("Namens-", "zug"), "locomotive", "#2F6F4F"),
        MadeToOrder(12),
        withdrawal="custom_made",
        safety=Safety(*DRECHSEL, model="Einzelanfertigung NZ, CE", warnings=SMALL),
    ),
)

GAMES = (
    Ware(
        "Würfelspiel „Sechs im Sack“",
        "kind-spiel",
        "Bluffen mit fünf Würfeln, erklärt in zwei Minuten und gespielt bis tief in die Nacht. Für drei bis sechs "
        "Leute ab acht Jahren.",
        one(1190, 180, 500),
        Art("glyph", ("Sechs", "im Sack"), "game-die", "#5A2A6B"),
        Counted((9,)),
        safety=Safety(*WUERFEL, model="Art. 118, CE", warnings=SMALL),
    ),
    Ware(
        "Brettspiel „Umleitung!“",
        "kind-spiel",
        "Wer bringt sein Gemüseauto durch die gesperrte Altstadt? Der Spielplan baut sich jedes Mal anders auf, weil "
        "die Baustellen wandern.",
        one(2995, 1100, 5200),
        Art("box", ("Um-", "leitung!"), colour="#E07A1F"),
        Counted((4,)),
        safety=Safety(*WUERFEL, model="Art. 204, ab 7 Jahren, CE", warnings=SMALL),
    ),
    Ware(
        "Kartenspiel „Krähenmau“",
        "kind-spiel",
        "Gezeichnete Krähen klauen einander die glänzenden Dinge. Passt in die Jackentasche und dauert eine Zugfahrt "
        "lang.",
        one(850, 120, 220),
        Art("glyph", ("Krähen-", "mau"), "black-bird", "#2D3142"),
        Counted((11,)),
        safety=Safety(*WUERFEL, model="Art. 131, 66 Karten, CE", warnings="Ab 6 Jahren."),
    ),
    Ware(
        "Puzzle „Markttag im Regen“",
        "kind-spiel",
        "Ein Wimmelbild voller Schirme: Auf jedem dritten Teil ist ein Hund versteckt. Die Pappe ist dick genug, dass "
        "nichts verrutscht.",
        (
            Choice("48 große Teile", 1250, 48, "piece", 480, 2200, availability=Counted((3,))),
            Choice("500 Teile", 1690, 500, "piece", 620, 2400, availability=Counted((4,))),
            Choice("1000 Teile", 1990, 1000, "piece", 880, 2900, availability=Counted((2,))),
        ),
        Art("glyph", ("Markttag",), "puzzle-piece", "#4AA3A2"),
        Counted((9,)),
        safety=Safety(*WUERFEL, model="Art. 310 bis 312, CE", warnings=SMALL),
    ),
    Ware(
        "Schachkassette zum Aufklappen",
        "kind-spiel",
        "Das Brett ist zugleich der Kasten, die Figuren aus Buchsbaum liegen darin in Filzmulden. Springer mit "
        "richtigen Nüstern.",
        one(4450, 1450, 3800),
        Art("glyph", ("Schach",), "chess-pawn", "#6B4A2B"),
        Counted((2,)),
        safety=Safety(*WUERFEL, model="Art. 402, Feld 40 mm, CE", warnings=SMALL),
    ),
    Ware(
        "Legespiel für die Allerkleinsten",
        "kind-spiel",
        "Sechs Tiere, jedes aus zwei dicken Holzhälften. Man darf ruhig hineinbeißen, der Lack hält das aus.",
        one(1590, 540, 1300),
        Art("box", ("Zwei", "Hälften"), colour="#8BBF5A"),
        Counted((5,)),
        safety=Safety(*DRECHSEL, model="Legespiel LS-6, CE", warnings="Ab 12 Monaten."),
    ),
)

SOFT_AND_OUTSIDE = (
    Ware(
        "Teddybär „Bruno Brummig“",
        "kind-spiel",
        "Gelenkig an Armen und Beinen, mit Mohair bezogen und fest mit Schafwolle gestopft. Brummt, wenn man ihn "
        "kippt, und sitzt ohne Lehne.",
        (
            Choice("28 cm", 4900, 1, "piece", 420, 5200, availability=Counted((3,))),
            Choice("40 cm", 7900, 1, "piece", 780, 11000, availability=Counted((1,))),
        ),
        Art("glyph", ("Bruno",), "teddy-bear", "#A9713B"),
        Counted((4,)),
        safety=Safety(*PLUESCH, model="Bär BB-28 und BB-40, CE", warnings="Ab 3 Jahren, Brummstimme im Bauch."),
    ),
    Ware(
        "Handpuppe Fuchs Fridegar",
        "kind-spiel",
        "Das Maul lässt sich öffnen, in der Bauchtasche steckt ein gestohlenes Filzei. Die Öffnung passt auch großen "
        "Händen.",
        one(2750, 190, 2400),
        Art("glyph", ("Fridegar",), "fox", "#D2691E"),
        Counted((4,)),
        safety=Safety(*PLUESCH, model="Handpuppe HP-F, CE", warnings=SMALL),
    ),
    Ware(
        "Schmusetuch mit Zipfelmaus",
        "kind-spiel",
        "Doppelt gewebte Baumwollgaze, an jeder Ecke ein Knoten zum Lutschen. Darf bei sechzig Grad in die Maschine.",
        each(1690, 80, 600, {"Pfefferminz": 4, "Apricot": 3}),
        Art("glyph", ("Zipfel-", "maus"), "mouse", "#9FD3C7"),
        Counted((7,)),
        fibres="100 % Baumwolle",
        safety=Safety(*PLUESCH, model="Schmusetuch ST-M, CE", warnings="Ab Geburt geeignet."),
    ),
    Ware(
        "Einleiner-Drachen „Stoppelfeld“",
        "kind-spiel",
        "Fliegt ab Windstärke zwei, Stäbe aus Esche, Segel aus Spinnaker. Der Schwanz ist drei Meter lang und lässt "
        "sich abknöpfen.",
        one(2490, 310, 2600),
        Art("glyph", ("Stoppel-", "feld"), "kite", "#E63E6D"),
        Counted((6,)),
        safety=Safety(*LUFTIG, model="Drachen ED-85, CE", warnings=CORD + " Nicht bei Gewitter steigen lassen."),
    ),
    Ware(
        "Wurfring fürs Schwimmbad und die Wiese",
        "kind-spiel",
        "Segelt geradeaus, weil der Rand dicker ist als die Mitte, und schwimmt oben. Ein weicher Griff schont die "
        "Finger.",
        each(690, 110, 900, {"orange": 5, "türkis": 5}),
        Art("glyph", ("Wurfring",), "flying-disc", "#17A2B8"),
        Counted((10,)),
        safety=Safety(*LUFTIG, model="Wurfring WR-25, CE", warnings="Ab 5 Jahren. Nicht gegen Personen werfen."),
    ),
    Ware(
        "Springseil mit Eschengriffen",
        "kind-spiel",
        "Geflochtene Baumwolle, die sich nicht verdreht, Länge durch einen Knoten einstellbar. Auf dem Schulhof noch "
        "immer unschlagbar.",
        one(790, 190, 500),
        Art("glyph", ("Spring-", "seil"), "knot", "#F06C9B"),
        Counted((8,)),
        safety=Safety(*LUFTIG, model="Springseil SE-240, CE", warnings=CORD),
    ),
    Ware(
        "Luftballons im Zehnerbeutel",
        "kind-spiel",
        "Aus Naturkautschuk, prall rund und mit langem Hals zum Zuknoten. Bunt gemischt, Rosa fehlt nie.",
        one(320, 35, 80, 10),
        Art("glyph", ("Ballons",), "balloon", "#E53935"),
        Counted((18,)),
        safety=Safety(
            *LUFTIG,
            model="Ballon 28 cm, CE",
            warnings="Achtung! Kinder unter acht Jahren können an nicht aufgeblasenen oder geplatzten "
            "Ballons ersticken. Die Aufsicht durch Erwachsene ist erforderlich.",
        ),
    ),
    Ware(
        "Wachsmalblöcke im Blechkästchen",
        "kind-spiel",
        "Acht Farben aus Bienenwachs, für kleine Fäuste geformt. Kanten für Linien, Flächen für Himmel und Wiese.",
        one(1190, 190, 320, 8),
        Art("tin", ("Wachs-", "malblöcke"), colour="#F4A300"),
        Counted((7,)),
        safety=Safety(*WUERFEL, model="Malblöcke MB-8, CE", warnings="Ab 3 Jahren."),
    ),
    Ware(
        "Schlitten aus Esche",
        "kind-spiel",
        "Gebogene Kufen mit Stahlband, Sitzfläche aus fünf Leisten. Trägt zwei Kinder oder einen übermütigen Vater den "
        "Hang am Schlosspark hinunter.",
        (
            Choice("80 cm", 6900, 1, "piece", 4300, 62000, availability=Counted((2,))),
            Choice("110 cm", 8500, 1, "piece", 5600, 88000, availability=Counted((1,))),
        ),
        Art("glyph", ("Schlitten",), "sled", "#7FB2E5"),
        Counted((2,)),
        safety=Safety(
            *DRECHSEL, model="Rodel RO-80 und RO-110, CE", warnings="Ab 3 Jahren nur mit Begleitung. Helm tragen."
        ),
    ),
)

SELLER = Seller(
    slug="spielwaren-kreiselmaus",
    name="Spielwaren Kreiselmaus",
    legal_name="Kreiselmaus Spielwaren GbR",
    legal_form="GbR",
    represented_by="Hedwig Sandkuhl und Ansgar Sandkuhl",
    kind="retail",
    street="Kramerstraße 11",
    zip="06712",
    city="Zeitz",
    phone="03441 555 041",
    email="spielwaren@markt.example",
    vat_id="DE910283745",
    about="Geschwister Sandkuhl haben jedes Spiel im Regal selbst gespielt und jedes Holztier einmal fallen lassen. "
    "Der Testtisch im Laden gehört den Kindern, auch wenn niemand etwas kauft.",
    places=(
        Place(
            slug="kreiselmaus-kramerstrasse",
            name="Spielwaren Kreiselmaus",
            street="Kramerstraße",
            number="11",
            zip="06712",
            city="Zeitz",
            hours=(
                Hours((0, 1, 3, 4), "10:00", "18:00"),
                Hours((2,), "10:00", "13:00"),
                Hours((5,), "09:30", "13:30"),
            ),
            tagline="Hier darf alles angefasst werden",
            text="Ein langer, schmaler Laden mit einer Holzeisenbahn unter der Decke. Mittwochnachmittag reparieren "
            "wir Puppenarme und haben deshalb zu.",
            entrance="Rote Tür, zwei Stufen, Handlauf links; Kinderwagen bitte an die Seitentür",
            back_door="Seitentür im Durchgang zur Querstraße, stufenlos",
            bell="Kreiselmaus Lager",
            contact_name="Ansgar Sandkuhl",
            contact_phone="03441 555 042",
            parking="Halten in der Querstraße möglich, der Durchgang ist 25 Meter lang",
            phone="03441 555 041",
            accessibility=("Stufenloser Zugang über die Seitentür", "Wickeltisch und Sitzbank", "Gänge 110 cm breit"),
        ),
    ),
    wares=WOODEN + GAMES + SOFT_AND_OUTSIDE,
    tags=("Holzspielzeug", "Spiele", "Testtisch"),
)
