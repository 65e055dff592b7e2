"""a merchant consents before the market's helpers act for it; the demo's merchants have"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STANDING = sa.text("revoked_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "help_consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("merchant_id", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_phone", sa.Boolean(), nullable=False),
        sa.Column("given_by", sa.String(length=120), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by_id", sa.Integer(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("NOT by_phone OR given_by <> ''", name=op.f("ck_help_consent_phone_names_somebody")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name=op.f("fk_help_consent_merchant_id_merchant")),
        sa.ForeignKeyConstraint(["noted_by_id"], ["user.id"], name=op.f("fk_help_consent_noted_by_id_user")),
        sa.ForeignKeyConstraint(["revoked_by_id"], ["user.id"], name=op.f("fk_help_consent_revoked_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_consent")),
    )
    op.create_index(op.f("ix_help_consent_merchant_id"), "help_consent", ["merchant_id"])
    op.create_index(
        "ix_help_consent_standing",
        "help_consent",
        ["merchant_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    # A demo town of before goes on working; real merchants are asked.
    op.execute(
        "INSERT INTO help_consent (merchant_id, given_at, by_phone, given_by, noted_at) "
        "SELECT id, created_at, false, '', created_at FROM merchant WHERE demo"
    )


def downgrade() -> None:
    op.drop_index(
        "ix_help_consent_standing", "help_consent", sqlite_where=STANDING, postgresql_where=STANDING
    )
    op.drop_index(op.f("ix_help_consent_merchant_id"), "help_consent")
    op.drop_table("help_consent")
