"""shops say whether they keep goods back; a reservation is collected and always ends"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ENDS = "ck_merchant_order_reservation_ends"
RULE = "mode <> 'reservation' OR (fulfilment = 'pickup' AND collect_by IS NOT NULL)"


def upgrade() -> None:
    with op.batch_alter_table("shop", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("reserves", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("merchant_order") as batch_op:
        batch_op.create_check_constraint(op.f(ENDS), RULE)


def downgrade() -> None:
    with op.batch_alter_table("merchant_order") as batch_op:
        batch_op.drop_constraint(op.f(ENDS), type_="check")
    with op.batch_alter_table("shop", recreate="never") as batch_op:
        batch_op.drop_column("reserves")
