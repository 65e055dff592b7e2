"""The wares of Schuhhaus Leistenhof. `fibres` names the upper; lining and sole stand in the text."""

from collections.abc import Iterable

from market.demo.model import Art, Choice, Counted, Safety, ThreeState, Ware
from market.demo.town._build import Maker, each, one, sizes

RAHMEN: Maker = ("Schuhfabrik Rahmennaht KG", "Leisten 17, 00331 Hallhausen", "service@rahmennaht.example")
KORKEN: Maker = ("Korkenzieher Bequemschuhe", "Am Fußweg 6, 00417 Finkenrode", "fuss@korkenzieher-schuh.example")
GIPFEL: Maker = ("Bergschuhmacherei Steigholz", "Passstraße 30, 00588 Obertannwald", "sohle@steigholz.example")
ZWERG: Maker = ("Kinderschuh Trippeltrapp", "Hopfenweg 12, 00264 Steinlinde", "trippel@trippeltrapp.example")
STRUMPF: Maker = ("Strumpfstrickerei Ringelreih", "Spulenhof 3, 00264 Steinlinde", "masche@ringelreih.example")
PFLEGE: Maker = ("Lederpflege Glanzbürste", "Wachsgasse 9, 00331 Hallhausen", "glanz@glanzbuerste.example")


def _run(price: int, weight_g: int, volume_ml: int, run: Iterable[int]) -> tuple[Choice, ...]:
    """Sizes of a ware whose shelf is judged as a whole (three states), not counted pair by pair."""
    return tuple(Choice(f"Größe {size}", price, 1, "piece", weight_g, volume_ml) for size in run)


LADIES = (
    Ware(
        "Stiefelette „Amtsgang“ mit Reißverschluss",
        "mode-schuhe",
        "Glattes Rindleder mit Blockabsatz von vier Zentimetern, innen warm mit Lammfell gefüttert. Die Gummisohle "
        "rollt leise über Fliesen.",
        sizes(11995, 980, 9800, {36: 1, 37: 2, 38: 3, 39: 2, 40: 1, 41: 1}),
        Art("glyph", ("Amtsgang",), "womans-boot", "#3B1F1A"),
        Counted((10,)),
        fibres="100 % Rindleder",
        safety=Safety(*RAHMEN, model="Modell 5120-AG, Obermaterial Leder"),
    ),
    Ware(
        "Ballerina „Probentag“",
        "mode-schuhe",
        "So weich, dass er sich in die Handtasche rollen lässt. Ziegenvelours außen, Schweinsleder innen, Sohle "
        "zweimal genäht.",
        sizes(6995, 360, 4200, {37: 2, 38: 2, 39: 3, 40: 1}),
        Art("glyph", ("Probentag",), "ballet-shoes", "#D98AA0"),
        Counted((8,)),
        fibres="100 % Ziegenvelours",
        safety=Safety(*RAHMEN, model="Modell 2203-BA"),
    ),
    Ware(
        "Slipper „Feierabend“ aus Hirschleder",
        "mode-schuhe",
        "Für breite Füße in Weite H geschnitten, das Wechselfußbett lässt Einlagen Platz. Wer den ganzen Tag im Laden "
        "steht, kommt hierfür wieder.",
        sizes(9495, 540, 6400, {37: 1, 38: 2, 39: 2, 40: 2, 41: 1, 42: 1}),
        Art("glyph", ("Feierabend",), "flat-shoe", "#7A5C3E"),
        Counted((9,)),
        fibres="100 % Hirschleder",
        safety=Safety(*KORKEN, model="Modell FA-H"),
    ),
    Ware(
        "Riemchensandale „Kirschernte“",
        "mode-schuhe",
        "Drei verstellbare Riemen und ein Korkbett, das sich in der ersten Woche anpasst. Restpaare vom Sommer, wir "
        "räumen noch einmal nach.",
        _run(5995, 480, 5600, (36, 38, 39, 41)),
        Art("glyph", ("Kirsch-", "ernte"), "womans-sandal", "#C0392B"),
        ThreeState(("on_request",), 24),
        fibres="100 % Rindleder",
        safety=Safety(*KORKEN, model="Modell KE-3, Sommerware"),
    ),
    Ware(
        "Pumps „Standesamt“",
        "mode-schuhe",
        "Sechs Zentimeter Absatz, der nicht klackt, weil die Kappe aus Gummi ist. In Creme bleibt er auch nach der "
        "Hochzeit tragbar.",
        sizes(8995, 620, 6100, {36: 1, 37: 1, 38: 2, 39: 1}),
        Art("glyph", ("Standes-", "amt"), "high-heeled-shoe", "#EADFC8"),
        Counted((5,)),
        fibres="100 % Kalbleder",
        safety=Safety(*RAHMEN, model="Modell 6010-ST"),
    ),
    Ware(
        "Hüttenschuh aus Walkwolle",
        "mode-schuhe",
        "Gewalkte Wolle am Stück geformt, darunter eine aufgenähte Ledersohle. Fußbodenkälte im Altbau bleibt, wo sie "
        "hingehört.",
        sizes(4495, 380, 4900, {37: 3, 38: 4, 39: 4, 40: 2, 41: 2}),
        Art("box", ("Hütten-", "schuh"), colour="#5B7065"),
        Counted((15,)),
        fibres="100 % Schurwolle",
        safety=Safety(*KORKEN, model="Modell HF-1"),
    ),
    Ware(
        "Gummistiefel „Hochwasser“ in Senfgelb",
        "mode-schuhe",
        "Aus Naturkautschuk gegossen, mit herausnehmbarer Innensohle und Schlaufe zum Aufhängen. Getestet an der "
        "Elster, knöcheltief.",
        _run(4995, 1450, 12500, (37, 38, 39, 40, 41)),
        Art("box", ("Gummi-", "stiefel"), colour="#E0B020"),
        ThreeState(("in_shop",), 3),
        fibres="100 % Naturkautschuk",
        safety=Safety(*GIPFEL, model="Modell GS-D"),
    ),
)

