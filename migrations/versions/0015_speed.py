"""a vehicle may have its own speed, in town and beyond"""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

FIELDS = ('kmh_near', 'kmh_far')


def upgrade() -> None:
    with op.batch_alter_table('vehicle', schema=None) as batch_op:
        for field in FIELDS:
            batch_op.add_column(sa.Column(field, sa.Integer(), nullable=True))
            batch_op.create_check_constraint(op.f(f'ck_vehicle_{field}_bounded'), f'{field} BETWEEN 3 AND 130')


def downgrade() -> None:
    with op.batch_alter_table('vehicle', schema=None) as batch_op:
        for field in FIELDS:
            batch_op.drop_constraint(op.f(f'ck_vehicle_{field}_bounded'), type_='check')
            batch_op.drop_column(field)
