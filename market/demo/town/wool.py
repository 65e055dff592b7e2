"""Wollstube Knäuelfein: an invented wool shop. Balls are sold by weight, so every colour says its grams."""

from market.demo.model import Art, Choice, Counted, Hours, Place, Safety, Seller, Ware
from market.demo.town._build import Maker, each, one

SPINNEREI: Maker = ("Spinnerei Flachsbach", "Wehr 3, 00588 Obertannwald", "faden@flachsbach.example")
FAERBEREI: Maker = ("Handfärberei Krappwurz", "Kesselhof 9, 00417 Finkenrode", "bottich@krappwurz.example")
NADELN: Maker = ("Nadelmacherei Spitzbein", "Drahtzug 2, 00264 Steinlinde", "oehr@spitzbein.example")
SHOP: Maker = (
    "Wollstube Knäuelfein, Inh. Friederun Matzke",
    "Messerschmiedestraße 5, 06712 Zeitz",
    "wolle@markt.example",
)

SHARP = "Spitze Enden: von kleinen Kindern fernhalten."

YARN = (
    Ware(
        "Sockengarn „Elsterufer“",
        "wolle-handarbeit",
        "Vierfädig und mit Polyamid verstärkt, hundert Gramm ergeben ein Paar bis Größe 43. Läuft in der Maschine bei "
        "vierzig Grad nicht ein.",
        each(990, 105, 420, {"Kieselgrau": 8, "Schilf": 6, "Abendrot": 5, "Tintenblau": 7}, 100, "g"),
        Art("glyph", ("Elster-", "ufer"), "yarn", "#5F8575"),
        Counted((26,)),
        fibres="75 % Schurwolle, 25 % Polyamid",
        safety=Safety(*SPINNEREI, model="Lauflänge 420 m, Partie 2608"),
    ),
    Ware(
        "Merino „Windstille“",
        "wolle-handarbeit",
        "Kratzt nicht einmal am Hals, deshalb stricken junge Eltern damit Mützchen. Extrafein, weich gezwirnt, "
        "Nadelstärke dreieinhalb.",
        each(795, 55, 260, {"Puder": 9, "Wolkenweiß": 12, "Eisvogel": 6, "Haferkeks": 7, "Lakritz": 4}, 50, "g"),
        Art("glyph", ("Windstille",), "yarn", "#E8C4C4"),
        Counted((38,)),
        fibres="100 % Schurwolle (Merino)",
        safety=Safety(*SPINNEREI, model="Lauflänge 160 m, Partie 2611"),
    ),
    Ware(
        "Handgefärbter Strang „Novemberbeet“",
        "wolle-handarbeit",
        "Im Kupferkessel mit Krapp, Walnuss und Indigo übergossen, jeder Strang ein Einzelstück. Für ein Tuch bitte "
        "gleich zwei aus demselben Topf nehmen.",
        each(2450, 108, 600, {"Krapp und Rost": 3, "Walnuss und Moos": 4, "Indigo und Nebel": 2}, 100, "g"),
        Art("glyph", ("November-", "beet"), "yarn", "#9C3D2A"),
        Counted((9,)),
        fibres="80 % Schurwolle, 20 % Seide",
        safety=Safety(*FAERBEREI, model="Färbung 44", warnings="Farbe kann beim ersten Waschen ausbluten."),
    ),
    Ware(
        "Alpakagarn „Anden im Nebel“",
        "wolle-handarbeit",
        "Hauchdünner Flor auf feiner Seele, wärmt mehr, als es wiegt. Wird doppelt gestrickt herrlich flauschig.",
        each(1190, 54, 480, {"Silber": 5, "Kamel": 4, "Heidelbeere": 3}, 50, "g"),
        Art("glyph", ("Alpaka",), "llama", "#B9A48B"),
        Counted((12,)),
        fibres="70 % Alpaka, 23 % Polyamid, 7 % Schurwolle",
        safety=Safety(*SPINNEREI, model="Lauflänge 210 m, Partie 2603"),
    ),
    Ware(
        "Schafwolle vom Deich, dick",
        "wolle-handarbeit",
        "Riecht noch ein wenig nach Stall und filzt auf Wunsch wie von selbst. Aus ihr werden bei uns Stuhlkissen und "
        "Gartenjacken.",
        each(690, 106, 650, {"ungefärbt": 10, "Torf": 6, "Flechte": 5}, 100, "g"),
        Art("glyph", ("Deich-", "schaf"), "ewe", "#D9D0BF"),
        Counted((21,)),
        fibres="100 % Schurwolle",
        safety=Safety(*SPINNEREI, model="Lauflänge 90 m, Partie 2509"),
    ),
    Ware(
        "Baumwollgarn „Topflappen“",
        "wolle-handarbeit",
        "Fest gedreht, hitzeverträglich und bei sechzig Grad waschbar. In den Farben, die in Omas Küche hingen.",
        each(395, 53, 210, {"Tomate": 9, "Senf": 8, "Petersilie": 6, "Emailleblau": 7}, 50, "g"),
        Art("glyph", ("Topf-", "lappen"), "yarn", "#E4572E"),
        Counted((30,)),
        fibres="100 % Baumwolle",
        safety=Safety(*SPINNEREI, model="Lauflänge 125 m, Partie 2610"),
    ),
    Ware(
        "Leinengarn „Sommerküche“",
        "wolle-handarbeit",
        "Anfangs etwas störrisch, nach der dritten Wäsche weich und glänzend. Ergibt Spültücher, die niemand mehr "
        "hergibt.",
        each(850, 53, 180, {"Flachs": 5, "Rote Bete": 3, "Salzblau": 4}, 50, "g"),
        Art("glyph", ("Leinen",), "thread", "#CDBB8B"),
        Counted((12,)),
        fibres="100 % Leinen",
        safety=Safety(*SPINNEREI, model="Lauflänge 140 m, Partie 2605"),
    ),
    Ware(
        "Mohair mit Seide „Pusteblume“",
        "wolle-handarbeit",
        "Wie ein Hauch, und doch hält er die Form. Zusammen mit Merino verstrickt bekommt jeder Pullover einen "
        "Heiligenschein.",
        each(1350, 27, 300, {"Löwenzahn": 4, "Distel": 4, "Kreide": 6}, 25, "g"),
        Art("glyph", ("Puste-", "blume"), "yarn", "#F0DE8C"),
        Counted((14,)),
        fibres="72 % Mohair, 28 % Seide",
        safety=Safety(*SPINNEREI, model="Lauflänge 210 m, Partie 2609"),
    ),
    Ware(
        "Häkelgarn für Spitzen",
        "wolle-handarbeit",
        "Mercerisiert und so fein, dass ein Knäuel für drei Deckchen genügt. Nadelstärke eins, gute Lampe empfohlen.",
        each(450, 22, 70, {"Weiß": 12, "Ecru": 9, "Bordeaux": 4}, 20, "g"),
        Art("glyph", ("Spitze",), "thread", "#FFF4E0"),
        Counted((25,)),
        fibres="100 % Baumwolle",
        safety=Safety(*SPINNEREI, model="Stärke 10, Partie 2512"),
    ),
    Ware(
        "Filzwolle im Kardenband",
        "wolle-handarbeit",
        "Lockeres Band aus acht Farben zum Nass- und Trockenfilzen. Reicht für ein halbes Dutzend Zwerge samt Bärten.",
        one(1290, 110, 1900, 100, "g"),
        Art("bag", ("Filz-", "wolle", "8 Farben"), colour="#7AA95C"),
        Counted((8,)),
        fibres="100 % Schurwolle",
        safety=Safety(*FAERBEREI, model="Mischung FW-8"),
    ),
    Ware(
        "Stopftwist auf dem Kärtchen",
        "wolle-handarbeit",
        "Für Löcher an Ferse und Ellbogen, vierfach teilbar. Die Kärtchen liegen nach Farbkreis sortiert neben der "
        "Kasse.",
        each(190, 7, 20, {"Schwarz": 14, "Marine": 10, "Grau meliert": 9, "Rot": 3}, 5, "g"),
        Art("glyph", ("Stopf-", "twist"), "thread", "#3F4E6B"),
        Counted((36,)),
        fibres="55 % Schurwolle, 45 % Polyamid",
        safety=Safety(*SPINNEREI, model="Stopfgarn, Karte 5 g"),
    ),
)

