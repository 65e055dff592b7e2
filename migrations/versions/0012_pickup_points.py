"""pick-up points: counters of partners, their compartments by day, which goods lie where; parts may lie at a point"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

STATES = ('placed', 'accepted', 'rejected', 'expired', 'cancelled', 'ready', 'with_courier', 'handed_over', 'closed')
WITH_POINT = (*STATES[:7], 'at_point', *STATES[7:])
CHECKS = (
    ('merchant_order', 'state', 'ck_merchant_order_partstate'),
    ('part_event', 'before', 'ck_part_event_before_known'),
    ('part_event', 'after', 'ck_part_event_after_known'),
)


def _allow(states: tuple[str, ...]) -> None:
    listed = ', '.join(f"'{state}'" for state in states)
    for table in dict.fromkeys(table for table, _, _ in CHECKS):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for _, column, name in (one for one in CHECKS if one[0] == table):
                batch_op.drop_constraint(op.f(name), type_='check')
                batch_op.create_check_constraint(op.f(name), f'"{column}" IN ({listed})')


def upgrade() -> None:
    _allow(WITH_POINT)
    with op.batch_alter_table('delivery', recreate='never') as batch_op:
        batch_op.add_column(sa.Column('point', sa.String(length=80), nullable=False, server_default=''))
    op.create_table(
        'pickup_point',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('slug', sa.String(length=60), nullable=False),
        sa.Column('name', sa.String(length=80), nullable=False),
        sa.Column('shop_id', sa.Integer(), nullable=False),
        sa.Column('note', sa.String(length=200), nullable=False),
        sa.Column('fee', sa.BigInteger(), nullable=False),
        sa.Column('compartments', sa.Integer(), nullable=False),
        sa.Column('hold_days', sa.Integer(), nullable=False),
        sa.Column('fridge', sa.Boolean(), nullable=False),
        sa.Column('checks_age', sa.Boolean(), nullable=False),
        sa.Column('gives_from', sa.Time(), nullable=True),
        sa.Column('gives_until', sa.Time(), nullable=True),
        sa.Column('active', sa.Boolean(), nullable=False),
        sa.CheckConstraint('compartments >= 0', name=op.f('ck_pickup_point_compartments_not_negative')),
        sa.CheckConstraint('fee >= 0', name=op.f('ck_pickup_point_fee_not_negative')),
        sa.CheckConstraint('hold_days BETWEEN 1 AND 14', name=op.f('ck_pickup_point_hold_days_sane')),
        sa.CheckConstraint(
            '(gives_from IS NULL) = (gives_until IS NULL)', name=op.f('ck_pickup_point_both_times_or_none')
        ),
        sa.CheckConstraint(
            'gives_from IS NULL OR gives_from < gives_until', name=op.f('ck_pickup_point_gives_before_it_ends')
        ),
        sa.ForeignKeyConstraint(['shop_id'], ['shop.id'], name=op.f('fk_pickup_point_shop_id_shop')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_pickup_point')),
        sa.UniqueConstraint('shop_id', name=op.f('uq_pickup_point_shop_id')),
        sa.UniqueConstraint('slug', name=op.f('uq_pickup_point_slug')),
    )
    op.create_table(
        'point_keeper',
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('point_id', sa.Integer(), nullable=False),
        sa.Column('since', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ['user_id'], ['user.id'], name=op.f('fk_point_keeper_user_id_user'), ondelete='CASCADE'
        ),
        sa.ForeignKeyConstraint(
            ['point_id'], ['pickup_point.id'], name=op.f('fk_point_keeper_point_id_pickup_point')
        ),
        sa.PrimaryKeyConstraint('user_id', 'point_id', name=op.f('pk_point_keeper')),
    )
    op.create_index(op.f('ix_point_keeper_point_id'), 'point_keeper', ['point_id'])
    op.create_table(
        'point_day',
        sa.Column('point_id', sa.Integer(), nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('compartments', sa.Integer(), nullable=False),
        sa.Column('taken', sa.Integer(), nullable=False),
        sa.CheckConstraint('taken >= 0', name=op.f('ck_point_day_taken_not_negative')),
        sa.CheckConstraint('taken <= compartments', name=op.f('ck_point_day_not_overfilled')),
        sa.ForeignKeyConstraint(['point_id'], ['pickup_point.id'], name=op.f('fk_point_day_point_id_pickup_point')),
        sa.PrimaryKeyConstraint('point_id', 'day', name=op.f('pk_point_day')),
    )
    op.create_table(
        'point_stay',
        sa.Column('order_id', sa.Integer(), nullable=False),
        sa.Column('point_id', sa.Integer(), nullable=False),
        sa.Column('code', sa.String(length=6), nullable=False),
        sa.Column('code_tries', sa.Integer(), nullable=False),
        sa.Column('code_locked_until', sa.DateTime(timezone=True), nullable=True),
        sa.Column('first_day', sa.Date(), nullable=False),
        sa.Column('last_day', sa.Date(), nullable=False),
        sa.Column('arrived_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('overdue_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint('first_day <= last_day', name=op.f('ck_point_stay_begins_before_it_ends')),
        sa.ForeignKeyConstraint(['order_id'], ['order.id'], name=op.f('fk_point_stay_order_id_order')),
        sa.ForeignKeyConstraint(['point_id'], ['pickup_point.id'], name=op.f('fk_point_stay_point_id_pickup_point')),
        sa.PrimaryKeyConstraint('order_id', name=op.f('pk_point_stay')),
    )
    op.create_index('ix_point_stay_open', 'point_stay', ['point_id', 'released_at'])
    op.create_table(
        'point_goods',
        sa.Column('part_id', sa.Integer(), nullable=False),
        sa.Column('order_id', sa.Integer(), nullable=False),
        sa.Column('arrived_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('left_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('left_by', sa.String(length=24), nullable=True),
        sa.Column('refused', sa.Boolean(), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.CheckConstraint("left_by IN ('shopper', 'courier', 'shop')", name=op.f('ck_point_goods_leftby')),
        sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_point_goods_by_id_user')),
        sa.ForeignKeyConstraint(
            ['order_id'], ['point_stay.order_id'], name=op.f('fk_point_goods_order_id_point_stay')
        ),
        sa.ForeignKeyConstraint(
            ['part_id'], ['merchant_order.id'], name=op.f('fk_point_goods_part_id_merchant_order')
        ),
        sa.PrimaryKeyConstraint('part_id', name=op.f('pk_point_goods')),
    )
    op.create_index(op.f('ix_point_goods_order_id'), 'point_goods', ['order_id'])


def downgrade() -> None:
    for table in ('point_goods', 'point_stay', 'point_day', 'point_keeper', 'pickup_point'):
        op.drop_table(table)
    with op.batch_alter_table('delivery', recreate='never') as batch_op:
        batch_op.drop_column('point')
    for table, column, _ in CHECKS:  # an older market knows no pick-up point: the courier still has it
        op.execute(f"UPDATE {table} SET \"{column}\" = 'with_courier' WHERE \"{column}\" = 'at_point'")
    _allow(STATES)
