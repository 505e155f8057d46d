"""Whether a version lies in one OSV range, in the version order of its ecosystem."""

from __future__ import annotations

import re
from functools import cmp_to_key

from remediators.api import Versions
from state.model import VersionRange

START = "0"
"""The bound below every version, whatever the ecosystem."""

# NVD's "2.9.0-NA" is "2.9.0 without an update"; records converted from NVD keep it as last_affected.
_QUALIFIED = re.compile(r"(.*\d)-[A-Za-z].*", re.DOTALL)


def contains(span: VersionRange, version: str, public: str, versions: Versions) -> bool:
    """Whether `span` contains `version`, which must be valid; `public` is it without build metadata.

    Events count in version order, whatever their order in the record; of two at one version the later
    in the record counts. Every build of the last affected version is affected. GIT ranges contain nothing.

    A bound that the ecosystem cannot read never makes a version clean: as `introduced` it is the start;
    as `fixed`, `last_affected` or `limit` it is ignored.
    Source: https://ossf.github.io/osv-schema/#evaluation
    """
    if span.type == "GIT" or not _below_limits(span, version, versions):
        return False

    def reached(kind: str, bound: str) -> bool:
        if kind == "last_affected":
            return _compare(public, bound, versions) > 0
        return _compare(version, bound, versions) >= 0

    def order(left: tuple[str, str], right: tuple[str, str]) -> int:
        # Past a version that is both introduced and last affected (in either order), it is over.
        by_version = _compare(left[1], right[1], versions)
        return by_version or (left[0] == "last_affected") - (right[0] == "last_affected")

    passed = sorted((event for event in _placed(span, versions) if reached(*event)), key=cmp_to_key(order))
    return bool(passed) and passed[-1][0] == "introduced"


def _placed(span: VersionRange, versions: Versions) -> list[tuple[str, str]]:
    """The events, without limits, whose bounds have a place in the version order."""
    found = []
    for kind, written in span.events:
        bound = written if written == START or versions.valid(written) else _salvaged(kind, written, versions)
        if kind != "limit" and bound is not None:
            found.append((kind, bound))
    return found


def _salvaged(kind: str, bound: str, versions: Versions) -> str | None:
    """What stands for an unreadable bound; None when nothing does."""
    if kind == "introduced":
        return START
    qualified = _QUALIFIED.fullmatch(bound) if kind == "last_affected" else None
    return qualified[1] if qualified and versions.valid(qualified[1]) else None


def _below_limits(span: VersionRange, version: str, versions: Versions) -> bool:
    limits = [bound for kind, bound in span.events if kind == "limit"]
    if not limits or not all(versions.valid(bound) for bound in limits):
        return True
    return any(versions.compare(version, bound) < 0 for bound in limits)


def _compare(left: str, right: str, versions: Versions) -> int:
    if START in (left, right):
        return (right == START) - (left == START)
    return versions.compare(left, right)