TOOLS = (
    Ware(
        "Rundstricknadel aus Birke",
        "wolle-handarbeit",
        "Warme, leise Spitzen und ein Seil, das sich nicht merkt, wie es aufgerollt war. Übergang ohne fühlbare Kante.",
        each(890, 25, 220, {"3,5 mm, 60 cm": 5, "4,0 mm, 80 cm": 6, "5,0 mm, 80 cm": 4, "7,0 mm, 100 cm": 2}),
        Art("glyph", ("Rund-", "nadel"), "curly-loop", "#C69C6D"),
        Counted((17,)),
        safety=Safety(*NADELN, model="Reihe RB", warnings=SHARP),
    ),
    Ware(
        "Nadelspiel aus Olivenholz",
        "wolle-handarbeit",
        "Fünf Nadeln, zwanzig Zentimeter lang, poliert bis in die Spitze. Sie werden mit jedem Paar Socken ein "
        "bisschen dunkler.",
        each(1590, 30, 130, {"Stärke 2,5": 4, "Stärke 3,0": 3}, 5),
        Art("box", ("Nadel-", "spiel"), colour="#7B6B43"),
        Counted((7,)),
        safety=Safety(*NADELN, model="Reihe NO", warnings=SHARP),
    ),
    Ware(
        "Häkelnadel mit weichem Griff",
        "wolle-handarbeit",
        "Der Kopf gleitet, ohne zu spalten, der Griff schont müde Daumen. Empfohlen von der Häkelrunde am Donnerstag.",
        each(590, 20, 90, {"3,0 mm": 6, "4,0 mm": 8, "6,0 mm": 4}),
        Art("box", ("Häkel-", "nadel"), colour="#B76E99"),
        Counted((18,)),
        safety=Safety(*NADELN, model="Reihe HG", warnings=SHARP),
    ),
    Ware(
        "Stopfpilz aus Kirschholz",
        "wolle-handarbeit",
        "Gedrechselt, mit Magnet im Fuß, an dem die Nadel wartet. Wer ihn einmal in der Hand hatte, stopft tatsächlich "
        "wieder.",
        one(1450, 95, 350),
        Art("glyph", ("Stopf-", "pilz"), "mushroom", "#8E3B2E"),
        Counted((5,)),
        safety=Safety(*NADELN, model="SP-60", warnings="Enthält einen Magneten. Nicht in Kinderhände geben."),
    ),
    Ware(
        "Sticknadeln im Röhrchen",
        "wolle-handarbeit",
        "Sechs Stück mit langem, vergoldetem Öhr und stumpfer Spitze. Das Holzröhrchen schließt mit einem Korken.",
        one(490, 12, 30, 6),
        Art("glyph", ("Stick-", "nadeln"), "sewing-needle", "#D4AF37"),
        Counted((11,)),
        safety=Safety(*NADELN, model="SN-6 sortiert", warnings="Kleinteile: von kleinen Kindern fernhalten."),
    ),
    Ware(
        "Maschenmarkierer „Kleingetier“",
        "geschenke",
        "Zehn Sicherheitsnadeln ohne Wendel, an jeder hängt ein winziges Emailletier. Die Schnecke markiert bei uns "
        "immer den Rundenanfang.",
        one(990, 25, 60, 10),
        Art("glyph", ("Klein-", "getier"), "safety-pin", "#4DB6AC"),
        Counted((9,)),
        safety=Safety(*NADELN, model="MM-10", warnings="Verschluckbare Kleinteile."),
    ),
    Ware(
        "Wollschale mit Fadenlauf",
        "geschenke",
        "Getöpfert, mit geschwungenem Schlitz, durch den der Faden läuft, während das Knäuel drinnen tanzt. Schwer "
        "genug, dass die Katze sie nicht umwirft.",
        each(3250, 890, 3200, {"Taubenblau": 2, "Eierschale": 2}),
        Art("glyph", ("Woll-", "schale"), "yarn", "#7D9BB5"),
        Counted((4,)),
        safety=Safety(*SHOP, model="Handarbeit, Ø 15 cm"),
    ),
    Ware(
        "Maßband im Lederetui",
        "wolle-handarbeit",
        "Anderthalb Meter, Zentimeter auf der einen und Zoll auf der anderen Seite. Springt auf Druck zurück, ohne zu "
        "schnalzen.",
        one(890, 55, 60),
        Art("tin", ("Maß-", "band"), colour="#A0522D"),
        Counted((6,)),
        safety=Safety(*NADELN, model="MB-150"),
    ),
)

