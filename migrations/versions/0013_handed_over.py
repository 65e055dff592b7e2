"""a vehicle that fell out hands over what it carries; goods are collected where they lie; what using a vehicle costs"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

STATES = ('planned', 'picked_up', 'short', 'missing', 'shop_closed', 'delivered', 'failed')


def _states(*states: str) -> str:
    return f"state IN ({', '.join(repr(state) for state in states)})"


def upgrade() -> None:
    with op.batch_alter_table('parcel', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_parcel_parcelstate'), type_='check')
        batch_op.create_check_constraint(op.f('ck_parcel_parcelstate'), _states(*STATES, 'handed_on'))
    with op.batch_alter_table('stop', schema=None) as batch_op:
        batch_op.add_column(sa.Column('spot', sa.String(length=16), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('spot_name', sa.String(length=120), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('spot_place', sa.String(length=160), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('spot_lat', sa.Double(), nullable=True))
        batch_op.add_column(sa.Column('spot_lon', sa.Double(), nullable=True))
    with op.batch_alter_table('vehicle_out', schema=None) as batch_op:
        batch_op.add_column(sa.Column('place', sa.String(length=160), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('lat', sa.Double(), nullable=True))
        batch_op.add_column(sa.Column('lon', sa.Double(), nullable=True))
        batch_op.add_column(sa.Column('attended', sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table('vehicle', schema=None) as batch_op:
        batch_op.add_column(sa.Column('use_cost', sa.BigInteger(), nullable=True))
        batch_op.create_check_constraint(op.f('ck_vehicle_use_cost_not_negative'), 'use_cost >= 0')


def downgrade() -> None:
    with op.batch_alter_table('vehicle', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_vehicle_use_cost_not_negative'), type_='check')
        batch_op.drop_column('use_cost')
    with op.batch_alter_table('vehicle_out', schema=None) as batch_op:
        batch_op.drop_column('attended')
        batch_op.drop_column('lon')
        batch_op.drop_column('lat')
        batch_op.drop_column('place')
    with op.batch_alter_table('stop', schema=None) as batch_op:
        for name in ('spot_lon', 'spot_lat', 'spot_place', 'spot_name', 'spot'):
            batch_op.drop_column(name)
    with op.batch_alter_table('parcel', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_parcel_parcelstate'), type_='check')
    # goods handed on count as not delivered by the run they left: nothing older knows of them
    op.execute("UPDATE parcel SET state = 'failed' WHERE state = 'handed_on'")
    with op.batch_alter_table('parcel', schema=None) as batch_op:
        batch_op.create_check_constraint(op.f('ck_parcel_parcelstate'), _states(*STATES))