MEN = (
    Ware(
        "Halbschuh „Kontorgang“, rahmengenäht",
        "mode-schuhe",
        "Klassischer Derby aus schwarzem Boxcalf, der mehrmals neu besohlt werden kann. Die ersten drei Tage drückt "
        "er, danach nie wieder.",
        sizes(18900, 1180, 8800, {41: 1, 42: 2, 43: 2, 44: 1, 45: 1}),
        Art("glyph", ("Derby",), "mans-shoe", "#1B1B1B"),
        Counted((7,)),
        fibres="100 % Kalbleder",
        safety=Safety(*RAHMEN, model="Modell 1001-KG"),
    ),
    Ware(
        "Schnürstiefel „Rangierer“",
        "mode-schuhe",
        "Grobes Fettleder, Doppelnaht an der Kappe und Haken statt Ösen oben. Früher trug man ihn am Gleis, heute zur "
        "Jeans.",
        sizes(15900, 1580, 10900, {41: 1, 42: 2, 43: 3, 44: 2, 46: 1}),
        Art("glyph", ("Rangierer",), "hiking-boot", "#5A3A22"),
        Counted((9,)),
        fibres="100 % Rindleder",
        safety=Safety(*GIPFEL, model="Modell RG-8"),
    ),
    Ware(
        "Wanderschuh „Kammweg“ halbhoch",
        "mode-schuhe",
        "Nubukleder mit wasserabweisender Membran und tiefem Profil, Knöchel gepolstert. Bequem vom ersten Schritt "
        "an, zwei Abendrunden vor der großen Tour schaden nicht.",
        sizes(16995, 1340, 11200, {40: 1, 42: 2, 43: 2, 44: 2, 45: 1}),
        Art("glyph", ("Kammweg",), "hiking-boot", "#6A5B3D"),
        Counted((8,)),
        fibres="85 % Rindleder, 15 % Polyamid",
        safety=Safety(*GIPFEL, model="Modell KW-M, Membran fest verklebt"),
    ),
    Ware(
        "Laufschuh „Auenrunde“",
        "mode-schuhe",
        "Luftiges Strickobermaterial, acht Millimeter Sprengung, Reflexstreifen an der Ferse. Auf Waldboden so bequem "
        "wie auf dem Radweg.",
        _run(10995, 610, 8200, (41, 42, 43, 44, 45, 46)),
        Art("glyph", ("Auenrunde",), "running-shoe", "#1E88E5"),
        ThreeState(("in_shop",), 9),
        fibres="80 % Polyester, 20 % Elasthan",
        safety=Safety(*GIPFEL, model="Modell AR-26"),
    ),
    Ware(
        "Mokassin „Liegestuhl“",
        "mode-schuhe",
        "Ungefüttert und am Rist von Hand zusammengezogen, die Noppensohle reicht bis zur Ferse hoch. Ein Schuh für "
        "Balkon, Auto und Eisdiele.",
        sizes(8495, 590, 6300, {41: 1, 42: 1, 43: 2, 44: 1}),
        Art("glyph", ("Liegestuhl",), "flat-shoe", "#2E4A6B"),
        Counted((5,)),
        fibres="100 % Rindvelours",
        safety=Safety(*RAHMEN, model="Modell 3307-MO"),
    ),
    Ware(
        "Hauspantoffel „Zeitung holen“",
        "mode-schuhe",
        "Kariert wie bei Großvater, doch mit rutschfester Sohle für die Treppe zum Briefkasten. Hinten offen, vorn "
        "warm.",
        _run(2995, 420, 5200, (41, 42, 43, 44, 45)),
        Art("box", ("Haus-", "pantoffel"), colour="#8C3B3B"),
        ThreeState(("in_shop",), 18),
        fibres="60 % Wolle, 40 % Polyester",
        safety=Safety(*KORKEN, model="Modell ZH-K"),
    ),
    Ware(
        "Zehentrenner fürs Freibad",
        "mode-schuhe",
        "Schwimmt, falls er ins Becken fällt, und trocknet in der Sonne binnen Minuten. Der Steg zwischen den Zehen "
        "ist textil und scheuert nicht.",
        _run(1495, 260, 2600, (40, 42, 44, 46)),
        Art("glyph", ("Freibad",), "thong-sandal", "#00A8A8"),
        ThreeState(("out",), 40),
        fibres="100 % Kautschuk",
        safety=Safety(*KORKEN, model="Modell FB-Z"),
    ),
)

