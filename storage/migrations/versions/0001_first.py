"""The first schema."""

from alembic import op

from storage.schema import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table as `storage.schema` names it; while no release has shipped, this one migration moves along."""
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    """A ledger is never taken back."""
    raise NotImplementedError("a ledger is never taken back to an older schema")
