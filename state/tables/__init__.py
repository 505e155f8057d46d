"""The tables. Columns carry the names of the nouns' fields, so a row becomes a noun by name."""

from state.tables.caches import (
    advisories,
    advisory_checks,
    advisory_packages,
    advisory_sources,
    listings,
    marks,
    release_details,
)
from state.tables.fleet import dependencies, projects, scans
from state.tables.history import (
    acceptances,
    changes,
    cited_advisories,
    events,
    findings,
    occurrences,
    proofs,
    remediations,
)
from state.tables.parts import metadata

__all__ = [
    "acceptances",
    "advisories",
    "advisory_checks",
    "advisory_packages",
    "advisory_sources",
    "changes",
    "cited_advisories",
    "dependencies",
    "events",
    "findings",
    "listings",
    "marks",
    "metadata",
    "occurrences",
    "projects",
    "proofs",
    "release_details",
    "remediations",
    "scans",
]