CHILDREN = (
    Ware(
        "Lauflernschuh „Erster Meter“",
        "kind-spiel",
        "Die Sohle biegt sich wie ein Blatt Papier, der Klettriegel geht von der Spitze bis zum Knöchel auf. Wir "
        "messen beide Füßchen im Stehen.",
        sizes(5495, 210, 2300, {20: 2, 21: 3, 22: 2, 23: 1}),
        Art("glyph", ("Erster", "Meter"), "footprints", "#E98E5B"),
        Counted((8,)),
        fibres="100 % Rindleder",
        safety=Safety(*ZWERG, model="Modell EM-K, chromfrei gegerbt"),
    ),
    Ware(
        "Klettschuh „Pausenhof“",
        "kind-spiel",
        "Zwei breite Klettbänder, verstärkte Kappe gegen Bremsmanöver mit dem Roller. Die Sohle hinterlässt keine "
        "schwarzen Striche in der Turnhalle.",
        sizes(4995, 420, 4400, {28: 2, 29: 2, 30: 3, 31: 1, 32: 2, 33: 1}),
        Art("glyph", ("Pausenhof",), "running-shoe", "#43A047"),
        Counted((11,)),
        fibres="70 % Polyester, 30 % Rindvelours",
        safety=Safety(*ZWERG, model="Modell PH-2"),
    ),
    Ware(
        "Winterstiefel „Rodelberg“ für Kinder",
        "kind-spiel",
        "Rundum mit Wollfilz gefüttert, der Schaft lässt sich über der Schneehose festziehen. Kleine "
        "Reflexfelder leuchten im Scheinwerferlicht.",
        sizes(6995, 760, 7200, {26: 1, 27: 2, 29: 2, 31: 2, 33: 1}),
        Art("box", ("Winter-", "stiefel"), colour="#2F5FA8"),
        Counted((8,)),
        fibres="65 % Polyamid, 35 % Rindleder",
        safety=Safety(*ZWERG, model="Modell RB-W"),
    ),
    Ware(
        "Turnschläppchen mit Gummizug",
        "kind-spiel",
        "Weißes Baumwolltuch, geriffelte Sohle, fünf Sekunden zum Anziehen. Namensfeld zum Beschriften auf der "
        "Innenseite.",
        sizes(1695, 170, 1500, {27: 4, 29: 5, 31: 4, 33: 3, 35: 3}),
        Art("glyph", ("Turn-", "schläpp-", "chen"), "flat-shoe", "#F5F5F0"),
        Counted((19,)),
        fibres="100 % Baumwolle",
        safety=Safety(*ZWERG, model="Modell TS-1"),
    ),
)

