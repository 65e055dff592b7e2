"""the dispatcher's desk: what a run cost, day links for substitutes, orders moved by hand"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('run', schema=None) as batch_op:
        batch_op.add_column(sa.Column('cost', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('cost_note', sa.String(length=80), nullable=False, server_default=''))
        batch_op.create_check_constraint(op.f('ck_run_cost_not_negative'), 'cost >= 0')
    op.create_table(
        'run_link',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('run_id', sa.Integer(), nullable=False),
        sa.Column('key_hash', sa.String(length=64), nullable=False),
        sa.Column('name', sa.String(length=80), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('created_by_id', sa.Integer(), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['created_by_id'], ['user.id'], name=op.f('fk_run_link_created_by_id_user')),
        sa.ForeignKeyConstraint(['run_id'], ['run.id'], name=op.f('fk_run_link_run_id_run')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_run_link')),
        sa.UniqueConstraint('key_hash', name=op.f('uq_run_link_key_hash')),
    )
    op.create_index(op.f('ix_run_link_run_id'), 'run_link', ['run_id'])
    op.create_table(
        'run_move',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('order_id', sa.Integer(), nullable=False),
        sa.Column('from_vehicle_id', sa.Integer(), nullable=False),
        sa.Column('to_vehicle_id', sa.Integer(), nullable=False),
        sa.Column('before', sa.JSON(), nullable=False),
        sa.Column('made', sa.JSON(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=False),
        sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_run_move_by_id_user')),
        sa.ForeignKeyConstraint(['from_vehicle_id'], ['vehicle.id'], name=op.f('fk_run_move_from_vehicle_id_vehicle')),
        sa.ForeignKeyConstraint(['order_id'], ['order.id'], name=op.f('fk_run_move_order_id_order')),
        sa.ForeignKeyConstraint(['to_vehicle_id'], ['vehicle.id'], name=op.f('fk_run_move_to_vehicle_id_vehicle')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_run_move')),
    )
    op.create_index(op.f('ix_run_move_day'), 'run_move', ['day'])


def downgrade() -> None:
    op.drop_table('run_move')
    op.drop_table('run_link')
    with op.batch_alter_table('run', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_run_cost_not_negative'), type_='check')
        batch_op.drop_column('cost_note')
        batch_op.drop_column('cost')
