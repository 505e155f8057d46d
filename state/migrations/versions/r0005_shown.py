"""What the issue and the merge request of a remediation show besides its changes. Frozen, as every migration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column."""
    op.add_column("remediations", sa.Column("shown", sa.Text, nullable=False, server_default=""))
