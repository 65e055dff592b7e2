"""Words for the bulk catalogue: per category the goods, what they are like, and what makes each a little different."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Goods:
    """One category's words. `contents`: net contents to choose from; `cents`: lowest and highest price."""

    slug: str
    name: str
    icon: str
    nouns: tuple[str, ...]
    likes: tuple[str, ...]
    extras: tuple[str, ...]
    unit: Literal["g", "ml", "mm", "piece"]
    contents: tuple[int, ...]
    cents: tuple[int, int]
    food: bool = True
    min_age: int = 0
    daily: bool = False  # baked every day: a quota


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(","))


BULK: tuple[Goods, ...] = (
    Goods(
        "backwaren",
        "Backwaren",
        "croissant",
        _words(
            "Roggenmischbrot, Dinkelbrot, Bauernbrot, Vollkornbrot, Kürbiskernbrot, Walnussbrot, Kartoffelbrot, "
            "Streuselkuchen, Käsekuchen, Mohnkuchen, Zwiebelkuchen, Baguette, Laugenbrezel, Butterhörnchen"
        ),
        _words("kräftig, saftig, rösch, lange gereift, handgeformt, dunkel, hell, klein, groß"),
        _words(
            "mit Natursauerteig, aus dem Steinofen, mit Sonnenblumenkernen, mit Leinsamen, nach altem Rezept, "
            "mit Buttermilch, mit Röstzwiebeln, mit Gartenkräutern, am Stück, geschnitten"
        ),
        "g",
        (250, 500, 750, 1000),
        (180, 690),
        daily=True,
    ),
    Goods(
        "milch-kaese-eier",
        "Milch, Käse & Eier",
        "milk",
        _words(
            "Bergkäse, Ziegenkäse, Schafskäse, Frischkäse, Schnittkäse, Weichkäse, Kräuterquark, Naturjoghurt, "
            "Fruchtjoghurt, Bauernbutter, Buttermilch, Sauerrahm"
        ),
        _words("mild, würzig, cremig, jung, gereift, kräftig, fein, sahnig"),
        _words(
            "mit Bärlauch, mit Bockshornklee, mit Pfeffer, aus Heumilch, aus Rohmilch, vom Laib, im Glas, in Asche, "
            "mit Walnuss, mit Honig"
        ),
        "g",
        (150, 200, 250, 500),
        (190, 990),
    ),
    Goods(
        "obst-gemuese",
        "Obst & Gemüse",
        "apple",
        _words(
            "Äpfel, Birnen, Pflaumen, Kirschen, Kartoffeln, Möhren, Rote Bete, Zwiebeln, Kürbisse, Grünkohl, Lauch, "
            "Feldsalat, Pastinaken"
        ),
        _words("festkochend, süß, säuerlich, knackig, lagerfähig, zart, bunt, früh, spät"),
        _words(
            "vom Feldrand, aus dem Folientunnel, vom Hochstamm, gewaschen, mit Erde, im Netz, in der Kiste, "
            "zum Einkochen, für Salat"
        ),
        "g",
        (500, 1000, 2500),
        (120, 890),
    ),
    Goods(
        "fleisch-wurst",
        "Fleisch & Wurst",
        "beef",
        _words(
            "Bratwurst, Leberwurst, Blutwurst, Salami, Knacker, Rindergulasch, Schweinebraten, Kasseler, "
            "Hackfleisch, Entenkeule, Wildschinken, Sülze"
        ),
        _words("grob, fein, luftgetrocknet, geräuchert, hausgemacht, würzig, mager, deftig"),
        _words(
            "mit Majoran, mit Kümmel, mit Knoblauch, über Buche geräuchert, im Glas, am Ring, vom Weiderind, "
            "nach Hausrezept, für die Pfanne"
        ),
        "g",
        (200, 320, 480, 1000),
        (290, 1890),
    ),
    Goods(
        "wein-saft",
        "Wein & Saft",
        "wine",
        _words("Müller-Thurgau, Silvaner, Weißburgunder, Riesling, Dornfelder, Portugieser, Bacchus, Traminer"),
        _words("trocken, halbtrocken, feinherb, fruchtig, spritzig, reif"),
        _words(
            "vom Muschelkalk, vom Buntsandstein, aus der Steillage, im Holzfass gereift, vom Terrassenweinberg, "
            "Jahrgang 2023, Jahrgang 2024, Jahrgang 2025"
        ),
        "ml",
        (750, 1000),
        (690, 1890),
        min_age=16,
    ),
    Goods(
        "suesses",
        "Süßes",
        "candy",
        _words(
            "Zartbitterschokolade, Vollmilchschokolade, Nougatpraline, Marzipanbrot, Pfefferminztaler, Lebkuchen, "
            "Karamellbonbons, Butterkekse, Waffelröllchen, Trüffelkonfekt"
        ),
        _words("zart, knusprig, herb, edel, bunt, klein, fein, gefüllt"),
        _words(
            "mit Nuss, mit Orange, mit Meersalz, mit Chili, mit Kirsche, mit Haferflocken, in der Dose, im Beutel, "
            "als Tafel, zum Verschenken"
        ),
        "g",
        (80, 100, 150, 250),
        (190, 1290),
    ),
    Goods(
        "vorrat-feinkost",
        "Vorrat & Feinkost",
        "wheat",
        _words(
            "Lindenblütenhonig, Rapshonig, Erdbeermarmelade, Pflaumenmus, Apfelgelee, Tomatensoße, Kräutersenf, "
            "Rapsöl, Dinkelnudeln, Linsensuppe, Gurkengewürz, Apfelessig"
        ),
        _words("fruchtig, mild, würzig, körnig, fein, scharf, kaltgepresst, hausgemacht"),
        _words(
            "mit Vanille, mit Ingwer, mit Zimt, mit Rosmarin, ohne Zuckerzusatz, im Bügelglas, in der Flasche, "
            "vom Imker, aus eigener Ernte"
        ),
        "g",
        (200, 250, 340, 500),
        (250, 990),
    ),
    Goods(
        "buecher-papier",
        "Bücher & Papier",
        "book",
        _words(
            "Wanderführer, Kochbuch, Kinderbuch, Bildband, Notizbuch, Skizzenheft, Wandkalender, Postkartenbuch, "
            "Briefpapier, Gartenkalender"
        ),
        _words("handlich, dick, klein, schön, gebunden, bebildert, liniert"),
        _words(
            "für Entdecker, für Anfänger, für die Küche, für unterwegs, mit Lesebändchen, in Leinen, im Schuber, "
            "auf Naturpapier"
        ),
        "piece",
        (1,),
        (490, 3490),
        food=False,
    ),
    Goods(
        "haus-werkzeug",
        "Haus & Werkzeug",
        "hammer",
        _words(
            "Gartenschere, Handsäge, Schraubendreher, Klappleiter, Wandhaken, Gießkanne, Kehrbesen, Holzkiste, "
            "Brotmesser, Schneidebrett, Zollstock, Kombizange"
        ),
        _words("stabil, leicht, klein, groß, rostfrei, geschmiedet, klappbar"),
        _words(
            "aus Buche, aus Edelstahl, mit Holzgriff, mit Gummigriff, für Linkshänder, im Set, verzinkt, "
            "mit Ersatzklinge"
        ),
        "piece",
        (1,),
        (390, 5990),
        food=False,
    ),
    Goods(
        "mode-schuhe",
        "Mode & Schuhe",
        "shirt",
        _words(
            "Wollsocken, Strickmütze, Wollschal, Filzpantoffeln, Regenjacke, Leinenhemd, Arbeitshose, Handschuhe, "
            "Halbschuhe, Hausschuhe"
        ),
        _words("warm, leicht, grau, blau, grün, gestreift, ungefüttert, wasserdicht"),
        _words(
            "für Damen, für Herren, für Kinder, aus Schurwolle, aus Baumwolle, mit Futter, mit Kapuze, "
            "mit rutschfester Sohle"
        ),
        "piece",
        (1,),
        (790, 12990),
        food=False,
    ),
)
