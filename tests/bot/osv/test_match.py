"""Which advisories hit a version, and which of them are one vulnerability."""

from __future__ import annotations

import itertools
import time
from collections import defaultdict
from typing import Any

import pytest

from bot.osv import match
from bot.osv.ranges import contains
from remediators.versions.pypi import PypiVersions
from state.model import Advisory, Audited, VersionRange

PYPI = PypiVersions()


def hit(advisory: Advisory, version: str, package: str = "demo", ecosystem: str = "PyPI") -> bool:
    return match.affects(advisory, ecosystem, package, version, PYPI)


class TestAffects:
    def test_listed_or_in_any_range(self, make: Any) -> None:
        low = VersionRange("ECOSYSTEM", (("introduced", "0"), ("fixed", "1.0")))
        high = VersionRange("SEMVER", (("introduced", "3.0"), ("fixed", "4.0")))
        advisory = make(ranges=[low, high], versions=["2.0"])

        assert [v for v in ("0.9", "1.0", "2.0", "2.1", "3.5", "4.0") if hit(advisory, v)] == ["0.9", "2.0", "3.5"]

    def test_only_the_package_of_the_ecosystem(self, make: Any) -> None:
        advisory = make("GHSA-1", (), "introduced 0")

        assert hit(advisory, "1.0")
        assert not hit(advisory, "1.0", package="demo-two")
        assert not hit(advisory, "1.0", ecosystem="npm")

    @pytest.mark.parametrize(
        ("listed", "ours", "expected"),
        [
            ("1.0", "1.0", True),
            ("1.0", "1.0.0", True),
            ("1.0.0", "1", True),
            ("1.0", "v1.0", True),
            ("1.0", "1.0+cpu", True),
            ("1.0+cpu", "1.0+cpu", True),
            ("1.10", "1.1", False),
            ("1.0", "1.0rc1", False),
            ("1.0", "1.0.post1", False),
            ("1.0+cpu", "1.0", False),
        ],
    )
    def test_a_listed_version_counts_in_any_spelling(self, make: Any, listed: str, ours: str, expected: bool) -> None:
        assert hit(make(versions=[listed]), ours) is expected

    @pytest.mark.parametrize(("ours", "expected"), [("build-7", True), ("Build-7", True), ("build-8", False)])
    def test_an_unreadable_version_is_only_looked_for_in_the_list(self, make: Any, ours: str, expected: bool) -> None:
        assert hit(make("GHSA-1", (), "introduced 0", versions=["build-7"]), ours) is expected


def ids(advisories: list[Advisory], package: str = "demo", ecosystem: str = "PyPI") -> dict[str, list[str]]:
    """The clusters by id, once it is certain that no order changes them."""
    answers = {
        tuple((name, tuple(a.id for a in members)) for name, members in match.clusters(order, ecosystem, package))
        for order in itertools.islice(itertools.permutations(advisories), 720)
    }
    assert len(answers) == 1
    return {name: list(members) for name, members in answers.pop()}


