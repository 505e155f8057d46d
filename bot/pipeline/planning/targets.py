"""What the occurrence of a finding moves to: the parts that every kind of change set is made of. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from state.model import Change, Dependency, Facts, Finding, Occurrence, Remediation

Spot = tuple[str, str, str]
"""A package in a unit: ecosystem, the unit's lockfile or else its manifest, package."""

# Of the packages that a title names.
NAMED = 3


@dataclass(frozen=True, slots=True)
class Target:
    """What a finding's occurrence moves to, and why a person should approve it ("" for no reason)."""

    finding: Finding
    change: Change
    asks: str = ""


def dependency_of(finding: Finding, occurrence: Occurrence, facts: Facts) -> Dependency:
    """The entry of the inventory that an occurrence stands for."""
    return next(
        d
        for d in facts.dependencies
        if (d.ecosystem, d.package, d.manifest, d.line, d.requirement)
        == (finding.ecosystem, finding.package, occurrence.manifest, occurrence.line, occurrence.requirement)
    )


def change_to(finding: Finding, occurrence: Occurrence, after: str) -> Change:
    """The move of one occurrence to a version."""
    return Change(
        finding.ecosystem,
        finding.package,
        occurrence.version,
        after,
        occurrence.manifest,
        occurrence.lockfile,
        occurrence.direct,
    )


def change_order(change: Change) -> tuple[str, str, str, str]:
    """Sorts changes as a person reads them."""
    return (change.manifest, change.package, change.before, change.after)


def spot(change: Change) -> Spot:
    """Where a change takes place."""
    return change.ecosystem, change.lockfile or change.manifest, change.package


def unique(values: Iterable[str]) -> tuple[str, ...]:
    """Each value once, in the order of its first time."""
    return tuple(dict.fromkeys(values))


def versions_of(changes: Sequence[Change]) -> str:
    """The versions that changes go to, in words."""
    return " and ".join(unique(c.after for c in changes))


def fix_title(package: str, changes: Sequence[Change], findings: Sequence[str]) -> str:
    """The title of a fix of a package: where it goes, or who goes on without it. `findings` are keys.

    No word that closes an issue stands before an advisory: GitLab takes CVE-2026 for an issue of Jira and moves it.
    """
    what = f"{len(findings)} vulnerabilities" if len(findings) > 1 else findings[0].rpartition(":")[2]
    own = [c for c in changes if c.package == package and c.after]
    if own:
        return f"Update {package} to {versions_of(own)} against {what}"
    others = unique(f"{c.package} to {c.after}" for c in changes if c.after)
    if not others:
        return f"Vulnerable {package}: no fixed version for {what}"
    return f"Update {' and '.join(others)} to go without {package}, against {what}"


def joint_title(changes: Sequence[Change], findings: Sequence[str]) -> str:
    """The title of several fixes in one change set; `findings` are keys."""
    what = f"{len(findings)} vulnerabilities" if len(findings) > 1 else findings[0].rpartition(":")[2]
    moves = unique(f"{c.package} to {c.after}" for c in changes if c.after)
    named = ", ".join(moves) if len(moves) <= NAMED else f"{len(moves)} packages"
    return f"Update {named} together against {what}"


def retitled(fix: Remediation) -> Remediation:
    """A fix with the title of its present changes."""
    return replace(fix, title=fix_title(package_of(fix), fix.changes, fix.findings))


def joined_to(leader: Remediation) -> str:
    """What is said of a fix that is in the merge request of another."""
    return f"in one merge request with the fix of {package_of(leader)}"


def package_of(fix: Remediation) -> str:
    """The package that a fix is for."""
    return fix.key.split("/", 2)[2]
