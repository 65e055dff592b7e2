"""rules of the street: drivers' breaks, streets closed to a kind of vehicle, locks, vehicles out"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('vehicle', schema=None) as batch_op:
        batch_op.add_column(sa.Column('break_from', sa.Time(), nullable=True))
        batch_op.add_column(sa.Column('break_to', sa.Time(), nullable=True))
        batch_op.add_column(sa.Column('break_minutes', sa.Integer(), nullable=False, server_default='0'))
        batch_op.create_check_constraint(op.f('ck_vehicle_break_not_negative'), 'break_minutes >= 0')
        batch_op.create_check_constraint(
            op.f('ck_vehicle_break_has_its_time'),
            'break_minutes = 0 OR (break_from IS NOT NULL AND break_to IS NOT NULL AND break_from <= break_to)')
    op.create_table('closed_area',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('lat', sa.Double(), nullable=False),
    sa.Column('lon', sa.Double(), nullable=False),
    sa.Column('radius_m', sa.Integer(), nullable=False),
    sa.Column('shut_from', sa.Time(), nullable=False),
    sa.Column('shut_to', sa.Time(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.CheckConstraint("kind IN ('cargo_bike', 'van')", name=op.f('ck_closed_area_vehiclekind')),
    sa.CheckConstraint('radius_m > 0', name=op.f('ck_closed_area_has_a_size')),
    sa.CheckConstraint('shut_from < shut_to', name=op.f('ck_closed_area_shuts_before_it_opens')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_closed_area'))
    )
    op.create_table('order_lock',
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('vehicle_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['order.id'], name=op.f('fk_order_lock_order_id_order')),
    sa.ForeignKeyConstraint(['vehicle_id'], ['vehicle.id'], name=op.f('fk_order_lock_vehicle_id_vehicle')),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_order_lock_by_id_user')),
    sa.PrimaryKeyConstraint('order_id', 'day', name=op.f('pk_order_lock'))
    )
    op.create_index('ix_order_lock_day', 'order_lock', ['day'], unique=False)
    op.create_table('vehicle_out',
    sa.Column('vehicle_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['vehicle_id'], ['vehicle.id'], name=op.f('fk_vehicle_out_vehicle_id_vehicle')),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_vehicle_out_by_id_user')),
    sa.PrimaryKeyConstraint('vehicle_id', 'day', name=op.f('pk_vehicle_out'))
    )


def downgrade() -> None:
    op.drop_table('vehicle_out')
    op.drop_index('ix_order_lock_day', table_name='order_lock')
    op.drop_table('order_lock')
    op.drop_table('closed_area')
    with op.batch_alter_table('vehicle', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_vehicle_break_has_its_time'), type_='check')
        batch_op.drop_constraint(op.f('ck_vehicle_break_not_negative'), type_='check')
        batch_op.drop_column('break_minutes')
        batch_op.drop_column('break_to')
        batch_op.drop_column('break_from')