class TestClusters:
    """Each case: advisories as (id, aliases) -> clusters."""

    @pytest.mark.parametrize(
        ("records", "expected"),
        [
            pytest.param([], {}, id="none"),
            pytest.param([("GHSA-1", ["CVE-1"])], {"CVE-1": ["GHSA-1"]}, id="cve-first"),
            pytest.param([("PYSEC-1", ["GHSA-1"])], {"GHSA-1": ["PYSEC-1"]}, id="then-ghsa"),
            pytest.param([("RUSTSEC-1", ["ACME-1"])], {"RUSTSEC-1": ["RUSTSEC-1"]}, id="then-the-ecosystem"),
            pytest.param([("ACME-2", ["ACME-1"])], {"ACME-1": ["ACME-2"]}, id="then-the-alphabet"),
            pytest.param(
                [("GHSA-1", ["CVE-1"]), ("PYSEC-1", ["CVE-1"]), ("GHSA-2", ["CVE-2"])],
                {"CVE-1": ["GHSA-1", "PYSEC-1"], "CVE-2": ["GHSA-2"]},
                id="one-cve-is-one-vulnerability",
            ),
            pytest.param(
                [("GHSA-1", ["CVE-1"]), ("PYSEC-1", ["GHSA-1"])],
                {"CVE-1": ["GHSA-1", "PYSEC-1"]},
                id="joined-by-another-name",
            ),
            pytest.param(
                [("GHSA-1", ["CVE-1"]), ("PYSEC-1", ["GHSA-1", "ACME-1"]), ("ACME-1", [])],
                {"CVE-1": ["GHSA-1", "PYSEC-1", "ACME-1"]},
                id="joined-by-a-chain",
            ),
            pytest.param(
                [("GHSA-1", []), ("PYSEC-1", ["GHSA-1"]), ("MAL-1", [])],
                {"GHSA-1": ["GHSA-1", "PYSEC-1"], "MAL-1": ["MAL-1"]},
                id="without-a-cve",
            ),
            pytest.param(
                [("GHSA-1", ["CVE-1"]), ("PYSEC-1", ["GHSA-1", "CVE-2"])],
                {"CVE-1": ["GHSA-1"], "CVE-2": ["PYSEC-1"]},
                id="two-cves-are-two-even-with-a-common-alias",
            ),
            pytest.param(
                [("GHSA-1", ["CVE-1"]), ("GHSA-2", ["CVE-1", "CVE-2", "GHSA-1"])],
                {"CVE-1": ["GHSA-1"], "CVE-2": ["GHSA-2"]},
                id="a-superset-stands-for-what-is-left",
            ),
            pytest.param(
                [("GHSA-1", ["CVE-1"]), ("GHSA-2", ["CVE-2"]), ("RUSTSEC-1", ["CVE-1", "CVE-2"])],
                {"CVE-1": ["GHSA-1", "RUSTSEC-1"], "CVE-2": ["GHSA-2", "RUSTSEC-1"]},
                id="a-summary-counts-in-each",
            ),
            pytest.param(
                [("GHSA-1", ["CVE-3", "CVE-2"])], {"CVE-2": ["GHSA-1"]}, id="several-cves-nobody-else-stands-for"
            ),
            pytest.param(
                [("GHSA-1", ["CVE-1", "CVE-2"]), ("PYSEC-1", ["CVE-2", "CVE-1", "GHSA-1"])],
                {"CVE-1": ["GHSA-1", "PYSEC-1"]},
                id="the-same-summary-twice",
            ),
            pytest.param(
                [("GHSA-1", ["CVE-1", "CVE-2"]), ("GO-1", ["GHSA-1"])],
                {"CVE-1": ["GHSA-1", "GO-1"]},
                id="joined-to-a-summary-by-its-name",
            ),
        ],
    )
    def test_joined(self, make: Any, records: list[tuple[str, list[str]]], expected: dict[str, list[str]]) -> None:
        assert ids([make(name, aliases, "introduced 0") for name, aliases in records]) == expected

    def test_only_what_is_about_the_package(self, make: Any) -> None:
        other = make("GHSA-2", ["CVE-1"], "introduced 0", package="other")

        assert ids([make("GHSA-1", ["CVE-1"], "introduced 0"), other]) == {"CVE-1": ["GHSA-1"]}

    def test_netty_superset_alias_hides_nothing(self, dump: Any) -> None:
        """GHSA-269q-hmxg-m83q (fixed in 4.1.77) carries the CVE of GHSA-5mcr-gq6c-3hq2 (fixed in 4.1.59)."""
        wanted = ("GHSA-269q-hmxg-m83q", "GHSA-5mcr-gq6c-3hq2")
        netty = [advisory for advisory in dump("Maven") if advisory.id in wanted]

        assert ids(netty, "io.netty:netty-codec-http", "Maven") == {
            "CVE-2021-21290": ["GHSA-5mcr-gq6c-3hq2"],
            "CVE-2022-24823": ["GHSA-269q-hmxg-m83q"],
        }

    def test_one_cve_over_several_packages(self, dump: Any) -> None:
        """CVE-2025-55182 is an alias of two records, of which one has a second, rejected CVE."""
        named = [advisory for advisory in dump("npm") if "CVE-2025-55182" in advisory.names]

        assert ids(named, "next", "npm") == {"CVE-2025-55182": ["GHSA-9qr9-h5gf-34mp"]}
        assert ids(named, "react-server-dom-webpack", "npm") == {"CVE-2025-55182": ["GHSA-fv66-9v8q-g76r"]}


