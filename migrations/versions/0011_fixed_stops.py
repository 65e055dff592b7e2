"""stops that keep their place in a run"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'stop_lock',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('vehicle_id', sa.Integer(), nullable=False),
        sa.Column('place', sa.String(length=24), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("place IN ('between', 'first', 'last')", name=op.f('ck_stop_lock_stopend')),
        sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_stop_lock_by_id_user')),
        sa.ForeignKeyConstraint(['vehicle_id'], ['vehicle.id'], name=op.f('fk_stop_lock_vehicle_id_vehicle')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_stop_lock')),
    )
    op.create_index(op.f('ix_stop_lock_day'), 'stop_lock', ['day'])
    op.create_table(
        'stop_lock_visit',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('lock_id', sa.Integer(), nullable=False),
        sa.Column('role', sa.String(length=24), nullable=False),
        sa.Column('order_id', sa.Integer(), nullable=False),
        sa.Column('shop_id', sa.Integer(), nullable=True),
        sa.CheckConstraint("role IN ('here', 'before', 'after')", name=op.f('ck_stop_lock_visit_stoprole')),
        sa.ForeignKeyConstraint(
            ['lock_id'], ['stop_lock.id'], name=op.f('fk_stop_lock_visit_lock_id_stop_lock'), ondelete='CASCADE'
        ),
        sa.ForeignKeyConstraint(['order_id'], ['order.id'], name=op.f('fk_stop_lock_visit_order_id_order')),
        sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], name=op.f('fk_stop_lock_visit_shop_id_shop')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_stop_lock_visit')),
    )
    op.create_index(op.f('ix_stop_lock_visit_lock_id'), 'stop_lock_visit', ['lock_id'])
    op.create_index(op.f('ix_stop_lock_visit_order_id'), 'stop_lock_visit', ['order_id'])


def downgrade() -> None:
    op.drop_table('stop_lock_visit')
    op.drop_table('stop_lock')
