"""From facts to findings to change sets."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from bot.pipeline.find import Found, find
from bot.pipeline.planning import branches, plan
from bot.pipeline.planning.plan import Plan
from bot.policy.model import Policy
from state.model import Facts, Kind, Obstacle, Remediation, Scope, Severity, Threat
from tests.bot.pipeline.builders import ECOSYSTEMS, NOW, advisory, dependency, facts, release

POLICY = Policy()
RELEASES = (release("1.0"), release("1.4"), release("1.5"), release("1.6"), release("2.0"))


def found(known: Facts, policy: Policy = POLICY) -> Found:
    return find(known, ECOSYSTEMS, policy, NOW)


def planned(known: Facts, policy: Policy = POLICY) -> Plan:
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
    assert made.remediations[0].title == "Update acme to 1.5 against CVE-2026-1"


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
    assert [(no.why.kind, no.reason) for no in made.rejected] == [
        (
            Obstacle.NO_FIXED_VERSION,
            "no fixed version: every release after 1.0 up to 2.0 is affected as well",
        )
    ]


@pytest.mark.parametrize(
    ("policy", "made"),
    [
        pytest.param({"updates": {"patch": False, "minor": False, "major": False}}, [], id="no routine updates"),
        pytest.param({"updates": {"major": False}}, ["outdated/requirements.txt"], id="no majors"),
        pytest.param({"updates": {"minor": False}}, ["major/PyPI/acme", "major/PyPI/zeta"], id="majors only"),
        pytest.param({"allowed": {"*": "<1.6"}}, ["outdated/requirements.txt"], id="allowed versions"),
        pytest.param(
            {"groups": {"greek": ["z*"]}},
            ["group/greek", "outdated/requirements.txt", "group/greek/major", "major/PyPI/acme"],
            id="a group",
        ),
        pytest.param({"cooldown_days": {"major": 200}}, ["outdated/requirements.txt"], id="majors have to be older"),
    ],
)
def test_the_policy_says_which_routine_updates_there_are(policy: dict[str, object], made: list[str]) -> None:
    known = facts((dependency(), dependency("zeta")), RELEASES)
    assert [r.key for r in planned(known, Policy.model_validate(policy)).remediations] == made


@pytest.mark.parametrize(
    ("policy", "kind", "words"),
    [
        pytest.param(
            {"updates": {"security": "none"}},
            Obstacle.HELD_BY_POLICY,
            "fixes are switched off by the policy (updates.security: none)",
            id="off",
        ),
        pytest.param(
            {"updates": {"security": "minor"}},
            Obstacle.NEEDS_MAJOR,
            "a fix exists but is held back: 2.0 is a major step from 1.0, which the policy does not take",
            id="needs a major",
        ),
        pytest.param(
            {"allowed": {"acme": "<2"}},
            Obstacle.HELD_BY_POLICY,
            "a fix exists but is held back: 2.0 is outside of what the policy allows: <2",
            id="allowed versions",
        ),
        pytest.param(
            {"cooldown_days": {"security": 101}},
            Obstacle.COOLDOWN,
            "a fix exists but is held back: 2.0 is 100 days old; the cooldown is 101 days",
            id="cooldown",
        ),
    ],
)
def test_the_policy_says_which_fixes_there_are(policy: dict[str, object], kind: Obstacle, words: str) -> None:
    known = facts((dependency(),), RELEASES, (advisory(fixed="2.0"),))
    made = planned(known, Policy.model_validate(policy))
    assert made.remediations == ()
    assert [(no.why.kind, no.reason) for no in made.rejected] == [(kind, words)]


def test_a_critical_fix_within_its_cooldown_is_made_and_asks_for_approval() -> None:
    critical = replace(advisory(fixed="2.0"), severity=Severity.CRITICAL)
    releases = (release("1.0"), release("2.0", days_old=1))
    made = planned(facts((dependency(),), releases, (critical,)))
    assert [r.key for r in made.remediations] == ["vulnerable/PyPI/acme"]
    assert made.approvals == {
        "vulnerable/PyPI/acme": "2.0 is 1 day old; the cooldown is 3 days; what it fixes cannot wait"
    }


def test_a_malicious_release_is_never_taken() -> None:
    planted = replace(advisory("MAL-2026-1", introduced="1.5", fixed="1.6"), malicious=True)
    (made,) = planned(facts((dependency(),), RELEASES, (advisory(), planted))).remediations
    assert moves(made) == [("requirements.txt", "1.0", "1.6")]


def test_a_registry_that_is_away_is_no_missing_fix() -> None:
    known = facts((dependency(),), RELEASES, (advisory(),))
    made = planned(replace(known, releases={}))
    assert [no.why.kind for no in made.rejected] == [Obstacle.REGISTRY_UNREACHABLE]
    assert made.no_way == ()


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
    assert [f.reason for f in outcome.failed] == ["requirements.txt: acme '2004d' is not a version of PyPI: correct it"]
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
    assert branches.branch_name(key) == branch


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
    assert branches.branch_name(left) != branches.branch_name(right)


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


def test_what_is_known_to_be_exploited_is_fixed_first_then_what_scores_higher() -> None:
    three = (dependency("acme"), dependency("beta"), dependency("zeta"))
    scored = [
        replace(advisory(f"CVE-2026-{n}", package=name), score=score)
        for n, (name, score) in enumerate((("acme", 5.0), ("beta", 9.0), ("zeta", 3.0)), start=1)
    ]
    known = replace(facts(three, RELEASES, scored), threats={"CVE-2026-3": Threat(known_exploited=True)})
    assert [r.key.rpartition("/")[2] for r in planned(known).remediations] == ["zeta", "beta", "acme"]
