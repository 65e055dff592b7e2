"""Migrations go up and down on a filled database, on both engines, and lose no row and no trigger."""

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from market.core import clock, db, migrate, revision
from market.core.models import Setting
from migrations import extras


def triggers(engine: Engine) -> set[str]:
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if engine.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with engine.connect() as connection:
        return set(connection.scalars(sa.text(query)))


def checks(engine: Engine) -> set[tuple[str, str]]:
    """Every CHECK of every table, by its name."""
    look = sa.inspect(engine)
    return {(table, str(one["name"])) for table in look.get_table_names() for one in look.get_check_constraints(table)}


ADDED_TO_OLD_TABLES = {
    ("merchant_order", "ck_merchant_order_reservation_ends"),
    ("window_template", "ck_window_template_fits_not_negative"),
    ("booking", "ck_booking_ifthin"),
    ("run", "ck_run_cost_not_negative"),
    ("parcel", "ck_parcel_backto"),
    ("vehicle", "ck_vehicle_break_not_negative"),
    ("vehicle", "ck_vehicle_break_has_its_time"),
    ("vehicle", "ck_vehicle_use_cost_not_negative"),
    ("vehicle", "ck_vehicle_kmh_near_bounded"),
    ("vehicle", "ck_vehicle_kmh_far_bounded"),
}


def test_no_check_is_lost_when_a_table_is_rebuilt(committing: Engine) -> None:
    """SQLite rebuilds a table to change it, and a rebuilt table has only the CHECKs it was told of."""
    before = checks(committing)
    assert ("merchant_order", "ck_merchant_order_reservation_ends") in before
    migrate.downgrade(committing, "0001")
    old_tables = set(sa.inspect(committing).get_table_names())
    gone = {(table, name) for table, name in before - checks(committing) if table in old_tables}
    assert gone == ADDED_TO_OLD_TABLES
    migrate.upgrade(committing)
    assert checks(committing) == before


def test_models_and_migrations_agree(committing: Engine) -> None:
    assert migrate.differences(committing) == []


def test_down_to_nothing_and_up_again(committing: Engine) -> None:
    before = triggers(committing)
    migrate.downgrade(committing, "base")
    assert set(sa.inspect(committing).get_table_names()) <= {"alembic_version"}
    migrate.upgrade(committing)
    assert triggers(committing) == before != set()
    assert migrate.differences(committing) == []


def test_migrating_again_keeps_rows_and_triggers(committing: Engine) -> None:
    with db.transaction() as s:
        s.add(Setting(key="kept", value={"value": 1}, changed_at=clock.now()))
    before = triggers(committing)
    migrate.upgrade(committing)
    with db.reading() as s:
        assert s.get(Setting, "kept") is not None
    assert triggers(committing) == before


def test_an_unknown_revision_is_refused_by_name(committing: Engine) -> None:
    with pytest.raises(migrate.BadRevision, match="nonsense"):
        migrate.upgrade(committing, "nonsense")


@pytest.mark.parametrize("table", extras.APPEND_ONLY)
def test_append_only_tables_have_their_trigger(table: str, committing: Engine) -> None:
    sqlite = committing.dialect.name == "sqlite"
    wanted = {f"{table}_no_update", f"{table}_no_delete"} if sqlite else {f"{table}_append_only"}
    assert wanted <= triggers(committing)


def test_the_quick_look_at_the_revision_agrees_with_alembic(committing: Engine) -> None:
    assert revision.newest() == migrate.head()
    with db.reading() as s:
        assert revision.of(s) == migrate.current(committing)
