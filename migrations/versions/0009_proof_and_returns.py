"""proof at the door, and where goods that were not delivered go back to"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'drop_proof',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('run_id', sa.Integer(), nullable=False),
        sa.Column('order_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=24), nullable=False),
        sa.Column('words', sa.String(length=150), nullable=False),
        sa.Column('strokes', sa.Text(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('code', 'signature', 'name', 'left')", name=op.f('ck_drop_proof_proofkind')),
        sa.CheckConstraint('length(strokes) <= 24000', name=op.f('ck_drop_proof_strokes_small')),
        sa.ForeignKeyConstraint(['order_id'], ['order.id'], name=op.f('fk_drop_proof_order_id_order')),
        sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_drop_proof_run_id_run')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_drop_proof')),
        sa.UniqueConstraint('run_id', 'order_id', name=op.f('uq_drop_proof_run_id_order_id')),
    )
    op.create_index(op.f('ix_drop_proof_order_id'), 'drop_proof', ['order_id'])
    with op.batch_alter_table('parcel', schema=None) as batch_op:
        batch_op.add_column(sa.Column('back_to', sa.String(length=24), nullable=True))
        batch_op.add_column(sa.Column('back_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_check_constraint(op.f('ck_parcel_backto'), "back_to IN ('shop', 'vehicle', 'point')")


def downgrade() -> None:
    with op.batch_alter_table('parcel', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_parcel_backto'), type_='check')
        batch_op.drop_column('back_at')
        batch_op.drop_column('back_to')
    op.drop_table('drop_proof')