READY = (
    Ware(
        "Socken, von der Donnerstagsrunde gestrickt",
        "mode-schuhe",
        "Sieben Frauen und ein pensionierter Lokführer stricken, der Erlös zahlt den Kaffee. Jedes Paar trägt innen "
        "ein Zettelchen mit dem Namen.",
        each(2200, 95, 420, {"Größe 36/37": 3, "Größe 38/39": 4, "Größe 40/41": 3, "Größe 42/43": 2}),
        Art("glyph", ("Donners-", "tag"), "socks", "#6A4C93"),
        Counted((12,)),
        fibres="75 % Schurwolle, 25 % Polyamid",
        safety=Safety(*SHOP, model="Handgestrickt, Herbst 2026"),
    ),
    Ware(
        "Schal im Perlmuster",
        "mode-schuhe",
        "Zwei Meter lang, ungefärbte Merinowolle, an den Enden schlicht abgekettet. Passt zu jedem Mantel und kratzt "
        "keinen.",
        one(6900, 290, 1900),
        Art("glyph", ("Perl-", "muster"), "scarf", "#C8B8A0"),
        Counted((2,)),
        fibres="100 % Schurwolle (Merino)",
        safety=Safety(*SHOP, model="Handgestrickt, Einzelstücke"),
    ),
    Ware(
        "Fäustlinge an der Kordel",
        "kind-spiel",
        "Doppelt gestrickt, mit langem Bund unter den Ärmel. Die Kordel läuft durch die Jacke, und kein Handschuh "
        "bleibt mehr am Bahnsteig liegen.",
        each(1890, 70, 380, {"2 bis 3 Jahre": 3, "4 bis 6 Jahre": 4}),
        Art("glyph", ("Fäustling",), "gloves", "#D64550"),
        Counted((7,)),
        fibres="100 % Schurwolle",
        safety=Safety(
            *SHOP, model="Handgestrickt", warnings="Kordel nur durch beide Ärmel geführt verwenden, nicht um den Hals."
        ),
    ),
    Ware(
        "Strickpaket „Erste Mütze“",
        "geschenke",
        "Wolle, Nadelspiel und eine Anleitung in großer Schrift mit Fotos von jedem Schritt. Wer hängenbleibt, ruft an "
        "oder kommt vorbei.",
        (
            Choice("Sonnengelb", 3490, 1, "piece", 210, 1400, availability=Counted((3,))),
            Choice("Waldgrün", 3490, 1, "piece", 210, 1400, availability=Counted((4,))),
        ),
        Art("box", ("Erste", "Mütze"), colour="#E9B44C"),
        Counted((7,)),
        fibres="100 % Schurwolle",
        safety=Safety(*SHOP, model="Paket EM-26", warnings=SHARP),
    ),
)

