"""The demo town's categories: slug, name, icon (static/icons), in the order of the home page."""

CATEGORIES: tuple[tuple[str, str, str], ...] = (
    ("backwaren", "Backwaren", "croissant"),
    ("fleisch-wurst", "Fleisch & Wurst", "beef"),
    ("obst-gemuese", "Obst & Gemüse", "apple"),
    ("milch-kaese-eier", "Milch, Käse & Eier", "milk"),
    ("vorrat-feinkost", "Vorrat & Feinkost", "wheat"),
    ("wein-saft", "Wein & Saft", "wine"),
    ("suesses", "Süßes", "candy"),
    ("tee-kaffee", "Tee & Kaffee", "coffee"),
    ("blumen-garten", "Blumen & Garten", "flower-2"),
    ("buecher-papier", "Bücher & Papier", "book"),
    ("mode-schuhe", "Mode & Schuhe", "shirt"),
    ("wolle-handarbeit", "Wolle & Handarbeit", "scissors"),
    ("kind-spiel", "Kind & Spiel", "baby"),
    ("drogerie-pflege", "Drogerie & Pflege", "sparkles"),
    ("haus-werkzeug", "Haus & Werkzeug", "hammer"),
    ("fahrrad", "Fahrrad", "bike"),
    ("gebraucht", "Gebraucht & Schönes", "recycle"),
    ("geschenke", "Geschenke", "gift"),
)
