"""The tables. Columns carry the names of the nouns' fields, so a row becomes a noun by name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

from state.columns import Json, Packed, Time, Word
from state.model import Failure, FindingState, Kind, Proof, RemediationState, Scope

metadata = MetaData()

# SQLite hands out row numbers only for a column declared exactly INTEGER.
_Number = BigInteger().with_variant(Integer, "sqlite")


def _text(name: str, *, optional: bool = False, key: bool = False) -> Column[Any]:
    return Column(name, Text, nullable=optional, primary_key=key)


def _required(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, nullable=False)


def _project(*, key: bool = True) -> Column[Any]:
    return Column(
        "project_id", _Number, ForeignKey("projects.id"), nullable=False, primary_key=key, autoincrement=False
    )


def _part_of_project() -> Column[Any]:
    """The project of a row whose parent row has the foreign key."""
    return Column("project_id", _Number, primary_key=True, autoincrement=False)


def _position() -> Column[Any]:
    return Column("position", Integer, primary_key=True, autoincrement=False)


projects = Table(
    "projects",
    metadata,
    Column("id", _Number, primary_key=True, autoincrement=False),
    _text("path"),
    _text("default_branch", optional=True),
    _text("head", optional=True),
    _text("web_url"),
    _text("clone_url"),
    _required("access_level", Integer),
    _required("archived", Boolean),
    _required("issues_enabled", Boolean),
    _required("merge_requests_enabled", Boolean),
    _required("seen_at", Time),
    Index("projects_by_path", "path"),  # not unique: paths are reused when projects move
)

# The newest scan of each project; what an older one saw is in the events.
scans = Table(
    "scans",
    metadata,
    _project(),
    _text("head"),
    _required("at", Time),
    _required("complete", Boolean),
    _text("fingerprint"),
    _required("failed", Json(tuple[Failure, ...])),
)

# The inventory of the newest scan.
dependencies = Table(
    "dependencies",
    metadata,
    _project(),
    _position(),
    _text("ecosystem"),
    _text("package"),
    _text("requirement"),
    _text("version", optional=True),
    _text("manifest"),
    _text("lockfile", optional=True),
    _required("scope", Word(Scope)),
    _required("direct", Boolean),
    _required("line", Integer),
    _text("index", optional=True),
    _text("platform"),
)

findings = Table(
    "findings",
    metadata,
    _project(),
    _text("key", key=True),
    _required("kind", Word(Kind)),
    _text("ecosystem"),
    _text("package"),
    _text("cluster"),
    _required("advisories", Json(tuple[str, ...])),  # digests of cited_advisories
    _required("state", Word(FindingState)),
    _required("first_seen", Time),
    _required("last_seen", Time),
    _required("regressions", Integer),
    _text("reason"),
)

occurrences = Table(
    "occurrences",
    metadata,
    _part_of_project(),
    _text("finding", key=True),
    _position(),
    _text("manifest"),
    _text("lockfile", optional=True),
    _text("version"),
    _text("requirement"),
    _required("direct", Boolean),
    _required("scope", Word(Scope)),
    _required("line", Integer),
    ForeignKeyConstraint(["project_id", "finding"], ["findings.project_id", "findings.key"]),
)

# Advisories as findings quote them, each wording once for the fleet, named by its digest.
cited_advisories = Table("cited_advisories", metadata, _text("digest", key=True), _required("advisory", Packed))

remediations = Table(
    "remediations",
    metadata,
    _project(),
    _text("key", key=True),
    _required("kind", Word(Kind)),
    _text("title"),
    _text("branch"),
    _text("target_branch"),
    _required("findings", Json(tuple[str, ...])),
    _required("state", Word(RemediationState)),
    _text("reason"),
    _required("updated_at", Time),
    _text("commit", optional=True),
    _text("base", optional=True),
    Column("issue", _Number),
    _text("issue_url", optional=True),
    Column("merge_request", _Number),
    _text("merge_request_url", optional=True),
    _text("inputs"),
    _required("issue_closes", Integer),
)

changes = Table(
    "changes",
    metadata,
    _part_of_project(),
    _text("remediation", key=True),
    _position(),
    _text("ecosystem"),
    _text("package"),
    _text("before"),
    _text("after"),
    _text("manifest"),
    _text("lockfile", optional=True),
    _required("direct", Boolean),
    _required("override", Boolean),
    ForeignKeyConstraint(["project_id", "remediation"], ["remediations.project_id", "remediations.key"]),
)

proofs = Table(
    "proofs",
    metadata,
    Column("id", _Number, primary_key=True),
    _project(key=False),
    _text("remediation"),
    _required("at", Time),
    _required("proof", Json(Proof)),
    Index("proofs_by_remediation", "project_id", "remediation", "id"),
)

# Append-only: triggers in the migration refuse every update and delete.
events = Table(
    "events",
    metadata,
    Column("id", _Number, primary_key=True),
    _project(key=False),
    _required("at", Time),
    _text("subject"),
    _text("before"),
    _text("after"),
    _text("reason"),
    Index("events_by_project", "project_id", "id"),
)

listings = Table(
    "listings",
    metadata,
    _text("ecosystem", key=True),
    _text("package", key=True),
    _text("index", key=True),
    _required("releases", Packed),
    _text("etag"),
    _required("checked_at", Time),
)

# What single releases tell of themselves. A cache: rows are dropped when nobody asked for a while.
release_details = Table(
    "release_details",
    metadata,
    _text("ecosystem", key=True),
    _text("package", key=True),
    _text("version", key=True),
    _text("index", key=True),
    _required("details", Packed),
    _required("kept_at", Time),
    Index("release_details_by_time", "kept_at"),
)

advisories = Table(
    "advisories",
    metadata,
    _text("source", key=True),
    _text("id", key=True),
    _required("modified", Time),
    _required("digest", LargeBinary),
    _required("record", Packed),
)

advisory_packages = Table(
    "advisory_packages",
    metadata,
    _text("source", key=True),
    _text("ecosystem", key=True),
    _text("package", key=True),
    _text("advisory", key=True),
    ForeignKeyConstraint(["source", "advisory"], ["advisories.source", "advisories.id"], ondelete="CASCADE"),
    Index("advisory_packages_by_advisory", "source", "advisory"),
    sqlite_with_rowid=False,
)

advisory_sources = Table(
    "advisory_sources",
    metadata,
    _text("name", key=True),
    _required("as_of", Time),
    _required("records", Integer),
    _text("validator"),
)

advisory_checks = Table(
    "advisory_checks",
    metadata,
    _text("source", key=True),
    _text("ecosystem", key=True),
    _text("package", key=True),
    _required("checked_at", Time),
)

marks = Table("marks", metadata, _text("name", key=True), _text("value"))
