"""From facts to findings to change sets."""

from __future__ import annotations

import time

import pytest

from bot.config import PolicySettings
from bot.pipeline import plan
from bot.pipeline.find import Found, find
from bot.pipeline.plan import Plan
from state.model import Facts, Kind, Remediation, Scope
from tests.bot.pipeline.builders import ECOSYSTEMS, NOW, advisory, dependency, facts, release

POLICY = PolicySettings()
RELEASES = (release("1.0"), release("1.4"), release("1.5"), release("1.6"), release("2.0"))


def found(known: Facts, policy: PolicySettings = POLICY) -> Found:
    return find(known, ECOSYSTEMS, policy, NOW)


def planned(known: Facts, policy: PolicySettings = POLICY) -> Plan:
    return plan.plan(found(known, policy).findings, known, ECOSYSTEMS, policy, "main", NOW)


def moves(remediation: Remediation) -> list[tuple[str, str, str]]:
    return [(c.manifest, c.before, c.after) for c in remediation.changes]


def test_one_vulnerability_over_two_manifests_is_one_finding() -> None:
    both = (dependency(), dependency(manifest="dev/requirements.txt"))
    vulnerable = [f for f in found(facts(both, RELEASES, (advisory(),))).findings if f.kind is Kind.VULNERABLE]
    assert [(f.key, [o.manifest for o in f.occurrences]) for f in vulnerable] == [
        ("PyPI:acme:CVE-2026-1", ["dev/requirements.txt", "requirements.txt"])
    ]


def test_a_vulnerable_package_moves_to_the_lowest_fix() -> None:
    made = planned(facts((dependency(),), RELEASES, (advisory(),)))
    assert [(r.key, moves(r)) for r in made.remediations] == [
        ("vulnerable/PyPI/acme", [("requirements.txt", "1.0", "1.5")])
    ]
    assert made.remediations[0].title == "Update acme to 1.5 to fix CVE-2026-1"


def test_two_vulnerabilities_of_one_package_are_one_change_set() -> None:
    two = (advisory(), advisory("CVE-2026-2", fixed="1.6"))
    (made,) = planned(facts((dependency(),), RELEASES, two)).remediations
    assert moves(made) == [("requirements.txt", "1.0", "1.6")]
    assert made.findings == ("PyPI:acme:CVE-2026-1", "PyPI:acme:CVE-2026-2")


def test_a_range_that_still_admits_a_vulnerable_newest_version_is_vulnerable() -> None:
    ranged = dependency(version=None, requirement="<1.5")
    (vulnerable, *_) = found(facts((ranged,), RELEASES, (advisory(),))).findings
    assert (vulnerable.kind, vulnerable.occurrences[0].version) == (Kind.VULNERABLE, "1.4")


def test_no_fix_is_rejected_with_its_reason() -> None:
    made = planned(facts((dependency(),), RELEASES, (advisory(fixed=None),)))
    assert made.remediations == ()
    assert [no.reason for no in made.rejected] == [
        "no fixed version: every release after 1.0 up to 2.0 is affected as well"
    ]


def test_updates_are_grouped_by_manifest_and_majors_stand_alone() -> None:
    known = facts((dependency(), dependency("zeta")), RELEASES)
    assert [(r.key, moves(r)) for r in planned(known).remediations] == [
        ("outdated/requirements.txt", [("requirements.txt", "1.0", "1.6"), ("requirements.txt", "1.0", "1.6")]),
        ("major/PyPI/acme", [("requirements.txt", "1.0", "2.0")]),
        ("major/PyPI/zeta", [("requirements.txt", "1.0", "2.0")]),
    ]


@pytest.mark.parametrize(
    "quiet",
    [
        pytest.param(dependency(direct=False), id="transitive"),
        pytest.param(dependency(scope=Scope.PEER), id="peer"),
        pytest.param(dependency(version="2.0"), id="newest"),
        pytest.param(dependency(version=None, requirement=">=1"), id="range that takes the newest"),
    ],
)
def test_what_is_not_outdated(quiet: object) -> None:
    assert found(facts((quiet,), RELEASES)).findings == ()  # type: ignore[arg-type]  # parametrised dependencies


def test_an_update_never_goes_to_a_vulnerable_version() -> None:
    known = facts((dependency(),), RELEASES, (advisory(introduced="2.0", fixed=None),))
    assert [r.key for r in planned(known).remediations] == ["outdated/requirements.txt"]


def test_a_version_that_cannot_be_read_is_said_and_hides_nothing() -> None:
    known = facts((dependency(version="2004d"), dependency("zeta")), RELEASES)
    outcome = found(known)
    assert [f.reason for f in outcome.failed] == ["requirements.txt: acme '2004d' is not a version of PyPI"]
    assert [f.package for f in outcome.findings] == ["zeta"]


@pytest.mark.parametrize(
    ("key", "branch"),
    [
        ("vulnerable/PyPI/acme", "remediation/vulnerable/PyPI/acme"),
        ("vulnerable/npm/@babel/core", "remediation/vulnerable/npm/babel+core"),
        ("outdated/sub-dir/requirements.txt", "remediation/outdated/sub-dir/requirements.txt"),
        ("outdated/sub dir/requirements..txt", "remediation/outdated/sub-dir/requirements.txt-e5035ea1"),
        ("outdated/.config/x.lock", "remediation/outdated/config/x-c6c76038"),
        ("outdated/" + "deep/" * 60 + "package.json", "remediation/outdated/" + "deep/" * 32 + "d-f6a022b3"),
    ],
)
def test_a_branch_name_is_one_that_git_accepts(key: str, branch: str) -> None:
    assert plan.branch_name(key) == branch


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("outdated/a b/requirements.txt", "outdated/a-b/requirements.txt"),
        ("outdated/.web/package.json", "outdated/web/package.json"),
        ("outdated/é/package.json", "outdated/è/package.json"),
        ("vulnerable/npm/@babel/core", "vulnerable/npm/babel/core"),
        ("outdated/" + "x" * 300 + "/a", "outdated/" + "x" * 300 + "/b"),
    ],
)
def test_no_two_change_sets_share_a_branch(left: str, right: str) -> None:
    assert plan.branch_name(left) != plan.branch_name(right)


def test_a_package_with_many_advisories_and_releases_is_planned_in_no_time() -> None:
    count = 120
    known = facts(
        (dependency(version="1.0"),),
        [release(f"1.{n}") for n in range(count)],
        [advisory(f"CVE-2026-{n}", f"1.{n}") for n in range(1, count)],
    )
    began = time.process_time()
    (fix,) = planned(known).remediations
    # Comparing every finding with every release anew took some 20 s.
    assert time.process_time() - began < 5
    assert (len(fix.findings), fix.changes[0].after) == (count - 1, f"1.{count - 1}")