class TestAudit:
    def test_one_for_each_version_and_vulnerability(self, make: Any) -> None:
        known = {
            ("PyPI", "demo"): (
                make("GHSA-1", ["CVE-1"], "introduced 0", "fixed 2.0"),
                make("PYSEC-1", ["CVE-1"], "introduced 0", "fixed 1.0"),
                make("GHSA-2", ["CVE-2"], "introduced 1.0", "fixed 3.0"),
            ),
            ("PyPI", "clean"): (),
        }
        packages = [("PyPI", "demo", v) for v in ("1.0", "3.0", "0.1", "1.0")]
        packages += [("PyPI", "clean", "1.0"), ("PyPI", "unknown", "1.0")]

        assert match.audit(packages, known, lambda _: PYPI) == (
            Audited("PyPI", "demo", "0.1", "CVE-1"),
            Audited("PyPI", "demo", "1.0", "CVE-1"),
            Audited("PyPI", "demo", "1.0", "CVE-2"),
        )

    def test_a_cluster_keeps_its_id_from_version_to_version(self, make: Any) -> None:
        """Named by what hits it alone, 1.5 would have "CVE-1" (new!) where 0.5 had the same flaw as "CVE-2"."""
        advisories = (
            make("GHSA-1", ["CVE-1"], "introduced 0", "fixed 1.0"),
            make("GHSA-2", ["CVE-1", "CVE-2"], "introduced 0", "fixed 2.0"),
        )

        def hitting(version: str) -> list[str]:
            return [name for name, _ in match.hits(advisories, "PyPI", "demo", version, PYPI)]

        assert hitting("0.5") == ["CVE-1", "CVE-2"]
        assert hitting("1.5") == ["CVE-2"]
        assert hitting("2.0") == []

    def test_hits_hold_only_the_advisories_that_hit(self, make: Any) -> None:
        early = make("GHSA-1", ["CVE-1"], "introduced 0", "fixed 1.0")
        late = make("PYSEC-1", ["CVE-1"], "introduced 0", "fixed 2.0")

        assert match.hits([early, late], "PyPI", "demo", "1.5", PYPI) == (("CVE-1", (late,)),)


# In these the list holds prereleases of the version that the range starts with, or the first fixed version.
LISTED_BEYOND_THE_RANGE = {
    ("PYSEC-2021-114", "2.11.6"),
    *(("PYSEC-2023-61", f"{version}{part}") for version in ("3.2", "4.2") for part in ("a1", "b1", "rc1")),
}


def test_ranges_agree_with_the_lists_of_every_real_record(dump: Any) -> None:
    """OSV's own enumeration is the independent implementation: 593,025 listed versions in July 2026."""
    compared, beyond = 0, set()
    for advisory in dump("PyPI"):
        for entry in advisory.affected:
            spans = [span for span in entry.ranges if span.type != "GIT"]
            for version in filter(PYPI.valid, entry.versions if spans and entry.ecosystem == "PyPI" else ()):
                compared += 1
                if not any(contains(span, version, version.partition("+")[0], PYPI) for span in spans):
                    beyond.add((advisory.id, version))

    assert compared > 500_000
    assert beyond == LISTED_BEYOND_THE_RANGE


def test_the_500_most_afflicted_packages_are_audited_in_no_time(dump: Any) -> None:
    known: dict[tuple[str, str], list[Advisory]] = defaultdict(list)
    for advisory in dump("PyPI"):
        for pair in {(entry.ecosystem, entry.package) for entry in advisory.affected}:
            known[pair].append(advisory)
    worst = sorted(known, key=lambda pair: -len(known[pair]))[:500]
    frozen = {pair: tuple(known[pair]) for pair in worst}

    started = time.process_time()
    found = match.audit([(*pair, "1.0") for pair in worst], frozen, lambda _: PYPI)
    elapsed = time.process_time() - started

    assert len(found) > 500
    assert elapsed < 1.0  # 0.1 s on a quiet machine
