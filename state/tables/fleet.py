"""Projects, and what the newest scan of each saw."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table

from state.columns import Json, Time, Word
from state.model import Failure, Scope
from state.tables.parts import Number, metadata, position, project, required, text

projects = Table(
    "projects",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=False),
    text("path"),
    text("default_branch", optional=True),
    text("head", optional=True),
    text("web_url"),
    text("clone_url"),
    required("access_level", Integer),
    required("archived", Boolean),
    required("issues_enabled", Boolean),
    required("merge_requests_enabled", Boolean),
    required("seen_at", Time),
    Index("projects_by_path", "path"),  # not unique: paths are reused when projects move
)

# The newest scan of each project; what an older one saw is in the events.
scans = Table(
    "scans",
    metadata,
    project(),
    text("head"),
    required("at", Time),
    required("complete", Boolean),
    text("fingerprint"),
    required("failed", Json(tuple[Failure, ...])),
)

# The inventory of the newest scan.
dependencies = Table(
    "dependencies",
    metadata,
    project(),
    position(),
    text("ecosystem"),
    text("package"),
    text("requirement"),
    text("version", optional=True),
    text("manifest"),
    text("lockfile", optional=True),
    required("scope", Word(Scope)),
    required("direct", Boolean),
    required("line", Integer),
    text("index", optional=True),
    text("platform"),
)
