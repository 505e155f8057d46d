"""Which advisories hit which package versions, and which are one vulnerability: what finding and proving share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

from bot.osv.ranges import START, contains
from remediators.api import Versions
from state.model import Advisory, Affected, Audited

Cluster = tuple[str, tuple[Advisory, ...]]
"""A vulnerability: the id that it goes by, and the advisories about it."""

_PREFERENCE = {"CVE": 0, "GHSA": 1, "PYSEC": 2, "RUSTSEC": 2, "GO": 2}
_OTHER = 3

# Where "+…" after a version names a build of it, not another version.
_BUILDS = frozenset({"PyPI", "npm", "crates.io", "Go"})


def affects(advisory: Advisory, ecosystem: str, package: str, version: str, versions: Versions) -> bool:
    """Whether `advisory` hits this version of a package (normalised name).

    Hit when the record lists the version or when any of its ranges contains it. A version that the
    ecosystem cannot read is compared with the list only; say so to the user (`Versions.valid`). A malicious package
    is hit whatever its version, unless the record names some.
    """
    public = version.partition("+")[0] if ecosystem in _BUILDS else version
    readable = versions.valid(version)
    return any(
        _lists(entry, version, public)
        or (readable and any(contains(span, version, public, versions) for span in entry.ranges))
        or (advisory.malicious and _names_no_version(entry))
        for entry in _entries(advisory, ecosystem, package)
    )


def clusters(advisories: Iterable[Advisory], ecosystem: str, package: str) -> tuple[Cluster, ...]:
    """(canonical id, advisories) of every vulnerability of a package, over any version, sorted by id.

    The identity is the CVE where an advisory has exactly one. Advisories without a CVE are joined by
    their other names, and count in the cluster of every advisory that shares one.

    An advisory with several CVEs never joins two vulnerabilities: such records exist by mistake
    (GHSA-269q-hmxg-m83q carries the CVE of an older flaw with an earlier fix) and as summaries. It
    stands for those of its CVEs that no other advisory stands for; when none is left, it counts in each.

    Neither a version nor the order of `advisories` has a say, so a finding keeps its id from one
    version to the next.
    """
    known = {a.id: a for a in advisories if any((x.ecosystem, x.package) == (ecosystem, package) for x in a.affected)}
    ordered = sorted(known.values(), key=lambda advisory: (len(_cves(advisory)), advisory.id))
    found: dict[str, list[Advisory]] = defaultdict(list)
    home: dict[str, str] = {}  # a CVE, and the cluster that stands for it
    for advisory in ordered:
        cves = _cves(advisory)
        stands_for = cves - home.keys() or cves
        for cve in stands_for:
            home.setdefault(cve, canonical(stands_for))
        for cluster in {home[cve] for cve in stands_for}:
            found[cluster].append(advisory)
    for nameless in _joined([advisory for advisory in ordered if not _cves(advisory)]):
        names = frozenset().union(*(advisory.names for advisory in nameless))
        related = [cluster for cluster, members in found.items() if any(names & member.names for member in members)]
        for cluster in related or [canonical(names)]:
            found[cluster].extend(nameless)
    return tuple((cluster, tuple(sorted(found[cluster], key=lambda a: _rank(a.id)))) for cluster in sorted(found))


def canonical(names: Iterable[str]) -> str:
    """The name to show and to remember a vulnerability by: its CVE, else GHSA, else the ecosystem's own."""
    return min(names, key=_rank)


def hits(
    advisories: Iterable[Advisory], ecosystem: str, package: str, version: str, versions: Versions
) -> tuple[Cluster, ...]:
    """The clusters that hit this version, each with only those of its advisories that do, sorted by id."""
    return _hit(clusters(advisories, ecosystem, package), ecosystem, package, version, versions)


def audit(
    packages: Iterable[tuple[str, str, str]],
    advisories: Mapping[tuple[str, str], tuple[Advisory, ...]],
    versions: Callable[[str], Versions],
) -> tuple[Audited, ...]:
    """One Audited for each (ecosystem, package, version) and each cluster that hits it, sorted and without repeats.

    A package that `advisories` lacks was not looked up and is passed over: the caller knows which.
    """
    grouped: dict[tuple[str, str], set[str]] = {}
    for ecosystem, package, version in packages:
        grouped.setdefault((ecosystem, package), set()).add(version)
    found = []
    for (ecosystem, package), used in sorted(grouped.items()):
        known = clusters(advisories.get((ecosystem, package), ()), ecosystem, package)
        for version in sorted(used) if known else ():
            hit = _hit(known, ecosystem, package, version, versions(ecosystem))
            found += [Audited(ecosystem, package, version, cluster) for cluster, _ in hit]
    return tuple(found)


def malicious(
    packages: Iterable[tuple[str, str, str]],
    advisories: Mapping[tuple[str, str], tuple[Advisory, ...]],
    versions: Callable[[str], Versions],
) -> frozenset[tuple[str, str, str]]:
    """Those of these (ecosystem, package, version) that are known to be malicious."""
    return frozenset(
        (ecosystem, package, version)
        for ecosystem, package, version in packages
        for advisory in advisories.get((ecosystem, package), ())
        if advisory.malicious and affects(advisory, ecosystem, package, version, versions(ecosystem))
    )


def _hit(
    known: Iterable[Cluster], ecosystem: str, package: str, version: str, versions: Versions
) -> tuple[Cluster, ...]:
    narrowed = (
        (cluster, tuple(a for a in members if affects(a, ecosystem, package, version, versions)))
        for cluster, members in known
    )
    return tuple((cluster, members) for cluster, members in narrowed if members)


def _rank(name: str) -> tuple[int, str]:
    return _PREFERENCE.get(name.partition("-")[0], _OTHER), name


def _cves(advisory: Advisory) -> frozenset[str]:
    return frozenset(name for name in advisory.names if name.startswith("CVE-"))


def _joined(advisories: Iterable[Advisory]) -> list[list[Advisory]]:
    """Groups that share names, directly or through one another."""
    groups: list[list[Advisory]] = []
    for advisory in advisories:
        touching = [group for group in groups if any(advisory.names & member.names for member in group)]
        groups = [group for group in groups if group not in touching]
        groups.append([advisory, *(member for group in touching for member in group)])
    return groups


def _entries(advisory: Advisory, ecosystem: str, package: str) -> Iterator[Affected]:
    return (entry for entry in advisory.affected if entry.package == package and entry.ecosystem == ecosystem)


def _names_no_version(entry: Affected) -> bool:
    """Whether a record is about a package as a whole: it has no version in it but "from the start"."""
    bounds = {event for span in entry.ranges for event in span.events}
    return not entry.versions and bounds <= {("introduced", START)}


def _lists(entry: Affected, version: str, public: str) -> bool:
    if version in entry.versions:
        return True
    return bool(entry.versions) and _spelling(public) in _spellings(entry.versions)


@lru_cache(maxsize=4096)
def _spellings(listed: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(_spelling, listed))


def _spelling(version: str) -> str:
    """A plain version without the freedoms of writing it: "v1.0", "1.0.0" and "1" are the same."""
    plain = version.lower().removeprefix("v")
    if not plain.replace(".", "").isdecimal():
        return plain
    while plain.endswith(".0"):
        plain = plain.removesuffix(".0")
    return plain
