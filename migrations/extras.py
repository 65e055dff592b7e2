"""What models cannot say: append-only triggers and the full-text index. Dropped before and recreated after every
migration, because SQLite's table rebuilds lose triggers."""

from sqlalchemy import Connection, inspect, text

APPEND_ONLY = ("ledger_entry", "stock_move", "part_event", "price_point", "withdrawal", "invoice", "audit_entry")
TERMS_INDEX = "ix_search_entry_terms"
FTS = "product_fts"

_ADD = f"INSERT INTO {FTS}(rowid, head, rest) VALUES (new.product_id, new.head, new.rest);"
_TAKE_OUT = f"INSERT INTO {FTS}({FTS}, rowid, head, rest) VALUES ('delete', old.product_id, old.head, old.rest);"
_SQLITE_FTS = (
    f"""CREATE VIRTUAL TABLE {FTS} USING fts5(head, rest, content='search_entry', content_rowid='product_id',
        tokenize='unicode61 remove_diacritics 0', prefix='2 3')""",
    f"INSERT INTO {FTS}({FTS}) VALUES ('rebuild')",
    f"CREATE TRIGGER search_entry_ai AFTER INSERT ON search_entry BEGIN {_ADD} END",
    f"CREATE TRIGGER search_entry_ad AFTER DELETE ON search_entry BEGIN {_TAKE_OUT} END",
    f"CREATE TRIGGER search_entry_au AFTER UPDATE ON search_entry BEGIN {_TAKE_OUT} {_ADD} END",
)
_POSTGRES_TERMS = f"""CREATE INDEX {TERMS_INDEX} ON search_entry USING gin
    ((setweight(to_tsvector('simple', head), 'A') || setweight(to_tsvector('simple', rest), 'D')))"""
_FTS_TRIGGERS = ("search_entry_ai", "search_entry_ad", "search_entry_au")


def owns(kind: str, name: str | None) -> bool:
    """Whether a reflected table or index belongs to this module and not to the models."""
    if name is None:
        return False
    return name.startswith(FTS) if kind == "table" else kind == "index" and name == TERMS_INDEX


def create(connection: Connection) -> None:
    """Create every trigger and full-text object whose table exists."""
    tables = set(inspect(connection).get_table_names())
    sqlite = connection.dialect.name == "sqlite"
    if not sqlite:
        connection.execute(
            text(
                "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger AS $$ BEGIN "
                "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$ LANGUAGE plpgsql"
            )
        )
    for table in APPEND_ONLY:
        if table not in tables:
            continue
        if sqlite:
            for verb in ("UPDATE", "DELETE"):
                connection.execute(
                    text(
                        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                    )
                )
        else:
            connection.execute(
                text(
                    f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                    "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
                )
            )
    if "search_entry" in tables:
        if sqlite:
            for statement in _SQLITE_FTS:
                connection.execute(text(statement))
        else:
            connection.execute(text(_POSTGRES_TERMS))


def drop(connection: Connection) -> None:
    """Drop what `create` made; missing objects are fine."""
    if connection.dialect.name == "sqlite":
        for trigger in (*(f"{t}_no_{v}" for t in APPEND_ONLY for v in ("update", "delete")), *_FTS_TRIGGERS):
            connection.execute(text(f"DROP TRIGGER IF EXISTS {trigger}"))
        connection.execute(text(f"DROP TABLE IF EXISTS {FTS}"))
        return
    existing = set(inspect(connection).get_table_names())
    for table in APPEND_ONLY:
        if table in existing:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}"))
    connection.execute(text("DROP FUNCTION IF EXISTS refuse_change() CASCADE"))
    connection.execute(text(f"DROP INDEX IF EXISTS {TERMS_INDEX}"))
