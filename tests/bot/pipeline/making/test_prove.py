"""The conditions of a proof, each refused by name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.pipeline.making.prove import Audit, NotProvenError, Setting, audit, prove
from state.model import Advisory, Affected, Change, Failure, Kind, Proof, VersionRange
from tests.bot.pipeline.builders import (
    ECOSYSTEMS,
    advisory,
    change,
    dependency,
    facts,
    finding,
    remediation,
)

FILES = frozenset({"requirements.txt"})
SETTING = Setting(FILES, FILES, "t" * 40, "b" * 40, {})
ADVISORIES = (advisory(), advisory("CVE-2026-9", fixed="9", package="other"))


def tree(*versions: str | None, more: tuple[object, ...] = ()) -> Audit:
    """An audited tree in which acme stands at `versions`."""
    inventory = (*(dependency(version=v) for v in versions), *more)
    return audit(facts(inventory, (), ADVISORIES), FILES, ECOSYSTEMS)  # type: ignore[arg-type]  # dependencies


def proven(before: Audit, after: Audit, *changes: Change, setting: Setting = SETTING) -> Proof:
    planned = remediation(changes=changes or (change(),))
    return prove(planned, (finding(),), before, after, setting, ECOSYSTEMS)


def test_a_fix_that_holds_says_what_it_fixed() -> None:
    proof = proven(tree("1.0"), tree("1.5"))
    assert [(a.package, a.version, a.cluster) for a in proof.fixed] == [("acme", "1.0", "CVE-2026-1")]
    assert (proof.introduced, proof.remaining) == ((), ())
    assert [(c.before, c.after) for c in proof.changes] == [("1.0", "1.5")]


def test_what_else_is_vulnerable_remains_and_is_said() -> None:
    other = (dependency("other"),)
    proof = proven(tree("1.0", more=other), tree("1.5", more=other))
    assert [a.cluster for a in proof.remaining] == ["CVE-2026-9"]


def test_a_copy_that_goes_while_an_older_one_stays_is_no_downgrade() -> None:
    before = tree("1.0", more=(dependency("helper", "3.0"), dependency("helper", "1.0")))
    assert proven(before, tree("1.5", more=(dependency("helper", "1.0"),))).introduced == ()


def test_a_routine_update_may_leave_another_copy_where_it_is() -> None:
    routine = remediation(kind=Kind.OUTDATED, findings=("PyPI:acme:outdated",), changes=(change("x", "1.0", "2.0"),))
    before, after = tree(more=(dependency("x", "1.0"),)), tree(more=(dependency("x", "1.0"), dependency("x", "2.0")))
    assert [c.after for c in prove(routine, (), before, after, SETTING, ECOSYSTEMS).changes] == ["2.0"]


@pytest.mark.parametrize(
    ("before", "after", "setting", "said"),
    [
        pytest.param(
            tree("1.0"),
            tree("1.5"),
            Setting(FILES | {"setup.py"}, FILES, "t", "b", {}),
            "files changed that should not: setup.py",
            id="another file",
        ),
        pytest.param(tree("1.0"), tree("1.0"), SETTING, "acme 1.0 is still in requirements.txt", id="not moved"),
        pytest.param(tree("1.0"), tree("1.4"), SETTING, "should be 1.5 and is 1.4", id="not there yet"),
        pytest.param(
            tree("1.0"),
            tree("1.5", more=(dependency("other"),)),
            SETTING,
            "it would add vulnerable packages: other 1.0 (CVE-2026-9)",
            id="something new is vulnerable",
        ),
        pytest.param(
            tree("1.0", more=(dependency("helper", "3.0"),)),
            tree("1.5", more=(dependency("helper", "2.0"),)),
            SETTING,
            "helper in requirements.txt would go down from 3.0 to 2.0",
            id="a downgrade",
        ),
        pytest.param(
            tree("1.0", "1.2"), tree("1.2", "1.5"), SETTING, "CVE-2026-1 still affects acme 1.2", id="another copy"
        ),
    ],
)
def test_a_fix_that_does_not_hold_is_refused(before: Audit, after: Audit, setting: Setting, said: str) -> None:
    with pytest.raises(NotProvenError, match="not proven") as refused:
        proven(before, after, setting=setting)
    assert said in str(refused.value)


def _bad(package: str, *ranges: VersionRange, versions: tuple[str, ...] = ()) -> Advisory:
    affected = (Affected("PyPI", package, ranges, versions),)
    return replace(advisory("MAL-2026-1"), malicious=True, affected=affected)


FROM_THE_START = VersionRange("ECOSYSTEM", (("introduced", "0"),))


@pytest.mark.parametrize(
    ("record", "before", "after"),
    [
        pytest.param(_bad("evil", FROM_THE_START), None, "1.0", id="added, every version"),
        pytest.param(_bad("evil"), None, "1.0", id="added, a record without versions"),
        pytest.param(_bad("evil", versions=("1.0",)), None, "1.0", id="added, the version listed"),
        pytest.param(_bad("evil"), None, "1.0.custom-build", id="added, a version that nobody can read"),
        pytest.param(_bad("evil", FROM_THE_START), "0.9", "1.0", id="changed, and as bad as before"),
        pytest.param(_bad("evil", versions=("1.0",)), "0.9", "1.0", id="changed to a bad one"),
    ],
)
def test_nothing_malicious_comes_in_with_a_fix(record: Advisory, before: str | None, after: str) -> None:
    def holding(acme: str, evil: str | None) -> Audit:
        inventory = (dependency(version=acme), *((dependency("evil", evil),) if evil else ()))
        return audit(facts(inventory, (), (*ADVISORIES, record)), FILES, ECOSYSTEMS)

    with pytest.raises(NotProvenError, match=r"known to be malicious: evil 1\.0"):
        proven(holding("1.0", before), holding("1.5", after))


@pytest.mark.parametrize(
    ("record", "stays"),
    [
        pytest.param(_bad("evil", versions=("9.0",)), "1.0", id="another version is bad"),
        pytest.param(_bad("other-evil"), "1.0", id="another package is bad"),
        pytest.param(_bad("evil"), "1.0", id="it was there before, and is told as remaining"),
    ],
)
def test_what_does_not_come_in_with_a_fix_does_not_stop_it(record: Advisory, stays: str) -> None:
    more = (dependency("evil", stays),)

    def holding(acme: str) -> Audit:
        return audit(facts((dependency(version=acme), *more), (), (*ADVISORIES, record)), FILES, ECOSYSTEMS)

    remaining = proven(holding("1.0"), holding("1.5")).remaining
    assert bool(remaining) is (not record.affected[0].versions and record.affected[0].package == "evil")


def test_a_tree_that_cannot_be_read_is_not_proven() -> None:
    broken = facts((dependency(),), failed=(Failure("requirements.txt", "requirements.txt: broken"),))
    with pytest.raises(NotProvenError, match=r"requirements\.txt: broken"):
        audit(broken, FILES, ECOSYSTEMS)


def test_a_package_whose_advisories_are_unknown_is_not_proven() -> None:
    unknown = facts((dependency(),))
    with pytest.raises(NotProvenError, match="acme: its advisories could not be looked up"):
        audit(type(unknown)(unknown.dependencies, {}, {}, unknown.snapshot), FILES, ECOSYSTEMS)


def test_trouble_in_a_file_that_is_not_touched_does_not_stop_a_fix() -> None:
    elsewhere = facts((dependency(),), failed=(Failure("web/package.json", "broken"),))
    assert audit(elsewhere, FILES, ECOSYSTEMS).hits == ()


def test_a_routine_update_need_not_fix_anything() -> None:
    routine = remediation(kind=Kind.OUTDATED, findings=("PyPI:acme:outdated",))
    proof = prove(routine, (), tree("1.5"), tree("1.6"), SETTING, ECOSYSTEMS)
    assert proof.fixed == ()
