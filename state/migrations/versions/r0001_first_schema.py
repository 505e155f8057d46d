"""The first schema. Frozen: it says what is in databases out there, whatever state/tables says later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TIME = sa.DateTime(timezone=True)

_APPEND_ONLY_SQLITE = """
CREATE TRIGGER events_no_{verb} BEFORE {verb} ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END
"""
_APPEND_ONLY_POSTGRESQL = (
    """
CREATE FUNCTION refuse_to_change_events() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'events are append-only'; END $$
""",
    """
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_events()
""",
)


def upgrade() -> None:
    """Create every table, then close the events to change."""
    _create_projects()
    _create_findings()
    _create_remediations()
    _create_history()
    _create_caches()
    _create_advisories()
    _close_events()


def _text(name: str, *, optional: bool = False, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=optional, primary_key=key)


def _number(name: str, *, optional: bool = False, key: bool = False) -> sa.Column[int]:
    return sa.Column(name, _NUMBER, nullable=optional, primary_key=key, autoincrement=False)


def _small(name: str, *, key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, primary_key=key, autoincrement=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, _TIME, nullable=False)


def _bytes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=False)


def _row_number() -> sa.Column[int]:
    return sa.Column("id", _NUMBER, primary_key=True)


def _of_project() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["project_id"], ["projects.id"])


def _create_projects() -> None:
    op.create_table(
        "projects",
        _number("id", key=True),
        _text("path"),
        _text("default_branch", optional=True),
        _text("head", optional=True),
        _text("web_url"),
        _text("clone_url"),
        _small("access_level"),
        _flag("archived"),
        _flag("issues_enabled"),
        _flag("merge_requests_enabled"),
        _time("seen_at"),
    )
    op.create_index("projects_by_path", "projects", ["path"])
    op.create_table(
        "scans",
        _number("project_id", key=True),
        _text("head"),
        _time("at"),
        _flag("complete"),
        _text("fingerprint"),
        _text("failed"),
        _of_project(),
    )
    op.create_table(
        "dependencies",
        _number("project_id", key=True),
        _small("position", key=True),
        _text("ecosystem"),
        _text("package"),
        _text("requirement"),
        _text("version", optional=True),
        _text("manifest"),
        _text("lockfile", optional=True),
        _text("scope"),
        _flag("direct"),
        _small("line"),
        _text("index", optional=True),
        _text("platform"),
        _of_project(),
    )


def _create_findings() -> None:
    op.create_table(
        "findings",
        _number("project_id", key=True),
        _text("key", key=True),
        _text("kind"),
        _text("ecosystem"),
        _text("package"),
        _text("cluster"),
        _text("advisories"),
        _text("state"),
        _time("first_seen"),
        _time("last_seen"),
        _small("regressions"),
        _text("reason"),
        _of_project(),
    )
    op.create_table(
        "occurrences",
        _number("project_id", key=True),
        _text("finding", key=True),
        _small("position", key=True),
        _text("manifest"),
        _text("lockfile", optional=True),
        _text("version"),
        _text("requirement"),
        _flag("direct"),
        _text("scope"),
        _small("line"),
        sa.ForeignKeyConstraint(["project_id", "finding"], ["findings.project_id", "findings.key"]),
    )
    op.create_table("cited_advisories", _text("digest", key=True), _bytes("advisory"))


def _create_remediations() -> None:
    op.create_table(
        "remediations",
        _number("project_id", key=True),
        _text("key", key=True),
        _text("kind"),
        _text("title"),
        _text("branch"),
        _text("target_branch"),
        _text("findings"),
        _text("state"),
        _text("reason"),
        _time("updated_at"),
        _text("commit", optional=True),
        _text("base", optional=True),
        _number("issue", optional=True),
        _text("issue_url", optional=True),
        _number("merge_request", optional=True),
        _text("merge_request_url", optional=True),
        _text("inputs"),
        _small("issue_closes"),
        _of_project(),
    )
    op.create_table(
        "changes",
        _number("project_id", key=True),
        _text("remediation", key=True),
        _small("position", key=True),
        _text("ecosystem"),
        _text("package"),
        _text("before"),
        _text("after"),
        _text("manifest"),
        _text("lockfile", optional=True),
        _flag("direct"),
        _flag("override"),
        sa.ForeignKeyConstraint(["project_id", "remediation"], ["remediations.project_id", "remediations.key"]),
    )


def _create_history() -> None:
    op.create_table(
        "proofs",
        _row_number(),
        _number("project_id"),
        _text("remediation"),
        _time("at"),
        _text("proof"),
        _of_project(),
    )
    op.create_index("proofs_by_remediation", "proofs", ["project_id", "remediation", "id"])
    op.create_table(
        "events",
        _row_number(),
        _number("project_id"),
        _time("at"),
        _text("subject"),
        _text("before"),
        _text("after"),
        _text("reason"),
        _of_project(),
    )
    op.create_index("events_by_project", "events", ["project_id", "id"])


def _create_caches() -> None:
    op.create_table(
        "listings",
        _text("ecosystem", key=True),
        _text("package", key=True),
        _text("index", key=True),
        _bytes("releases"),
        _text("etag"),
        _time("checked_at"),
    )
    op.create_table("marks", _text("name", key=True), _text("value"))


def _create_advisories() -> None:
    op.create_table(
        "advisories",
        _text("source", key=True),
        _text("id", key=True),
        _time("modified"),
        _bytes("digest"),
        _bytes("record"),
    )
    op.create_table(
        "advisory_packages",
        _text("source", key=True),
        _text("ecosystem", key=True),
        _text("package", key=True),
        _text("advisory", key=True),
        sa.ForeignKeyConstraint(["source", "advisory"], ["advisories.source", "advisories.id"], ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("advisory_packages_by_advisory", "advisory_packages", ["source", "advisory"])
    op.create_table("advisory_sources", _text("name", key=True), _time("as_of"), _small("records"), _text("validator"))
    op.create_table(
        "advisory_checks",
        _text("source", key=True),
        _text("ecosystem", key=True),
        _text("package", key=True),
        _time("checked_at"),
    )


def _close_events() -> None:
    if op.get_bind().dialect.name == "postgresql":
        statements = list(_APPEND_ONLY_POSTGRESQL)
    else:
        statements = [_APPEND_ONLY_SQLITE.format(verb=verb) for verb in ("UPDATE", "DELETE")]
    for statement in statements:
        op.execute(statement)
