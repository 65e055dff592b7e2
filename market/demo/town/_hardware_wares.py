"""The wares of Eisenwaren Knorrlich. No knives, electrical goods or batteries (law F10, F11)."""

from market.demo.model import Art, Choice, Counted, MadeToOrder, Safety, ThreeState, Ware
from market.demo.town._build import Maker, each, one

SCHMIEDE: Maker = ("Werkzeugschmiede Ambossgrund", "Hammerwerk 1, 00588 Obertannwald", "feuer@ambossgrund.example")
GEWINDE: Maker = ("Schraubenwerk Linksgewinde GmbH", "Drehbank 14, 00331 Hallhausen", "mutter@linksgewinde.example")
HAUS: Maker = ("Haushaltswaren Blechkanne", "Zinkstraße 5, 00264 Steinlinde", "deckel@blechkanne.example")
FARBE: Maker = ("Farbmühle Ockerstein", "Pigmentweg 8, 00417 Finkenrode", "pinsel@ockerstein.example")
SHOP: Maker = ("Eisenwaren Knorrlich OHG", "Naumburger Straße 47, 06712 Zeitz", "eisenwaren@markt.example")

GLASSES = "Beim Arbeiten Schutzbrille tragen."

TOOLS = (
    Ware(
        "Schlosserhammer mit Eschenstiel",
        "haus-werkzeug",
        "Geschmiedeter Kopf auf fest verkeiltem Stiel; bricht er doch einmal, setzen wir einen neuen ein.",
        (
            Choice("300 g", 1690, 1, "piece", 420, 700, availability=Counted((5,))),
            Choice("500 g", 1890, 1, "piece", 640, 900, availability=Counted((4,))),
        ),
        Art("glyph", ("Hammer",), "hammer", "#7A2E22"),
        Counted((9,)),
        safety=Safety(*SCHMIEDE, model="SH-300 und SH-500", warnings=GLASSES),
    ),
    Ware(
        "Ringmaulschlüssel im Rollmäppchen",
        "haus-werkzeug",
        "Acht Weiten von 8 bis 19 Millimeter aus Chromvanadium, jede in ihrer eigenen Stofftasche. Fehlt eine, sieht "
        "man es sofort.",
        one(4290, 1150, 1300, 8),
        Art("glyph", ("8 bis 19",), "wrench", "#5D6D7E"),
        Counted((3,)),
        safety=Safety(*SCHMIEDE, model="RM-8"),
    ),
    Ware(
        "Schraubendreher mit Holzheft",
        "haus-werkzeug",
        "Durchgehende Klinge mit Schlagkappe, das Heft aus Weißbuche dreht sich nicht aus der Hand. Für Leute, die "
        "einen fürs Leben wollen.",
        (
            Choice("Schlitz 5,5 mm", 990, 1, "piece", 110, 260, availability=Counted((6,))),
            Choice("Kreuz PH 2", 1050, 1, "piece", 120, 260, availability=Counted((7,))),
            Choice("Kreuz PZ 2", 1050, 1, "piece", 120, 260, availability=Counted((2,))),
        ),
        Art("glyph", ("Holzheft",), "screwdriver", "#C28840"),
        Counted((15,)),
        safety=Safety(
            *SCHMIEDE, model="Reihe HH, kein Spannungsschutz", warnings="Nicht an elektrischen Anlagen verwenden."
        ),
    ),
    Ware(
        "Gliedermaßstab aus Buche",
        "haus-werkzeug",
        "Zwei Meter, zehn Glieder, Federgelenke aus Stahl. Auf der Rückseite steht eine Umrechnung von Daumenbreiten, "
        "die niemand braucht und jeder vorliest.",
        one(790, 135, 190),
        Art("glyph", ("2 Meter",), "straight-ruler", "#E2B13C"),
        ThreeState(("in_shop",), 2),
        safety=Safety(*SCHMIEDE, model="GM-2, Genauigkeitsklasse III"),
    ),
    Ware(
        "Schraubzwinge mit Spindel",
        "haus-werkzeug",
        "Temperguss, brünierte Spindel und Schutzkappen, die nicht abfallen. Zwei davon braucht man immer, drei sind "
        "besser.",
        (
            Choice("Spannweite 20 cm", 1350, 1, "piece", 900, 1600, availability=Counted((6,))),
            Choice("Spannweite 40 cm", 1850, 1, "piece", 1400, 2800, availability=Counted((4,))),
        ),
        Art("glyph", ("Zwinge",), "clamp", "#3E5C76"),
        Counted((10,)),
        safety=Safety(*SCHMIEDE, model="Z-20 und Z-40"),
    ),
    Ware(
        "Werkzeugkasten, fünfteilig",
        "haus-werkzeug",
        "Klappt beim Öffnen treppenförmig auf, hammerschlagblau lackiert. Leer trägt ihn jedes Kind, voll nur noch der "
        "Onkel vom Bau.",
        one(4990, 4300, 18000),
        Art("glyph", ("Kasten",), "toolbox", "#1F5FA6"),
        Counted((4,)),
        safety=Safety(*HAUS, model="WK-5", warnings="Klemmgefahr an den Gelenken."),
    ),
    Ware(
        "Feinsäge mit Rückenschiene",
        "haus-werkzeug",
        "Für Leisten und Zapfen, mit japanischer Zahnung auf Zug. Das Blatt lässt sich in einer Minute wechseln.",
        one(2690, 310, 1400),
        Art("glyph", ("Feinsäge",), "carpentry-saw", "#8D6E63"),
        ThreeState(("on_request",), 11),
        safety=Safety(*SCHMIEDE, model="FS-240", warnings="Scharfe Zähne, Blattschutz nach Gebrauch aufstecken."),
    ),
    Ware(
        "Malerpinsel mit Chinaborste",
        "haus-werkzeug",
        "Hält Lack, ohne zu tropfen, und verliert nach dem ersten Auswaschen kein Haar mehr. Stiel mit Loch zum "
        "Aufhängen.",
        (
            Choice("30 mm", 520, 1, "piece", 45, 180, availability=Counted((12,))),
            Choice("50 mm", 790, 1, "piece", 75, 280, availability=Counted((9,))),
            Choice("70 mm", 1090, 1, "piece", 110, 420, availability=Counted((3,))),
        ),
        Art("glyph", ("Borste",), "paintbrush", "#A93226"),
        Counted((24,)),
        safety=Safety(*FARBE, model="Lackpinsel LP"),
    ),
)

