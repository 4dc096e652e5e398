"""What settled one value is found by the value: an update may have thousands of them, each settled by itself."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Let the index say series and day, too."""
    op.drop_index("ix_settlements_target_id", table_name="settlements")
    op.create_index("ix_settlements_target_id", "settlements", ["target_id", "series_id", "as_of"])