SELLER = Seller(
    slug="wollstube-knaeuelfein",
    name="Wollstube Knäuelfein",
    legal_name="Wollstube Knäuelfein, Inhaberin Friederun Matzke",
    legal_form="Einzelunternehmen",
    represented_by="Friederun Matzke",
    kind="crafts",
    street="Messerschmiedestraße 5",
    zip="06712",
    city="Zeitz",
    phone="03441 555 071",
    email="wolle@markt.example",
    vat_id="DE924719036",
    about="Friederun Matzke war Weberin, bis die Fabrik schloss, und wickelt heute Stränge am Küchentisch hinter dem "
    "Laden. Donnerstags ab drei sitzt hier die halbe Nachbarschaft und strickt.",
    places=(
        Place(
            slug="knaeuelfein-messerschmiedestrasse",
            name="Wollstube Knäuelfein",
            street="Messerschmiedestraße",
            number="5",
            zip="06712",
            city="Zeitz",
            hours=(
                Hours((1, 2, 4), "10:00", "12:30"),
                Hours((1, 2, 4), "14:00", "17:30"),
                Hours((3,), "10:00", "19:00"),
                Hours((5,), "10:00", "13:00"),
            ),
            tagline="Ein Faden reicht zum Anfangen",
            text="Montags bleibt das Licht aus, da wird gefärbt. Am Donnerstag durchgehend offen, mit Kaffee und fünf "
            "freien Stühlen.",
            entrance="Schmale blaue Tür, eine Stufe, rechts vom Wollkorb",
            back_door="Über den Hof bei Nr. 7, erstes Fenster klopfen",
            bell="Matzke",
            contact_name="Friederun Matzke",
            contact_phone="03441 555 072",
            parking="Gasse nur für Anlieger, mit dem Lastenrad bis vor die Tür, Auto am Altmarkt abstellen",
            phone="03441 555 071",
            accessibility=(
                "Eine Stufe (9 cm), Klapprampe vorhanden",
                "Sitzplätze, ruhige Beratung am Donnerstagvormittag",
            ),
        ),
    ),
    wares=YARN + TOOLS + READY,
    tags=("Wolle", "Stricktreff", "handgefärbt"),
)
