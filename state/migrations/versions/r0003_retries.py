"""When a remediation is tried again though nothing changed. Frozen, as every migration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("remediations", sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("remediations", sa.Column("tries", sa.Integer, nullable=False, server_default="0"))
