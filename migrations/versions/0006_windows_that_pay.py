"""windows that pay: a lower price where a tour passes anyway, what to do below the minimum, room by vehicles"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('zone', sa.Column('good_fee', sa.BigInteger(), nullable=True))
    with op.batch_alter_table('window_template', schema=None) as batch_op:
        batch_op.add_column(sa.Column('fits', sa.Integer(), nullable=True))
        batch_op.create_check_constraint(op.f('ck_window_template_fits_not_negative'), 'fits >= 0')
    with op.batch_alter_table('booking', schema=None) as batch_op:
        batch_op.add_column(sa.Column('if_thin', sa.String(length=24), nullable=False, server_default='move'))
        batch_op.create_check_constraint(op.f('ck_booking_ifthin'), "if_thin IN ('move', 'collect')")


def downgrade() -> None:
    with op.batch_alter_table('booking', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_booking_ifthin'), type_='check')
        batch_op.drop_column('if_thin')
    with op.batch_alter_table('window_template', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_window_template_fits_not_negative'), type_='check')
        batch_op.drop_column('fits')
    op.drop_column('zone', 'good_fee')
