"""accounts remember when their mail address was proved"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("user", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(sa.text('UPDATE "user" SET email_verified_at = created_at WHERE demo'))


def downgrade() -> None:
    with op.batch_alter_table("user", recreate="never") as batch_op:
        batch_op.drop_column("email_verified_at")
