"""pace and ways: what couriers' times taught, ways the road network told, planned driving per stop"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('pace',
    sa.Column('subject', sa.String(length=24), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('factor', sa.Double(), nullable=False),
    sa.Column('samples', sa.Integer(), nullable=False),
    sa.CheckConstraint('factor BETWEEN 0.5 AND 2', name=op.f('ck_pace_factor_bounded')),
    sa.PrimaryKeyConstraint('subject', 'valid_from', name=op.f('pk_pace'))
    )
    op.create_table('travel_leg',
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('origin', sa.String(length=24), nullable=False),
    sa.Column('target', sa.String(length=24), nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=False),
    sa.Column('metres', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('source', 'origin', 'target', name=op.f('pk_travel_leg'))
    )
    op.create_index('ix_travel_leg_at', 'travel_leg', ['at'], unique=False)
    op.add_column('stop', sa.Column('travel_s', sa.Integer(), nullable=False, server_default='0'))


def downgrade() -> None:
    op.drop_column('stop', 'travel_s')  # no rebuild: SQLite drops a plain column by itself since 3.35
    op.drop_index('ix_travel_leg_at', table_name='travel_leg')
    op.drop_table('travel_leg')
    op.drop_table('pace')
