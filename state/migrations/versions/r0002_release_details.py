"""A cache of what single releases tell of themselves. Frozen, as every migration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "release_details",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("ecosystem", "package", "version", "index")),
        sa.Column("details", sa.LargeBinary, nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("release_details_by_time", "release_details", ["kept_at"])
