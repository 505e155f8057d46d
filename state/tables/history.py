"""Findings and remediations, what proves them, and every transition of theirs."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKeyConstraint, Index, Integer, Table

from state.columns import Json, Packed, Time, Word
from state.model import FindingState, Kind, Proof, RemediationState, Scope, Severity
from state.tables.parts import Number, metadata, part_of_project, position, project, required, text

findings = Table(
    "findings",
    metadata,
    project(),
    text("key", key=True),
    required("kind", Word(Kind)),
    text("ecosystem"),
    text("package"),
    text("cluster"),
    required("advisories", Json(tuple[str, ...])),  # digests of cited_advisories
    required("state", Word(FindingState)),
    required("first_seen", Time),
    required("last_seen", Time),
    required("regressions", Integer),
    text("reason"),
)

occurrences = Table(
    "occurrences",
    metadata,
    part_of_project(),
    text("finding", key=True),
    position(),
    text("manifest"),
    text("lockfile", optional=True),
    text("version"),
    text("requirement"),
    required("direct", Boolean),
    required("scope", Word(Scope)),
    required("line", Integer),
    ForeignKeyConstraint(["project_id", "finding"], ["findings.project_id", "findings.key"]),
)

# Inserted only: the first acceptance of a finding under an exception is the one that counts.
acceptances = Table(
    "acceptances",
    metadata,
    part_of_project(),
    text("finding", key=True),
    text("exception", key=True),
    required("severity", Word(Severity)),
    required("at", Time),
    ForeignKeyConstraint(["project_id", "finding"], ["findings.project_id", "findings.key"]),
)

# Advisories as findings quote them, each wording once for the fleet, named by its digest.
cited_advisories = Table("cited_advisories", metadata, text("digest", key=True), required("advisory", Packed))

remediations = Table(
    "remediations",
    metadata,
    project(),
    text("key", key=True),
    required("kind", Word(Kind)),
    text("title"),
    text("branch"),
    text("target_branch"),
    required("findings", Json(tuple[str, ...])),
    required("state", Word(RemediationState)),
    text("reason"),
    required("updated_at", Time),
    text("commit", optional=True),
    text("base", optional=True),
    Column("issue", Number),
    text("issue_url", optional=True),
    Column("merge_request", Number),
    text("merge_request_url", optional=True),
    text("inputs"),
    text("shown"),
    required("issue_closes", Integer),
    Column("retry_at", Time),
    required("tries", Integer),
)

changes = Table(
    "changes",
    metadata,
    part_of_project(),
    text("remediation", key=True),
    position(),
    text("ecosystem"),
    text("package"),
    text("before"),
    text("after"),
    text("manifest"),
    text("lockfile", optional=True),
    required("direct", Boolean),
    required("override", Boolean),
    ForeignKeyConstraint(["project_id", "remediation"], ["remediations.project_id", "remediations.key"]),
)

proofs = Table(
    "proofs",
    metadata,
    Column("id", Number, primary_key=True),
    project(key=False),
    text("remediation"),
    required("at", Time),
    required("proof", Json(Proof)),
    Index("proofs_by_remediation", "project_id", "remediation", "id"),
)

# Append-only: triggers in the migration refuse every update and delete.
events = Table(
    "events",
    metadata,
    Column("id", Number, primary_key=True),
    project(key=False),
    required("at", Time),
    text("subject"),
    text("before"),
    text("after"),
    text("reason"),
    Index("events_by_project", "project_id", "id"),
)
