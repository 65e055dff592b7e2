"""the number of a delivery window that is gone is never given again (PostgreSQL never does, SQLite must be told)"""

from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def rebuild(*, autoincrement: bool) -> None:
    if op.get_bind().dialect.name == 'sqlite':
        kept = {'sqlite_autoincrement': autoincrement}
        with op.batch_alter_table('delivery_window', schema=None, recreate='always', table_kwargs=kept):
            pass


def upgrade() -> None:
    rebuild(autoincrement=True)


def downgrade() -> None:
    rebuild(autoincrement=False)
