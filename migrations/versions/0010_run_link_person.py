"""a day link belongs to the stand-in who drives, so that it outlives a change of the run"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('run_link', schema=None) as batch_op:
        batch_op.add_column(sa.Column('user_id', sa.Integer(), nullable=False))
        batch_op.create_foreign_key(op.f('fk_run_link_user_id_user'), 'user', ['user_id'], ['id'])
        batch_op.create_index(op.f('ix_run_link_user_id'), ['user_id'])


def downgrade() -> None:
    with op.batch_alter_table('run_link', schema=None) as batch_op:
        batch_op.drop_index(op.f('ix_run_link_user_id'))
        batch_op.drop_constraint(op.f('fk_run_link_user_id_user'), type_='foreignkey')
        batch_op.drop_column('user_id')
