"""What was looked up outside, and can be again: listings, releases and advisories; and marks."""

from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint, Index, Integer, LargeBinary, Table

from state.columns import Packed, Time
from state.tables.parts import metadata, required, text

listings = Table(
    "listings",
    metadata,
    text("ecosystem", key=True),
    text("package", key=True),
    text("index", key=True),
    required("releases", Packed),
    text("etag"),
    required("checked_at", Time),
)

# What single releases tell of themselves. A cache: rows are dropped when nobody asked for a while.
release_details = Table(
    "release_details",
    metadata,
    text("ecosystem", key=True),
    text("package", key=True),
    text("version", key=True),
    text("index", key=True),
    required("details", Packed),
    required("kept_at", Time),
    Index("release_details_by_time", "kept_at"),
)

advisories = Table(
    "advisories",
    metadata,
    text("source", key=True),
    text("id", key=True),
    required("modified", Time),
    required("digest", LargeBinary),
    required("record", Packed),
)

advisory_packages = Table(
    "advisory_packages",
    metadata,
    text("source", key=True),
    text("ecosystem", key=True),
    text("package", key=True),
    text("advisory", key=True),
    ForeignKeyConstraint(["source", "advisory"], ["advisories.source", "advisories.id"], ondelete="CASCADE"),
    Index("advisory_packages_by_advisory", "source", "advisory"),
    sqlite_with_rowid=False,
)

advisory_sources = Table(
    "advisory_sources",
    metadata,
    text("name", key=True),
    required("as_of", Time),
    required("records", Integer),
    text("validator"),
)

advisory_checks = Table(
    "advisory_checks",
    metadata,
    text("source", key=True),
    text("ecosystem", key=True),
    text("package", key=True),
    required("checked_at", Time),
)

marks = Table("marks", metadata, text("name", key=True), text("value"))
