"""Proofs of remediations. Every one is kept: they are the evidence."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select

from state.model import Proof
from state.tables import proofs


def save(connection: Connection, project_id: int, remediation_key: str, proof: Proof, now: datetime) -> None:
    """Add a proof of a remediation."""
    row = {"project_id": project_id, "remediation": remediation_key, "at": now, "proof": proof}
    connection.execute(insert(proofs), [row])


def newest(connection: Connection, project_id: int, remediation_key: str) -> Proof | None:
    """The proof of a remediation that was saved last."""
    query = select(proofs.c.proof).filter_by(project_id=project_id, remediation=remediation_key)
    found: Proof | None = connection.execute(query.order_by(proofs.c.id.desc()).limit(1)).scalar()
    return found
