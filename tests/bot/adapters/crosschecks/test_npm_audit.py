"""npm's opinion on a proof: the real tool, as a process, against advisories of our own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.adapters.confinement.bubblewrap import Confinement, impossible
from bot.adapters.confinement.egress import Egress
from bot.adapters.crosschecks.bulk_advisories import vulnerable
from bot.adapters.crosschecks.npm_audit import MISSING_FOR, NpmAudit
from bot.adapters.registries.allow_list import AllowList
from bot.adapters.tools.workshop import LocalWorkshop
from bot.osv import record
from bot.ports import DisagreementError, Workshop
from remediators.errors import RemediationError, ToolError
from remediators.npm.remediator import Npm
from state.model import Advisory, Audited, Proof
from tests.bot.adapters.crosschecks.test_pip_audit import SNAPSHOT, Known

NPM = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
VERSIONS = Npm().versions


def osv(name: str, package: str, *events: dict[str, str], versions: tuple[str, ...] = (), alias: str = "") -> Advisory:
    ranges = [{"type": "SEMVER", "events": list(events)}] if events else []
    affected = [{"package": {"ecosystem": "npm", "name": package}, "ranges": ranges, "versions": list(versions)}]
    aliases = [alias] if alias else []
    return record.advisory({"id": name, "aliases": aliases, "modified": "2026-01-01T00:00:00Z", "affected": affected})


START = {"introduced": "0"}
KNOWN = {
    "acme": (
        osv("GHSA-1", "acme", START, {"fixed": "1.5.0"}, alias="CVE-1"),
        osv("CVE-2", "acme", versions=("2.0.0",)),
    ),
    "@acme/core": (osv("CVE-3", "@acme/core", {"introduced": "1.0.0"}),),
    "calm": (),
}


def proof(*remaining: tuple[str, str, str]) -> Proof:
    hits = tuple(Audited("npm", *each) for each in remaining)
    return Proof(tree="t", base="b", snapshot=SNAPSHOT, fixed=(), introduced=(), remaining=hits, changes=())


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return LocalWorkshop(tmp_path / "scratch", tmp_path / "caches", {"PATH": os.environ["PATH"]})


@NPM
@pytest.mark.parametrize(
    ("pins", "remaining", "said"),
    [
        pytest.param([("acme", "1.5.0")], [], "no vulnerabilities in 1 package", id="fixed"),
        pytest.param([("acme", "1.5.0"), ("acme", "1.6.0")], [], "no vulnerabilities in 2 packages", id="two copies"),
        pytest.param(
            [("acme", "1.0.0"), ("acme", "2.0.0")],
            [("acme", "1.0.0", "CVE-1"), ("acme", "2.0.0", "CVE-2")],
            "2 known vulnerabilities in 2 packages, none that the proof lacks",
            id="each copy has its own",
        ),
        pytest.param(
            [("@acme/core", "1.0.0"), ("calm", "1.0.0")],
            [("@acme/core", "1.0.0", "CVE-3")],
            "1 known vulnerability in 1 package, none that the proof lacks",
            id="a scope, and one that nothing is known of",
        ),
    ],
)
def test_npm_agrees(
    workshop: Workshop, pins: list[tuple[str, str]], remaining: list[tuple[str, str, str]], said: str
) -> None:
    line = NpmAudit(Known(KNOWN), VERSIONS, workshop).check("npm", pins, proof(*remaining))
    assert line is not None
    assert line.startswith("npm audit ")
    assert line.partition(": ")[2] == said


@NPM
@pytest.mark.parametrize("version", ["1.4.9", "0.0.1-alpha", "2.0.0"])
def test_what_the_proof_lacks_is_a_disagreement(workshop: Workshop, version: str) -> None:
    with pytest.raises(DisagreementError, match=rf"npm audit reports \S+ in acme {version}, which the proof does not"):
        NpmAudit(Known(KNOWN), VERSIONS, workshop).check("npm", [("acme", version)], proof())


def nothing_runs() -> Confinement | None:
    raise ToolError("nothing is run here")


@pytest.fixture
def confined(tmp_path: Path) -> Iterator[Workshop]:
    if (reason := impossible()) is not None:
        pytest.skip(f"no sandbox here: {reason}")
    with closing(Egress(AllowList().admits, {})) as egress:
        caches = tmp_path / "caches"
        confinement = Confinement(caches, egress)
        yield LocalWorkshop(tmp_path / "scratch", caches, {"PATH": os.environ["PATH"]}, confinement=lambda: confinement)


@NPM
def test_npm_is_asked_from_within_the_sandbox(confined: Workshop) -> None:
    line = NpmAudit(Known(KNOWN), VERSIONS, confined).check("npm", [("acme", "1.5.0")], proof())
    assert line is not None


@pytest.mark.parametrize(
    ("ecosystem", "pins"),
    [
        pytest.param("PyPI", [("acme", "1.0.0")], id="another ecosystem"),
        pytest.param("npm", [], id="nothing moved"),
        pytest.param("npm", [("calm", "1.0.0")], id="no advisory about it"),
    ],
)
def test_npm_is_not_asked(tmp_path: Path, ecosystem: str, pins: list[tuple[str, str]]) -> None:
    nothing = LocalWorkshop(tmp_path / "scratch", tmp_path / "caches", {"PATH": ""}, confinement=nothing_runs)
    assert NpmAudit(Known(KNOWN), VERSIONS, nothing).check(ecosystem, pins, proof()) is None


def test_where_npm_cannot_be_run_the_line_says_why_and_it_is_tried_again_after_a_while(tmp_path: Path) -> None:
    path = {"PATH": str(tmp_path)}
    without = LocalWorkshop(tmp_path / "scratch", tmp_path / "caches", path, confinement=lambda: None)
    now = [0.0]
    audit = NpmAudit(Known(KNOWN), VERSIONS, without, lambda: now[0])

    def says() -> str | None:
        return audit.check("npm", [("acme", "1.5.0")], proof())

    first = says()
    assert first is not None
    assert first.startswith("none of npm audit, as npm could not be run: ")
    assert "npm" in first.partition("run: ")[2]
    # It is there now, and fails when it is asked to audit: that it is asked at all is what counts.
    tool = tmp_path / "npm"
    tool.write_text('#!/bin/sh\n[ "$1" = --version ] && echo 11.0.0 || exit 7\n')
    tool.chmod(0o755)
    assert says() == first
    now[0] = MISSING_FOR
    with pytest.raises(ToolError):
        says()


def test_a_package_that_was_not_looked_up_is_not_called_clean(workshop: Workshop) -> None:
    with pytest.raises(RemediationError, match="npm audit cannot check unknown: unknown is out"):
        NpmAudit(Known(KNOWN), VERSIONS, workshop).check("npm", [("unknown", "1.0.0")], proof())


@pytest.mark.parametrize(
    ("advisory", "spans"),
    [
        pytest.param(osv("A", "x", START, {"fixed": "1.5.0"}), ">=0.0.0-0 <1.5.0", id="fixed"),
        pytest.param(osv("A", "x", START, {"last_affected": "1.5.0"}), ">=0.0.0-0 <=1.5.0", id="last affected"),
        pytest.param(osv("A", "x", {"introduced": "1.0.0"}), ">=1.0.0", id="without a fix"),
        pytest.param(
            osv("A", "x", {"introduced": "2.0.0"}, {"fixed": "2.1.0"}, START, {"fixed": "1.5.0"}),
            ">=0.0.0-0 <1.5.0 || >=2.0.0 <2.1.0",
            id="two spans, out of order",
        ),
        pytest.param(osv("A", "x", versions=("1.0.0", "no version")), "=1.0.0", id="a list"),
        pytest.param(osv("MAL-1", "x"), ">=0.0.0-0", id="malicious altogether"),
        pytest.param(osv("A", "x", START, {"limit": "2.0.0"}), "", id="a limit"),
        pytest.param(osv("A", "x", START, {"last_affected": "2.9-NA"}), "", id="a bound that nobody can read"),
        pytest.param(osv("A", "y", START), "", id="another package"),
        pytest.param(osv("A", "x"), "", id="nothing"),
    ],
)
def test_an_advisory_as_a_range_of_npm(advisory: Advisory, spans: str) -> None:
    assert vulnerable(advisory, "x", VERSIONS) == spans