ACCESSORIES = (
    Ware(
        "Ringelsocken aus Wolle",
        "mode-schuhe",
        "Auf alten Rundstrickmaschinen gearbeitet, die Ferse doppelt verstärkt. Jede Größe trägt ihre eigene "
        "Ringelfarbe, so gibt es nach dem Waschen keinen Streit.",
        each(1395, 90, 350, {"Größe 35–38": 6, "Größe 39–42": 8, "Größe 43–46": 5}),
        Art("glyph", ("Ringel-", "socken"), "socks", "#C2553F"),
        Counted((19,)),
        fibres="70 % Schurwolle, 30 % Polyamid",
        safety=Safety(*STRUMPF, model="Socke R-70"),
    ),
    Ware(
        "Schnürsenkel, gewachst",
        "mode-schuhe",
        "Runder Querschnitt, hält den Doppelknoten bis zum Abend. Bringen Sie den alten Senkel mit, wir legen ihn "
        "daneben.",
        (
            Choice("75 cm, schwarz", 395, 2, "piece", 18, 40, availability=Counted((14,))),
            Choice("90 cm, braun", 425, 2, "piece", 22, 45, availability=Counted((10,))),
            Choice("150 cm für Stiefel", 495, 2, "piece", 34, 60, availability=Counted((6,))),
        ),
        Art("glyph", ("Senkel",), "knot", "#4B3621"),
        Counted((30,)),
        fibres="100 % Baumwolle",
        safety=Safety(*PFLEGE, model="Rundsenkel gewachst", warnings="Von Kleinkindern fernhalten."),
    ),
    Ware(
        "Schuhcreme mit Bienenwachs",
        "mode-schuhe",
        "Dünn auftragen, über Nacht stehen lassen, morgens mit der Rosshaarbürste polieren. Die Dose hat einen Knebel "
        "zum Öffnen.",
        each(690, 130, 140, {"schwarz": 9, "mittelbraun": 7, "farblos": 8}, 75, "ml"),
        Art("tin", ("Schuh-", "creme"), colour="#2A2320"),
        Counted((24,)),
        safety=Safety(
            *PFLEGE, model="Creme SC-75", warnings="Entzündbar. Darf nicht in die Hände von Kindern gelangen."
        ),
    ),
    Ware(
        "Rosshaarbürste mit Buchengriff",
        "mode-schuhe",
        "Dichter Besatz, wie ihn Schuhputzer mögen, und ein Rücken, der in der Hand liegt. Eine für dunkle, eine für "
        "helle Schuhe erspart Ärger.",
        each(1150, 140, 550, {"dunkles Haar": 5, "helles Haar": 5}),
        Art("box", ("Rosshaar-", "bürste"), colour="#8B5E3C"),
        Counted((10,)),
        safety=Safety(*PFLEGE, model="Bürste RH-17"),
    ),
    Ware(
        "Einlegesohle aus Lammfell",
        "mode-schuhe",
        "Echtes Fell auf dünnem Latex, mit der Haushaltsschere passend zu machen. Verwandelt Gummistiefel in "
        "Winterstiefel.",
        each(1290, 85, 420, {"Größe 36/37": 4, "Größe 38/39": 6, "Größe 40/41": 5, "Größe 42/43": 5}, 2),
        Art("bag", ("Lammfell-", "sohle"), colour="#B79F78"),
        Counted((20,)),
        fibres="100 % Lammfell",
        safety=Safety(*PFLEGE, model="Sohle LF, 1 Paar"),
    ),
    Ware(
        "Schuhspanner aus Zedernholz",
        "mode-schuhe",
        "Zieht über Nacht die Feuchtigkeit heraus und hält das Leder glatt. Mit Feder in der Mitte, daher für zwei "
        "Größen passend.",
        one(2490, 780, 3400, 2),
        Art("box", ("Schuh-", "spanner", "Zeder"), colour="#B5793F"),
        ThreeState(("in_shop",), 21),
        safety=Safety(*PFLEGE, model="Spanner ZH, 1 Paar"),
    ),
)