FIXINGS = (
    Ware(
        "Senkkopfschrauben fürs Holz",
        "haus-werkzeug",
        "Gelb verzinkt, mit Bohrspitze und Fräsrippen unterm Kopf, damit nichts reißt. In der Pappschachtel mit "
        "aufgedrucktem Lineal.",
        (
            Choice("4 × 30 mm, 100 Stück", 590, 100, "piece", 190, 180, availability=Counted((15,))),
            Choice("4 × 50 mm, 100 Stück", 790, 100, "piece", 310, 260, availability=Counted((11,))),
            Choice("6 × 100 mm, 25 Stück", 890, 25, "piece", 420, 330, availability=Counted((6,))),
        ),
        Art("box", ("Senkkopf", "Holz"), colour="#D4A017"),
        Counted((32,)),
        safety=Safety(*GEWINDE, model="Charge SK-26-31", warnings="Von Kleinkindern fernhalten, Verschluckungsgefahr."),
    ),
    Ware(
        "Maschinenschrauben mit Mutter, lose",
        "haus-werkzeug",
        "Bei uns kauft man auch vier Stück statt vierhundert: Die Schublade steht hinter der Theke. Festigkeit 8.8, "
        "blank verzinkt.",
        (
            Choice("M6 × 40, vier Stück", 160, 4, "piece", 52, 20),
            Choice("M8 × 60, vier Stück", 240, 4, "piece", 130, 45),
            Choice("M10 × 80, vier Stück", 380, 4, "piece", 280, 90),
        ),
        Art("glyph", ("M6 – M10",), "nut-and-bolt", "#8395A7"),
        ThreeState(("in_shop",), 4),
        safety=Safety(*GEWINDE, model="Reihe MS 8.8"),
    ),
    Ware(
        "Garderobenhaken aus Gusseisen",
        "haus-werkzeug",
        "Schwarz gewachst, nach einem Modell aus dem Treppenhaus gegenüber geformt. Trägt auch den Schulranzen, sofern "
        "der Dübel mitmacht.",
        each(890, 240, 320, {"einfach": 8, "doppelt": 5}),
        Art("box", ("Garde-", "roben-", "haken"), colour="#2C2C2C"),
        Counted((13,)),
        safety=Safety(*SCHMIEDE, model="GH-1 und GH-2, Traglast 8 kg"),
    ),
    Ware(
        "Knotenkette vom Ring",
        "haus-werkzeug",
        "Abgelängt, solange Sie zuschauen, feuerverzinkt und drei Millimeter stark. Für Hoftore, Blumenampeln und "
        "Gießkannen, die wandern.",
        (
            Choice("1 Meter", 420, 1000, "mm", 170, 60),
            Choice("2 Meter", 800, 2000, "mm", 340, 110),
            Choice("5 Meter", 1900, 5000, "mm", 850, 260),
        ),
        Art("glyph", ("Kette",), "chains", "#707B7C"),
        MadeToOrder(1),
        safety=Safety(*GEWINDE, model="KK-3, Traglast 55 kg", warnings="Nicht zum Heben von Personen."),
    ),
    Ware(
        "Hanfseil, gedreht",
        "haus-werkzeug",
        "Riecht nach Scheune und greift sich trocken wie nass. Beide Enden sind schon betakelt, damit nichts "
        "ausfranst.",
        (
            Choice("8 mm, Ring zu 10 m", 1290, 10000, "mm", 480, 1300, availability=Counted((5,))),
            Choice("12 mm, Ring zu 10 m", 2190, 10000, "mm", 1050, 2700, availability=Counted((3,))),
        ),
        Art("glyph", ("Hanfseil",), "knot", "#C8A165"),
        Counted((8,)),
        safety=Safety(*GEWINDE, model="HS-8 und HS-12", warnings="Nicht als Sicherungsseil für Personen geeignet."),
    ),
    Ware(
        "Bügelschloss für Schuppen und Keller",
        "haus-werkzeug",
        "Messingkörper, gehärteter Bügel, zwei Schlüssel. Im Dreiersatz schließt einer alle, und in der Hosentasche "
        "klappert weniger.",
        (
            Choice("40 mm", 1490, 1, "piece", 190, 120, availability=Counted((6,))),
            Choice("60 mm", 2290, 1, "piece", 420, 230, availability=Counted((4,))),
            Choice("40 mm, drei gleichschließend", 4690, 3, "piece", 570, 380, availability=Counted((2,))),
        ),
        Art("glyph", ("Schloss",), "locked", "#C9A227"),
        Counted((10,)),
        safety=Safety(*SCHMIEDE, model="BS-40 und BS-60"),
    ),
    Ware(
        "Regalbrett aus Fichte, zugesägt",
        "haus-werkzeug",
        "Sie nennen das Maß, wir sägen auf den Millimeter, brechen die Kanten und schleifen einmal drüber. Leimholz, "
        "achtzehn Millimeter dick.",
        (
            Choice("bis 60 cm lang, 20 cm tief", 990, 1, "piece", 1000, 2400),
            Choice("bis 100 cm lang, 25 cm tief", 1790, 1, "piece", 2100, 5000),
            Choice("bis 150 cm lang, 30 cm tief", 2890, 1, "piece", 3700, 9000),
        ),
        Art("glyph", ("Fichte",), "wood", "#DDB27A"),
        MadeToOrder(2),
        withdrawal="custom_made",
        safety=Safety(*SHOP, model="Zuschnitt, Fichtenleimholz A/B"),
    ),
    Ware(
        "Namensschild aus Messing, graviert",
        "geschenke",
        "Zwei Zeilen, von Hand mit dem Pantographen gefräst und schwarz ausgelegt. Mit zwei Linsenkopfschrauben, die "
        "wirklich zum Schild passen.",
        one(3450, 160, 90),
        Art("glyph", ("Familie",), "label", "#B8860B"),
        MadeToOrder(6),
        withdrawal="custom_made",
        safety=Safety(*SHOP, model="Schild 100 × 40 mm"),
    ),
)

HOUSE = (
    Ware(
        "Zinkeimer mit Holzgriff",
        "haus-werkzeug",
        "Zwölf Liter, im Ganzen verzinkt und am Boden doppelt gefalzt. Taugt für Asche, Äpfel und Wischwasser.",
        one(1890, 1300, 14000),
        Art("glyph", ("12 Liter",), "bucket", "#95A5A6"),
        Counted((7,)),
        safety=Safety(*HAUS, model="ZE-12", warnings="Nicht für saure Lebensmittel verwenden."),
    ),
    Ware(
        "Reisstrohbesen",
        "haus-werkzeug",
        "Fünfmal vernäht, mit rot lackiertem Stiel. Kommt in Ecken, in denen der Staubsauger aufgibt, und kehrt auch "
        "nasses Laub.",
        one(1690, 720, 9000),
        Art("glyph", ("Besen",), "broom", "#D35400"),
        ThreeState(("in_shop",), 17),
        safety=Safety(*HAUS, model="RB-5"),
    ),
    Ware(
        "Stehleiter aus Eschenholz",
        "haus-werkzeug",
        "Sprossen eingestemmt statt geschraubt, Spreizsicherung aus Gurtband. Zusammengeklappt verschwindet sie hinter "
        "der Küchentür.",
        (
            Choice("vier Stufen", 8900, 1, "piece", 5800, 42000, availability=Counted((2,))),
            Choice("sechs Stufen", 11900, 1, "piece", 8400, 68000, availability=Counted((1,))),
        ),
        Art("glyph", ("Leiter",), "ladder", "#B97A3D"),
        Counted((2,)),
        safety=Safety(
            *HAUS, model="SL-4 und SL-6, bis 150 kg", warnings="Vor jedem Besteigen auf festen Stand prüfen."
        ),
    ),
    Ware(
        "Arbeitshandschuhe aus Ziegenleder",
        "haus-werkzeug",
        "So dünn, dass man damit eine Mutter aufsetzen kann. Handrücken aus Baumwolle, damit die Hand nicht schwitzt.",
        each(1290, 95, 400, {"Größe 8": 5, "Größe 9": 9, "Größe 10": 8, "Größe 11": 2}),
        Art("glyph", ("Ziege",), "gloves", "#E0C68F"),
        Counted((24,)),
        fibres="60 % Ziegenleder, 40 % Baumwolle",
        safety=Safety(*HAUS, model="AH-Z, Kategorie I", warnings="Schützt nur vor geringen Risiken."),
    ),
    Ware(
        "Pümpel mit Gummiglocke",
        "haus-werkzeug",
        "Der einfache rote, den man sonntags um neun vermisst. Die Glocke ist weich genug für runde Becken.",
        one(890, 380, 2600),
        Art("glyph", ("Pümpel",), "plunger", "#C0392B"),
        ThreeState(("in_shop",), 6),
        safety=Safety(*HAUS, model="PG-1"),
    ),
    Ware(
        "Leinölfarbe „Scheunentor“",
        "haus-werkzeug",
        "Schwedenrot aus Leinöl und Erdpigment, streicht sich zäh und hält dafür viele Jahre. Ein Probestrich klebt "
        "bei uns am Türrahmen.",
        (
            Choice("375 ml", 1790, 375, "ml", 560, 500, availability=Counted((5,))),
            Choice("750 ml", 2990, 750, "ml", 1080, 950, availability=Counted((6,))),
            Choice("2,5 Liter", 7900, 2500, "ml", 3500, 3000, availability=Counted((2,))),
        ),
        Art("tin", ("Scheunen-", "tor", "Leinöl"), colour="#8E2A1E"),
        Counted((13,)),
        safety=Safety(
            *FARBE,
            model="Charge LF-0926",
            warnings="Getränkte Lappen können sich selbst entzünden: nass aufbewahren und im Freien "
            "trocknen. Darf nicht in die Hände von Kindern gelangen.",
        ),
    ),
    Ware(
        "Mausefalle aus Buchenholz",
        "haus-werkzeug",
        "Schlägt schnell und ohne Gift, gespannt wird sie mit zwei Fingern. Ein Stückchen Nussschokolade wirkt besser "
        "als Speck, sagt die Kundschaft.",
        one(350, 45, 90),
        Art("glyph", ("Falle",), "mouse-trap", "#A67C52"),
        Counted((16,)),
        safety=Safety(
            *HAUS, model="MF-1", warnings="Quetschgefahr. Außer Reichweite von Kindern und Haustieren aufstellen."
        ),
    ),
    Ware(
        "Teekanne aus Emaille",
        "geschenke",
        "Anderthalb Liter, hellblau mit schwarzem Rand, auf jedem Herd zu Hause. Eine Delle macht ihr nichts, eine "
        "abgeplatzte Stelle bessern wir aus.",
        one(3290, 780, 4200),
        Art("glyph", ("Emaille",), "teapot", "#8EC5E8"),
        Counted((3,)),
        safety=Safety(*HAUS, model="TK-15, lebensmittelecht", warnings="Griff wird heiß."),
    ),
    Ware(
        "Haushaltskerzen im Zwölferpack",
        "haus-werkzeug",
        "Durchgefärbt cremeweiß, Brenndauer je rund sechs Stunden, rußarm bei kurzem Docht. Für Laternenumzug, "
        "Stromausfall und Abendbrot.",
        one(690, 640, 900, 12),
        Art("glyph", ("Kerzen",), "candle", "#F3E5AB"),
        Counted((20,)),
        safety=Safety(*HAUS, model="HK-12", warnings="Brennende Kerzen nie unbeaufsichtigt lassen."),
    ),
)
