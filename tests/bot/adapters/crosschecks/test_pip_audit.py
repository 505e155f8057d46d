"""pip-audit's opinion on a proof: the real tool, as a process, against advisories of our own."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.confinement.bubblewrap import Confinement, impossible
from bot.adapters.confinement.egress import Egress
from bot.adapters.crosschecks.pip_audit import PipAudit
from bot.adapters.registries.allow_list import AllowList
from bot.adapters.tools.workshop import LocalWorkshop
from bot.osv import record
from bot.ports import AdvisoryAnswer, DisagreementError, Workshop
from remediators.api import Completed
from remediators.errors import RemediationError, ToolError
from remediators.versions.pypi import PypiVersions
from state.model import Advisory, Audited, Failure, Proof, Snapshot

SNAPSHOT = Snapshot("here", datetime(2026, 11, 19, tzinfo=UTC), 1)
VERSION = metadata.version("pip-audit")


def osv(name: str, package: str, fixed: str, *aliases: str) -> Advisory:
    span = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}
    affected = [{"package": {"ecosystem": "PyPI", "name": package}, "ranges": [span]}]
    return record.advisory(
        {"id": name, "aliases": list(aliases), "modified": "2026-01-01T00:00:00Z", "affected": affected}
    )


@dataclass(slots=True)
class Known:
    """`Advisories` from a table; a package that is not in it was not looked up."""

    table: Mapping[str, tuple[Advisory, ...]]

    def lookup(self, packages: Collection[tuple[str, str]]) -> AdvisoryAnswer:
        found = {package: self.table[package[1]] for package in packages if package[1] in self.table}
        failed = tuple(Failure(":".join(p), f"{p[1]} is out") for p in sorted(packages) if p not in found)
        return AdvisoryAnswer(found, SNAPSHOT, failed)

    def snapshot(self) -> Snapshot | None:
        return SNAPSHOT

    def refresh(self) -> Snapshot:
        return SNAPSHOT


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    # A proxy that is nowhere: pip-audit must not ask it.
    nowhere = dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY"), "http://127.0.0.1:9")
    return LocalWorkshop(tmp_path / "scratch", tmp_path / "caches", {"PATH": os.environ["PATH"], **nowhere})


def proof(*remaining: tuple[str, str, str]) -> Proof:
    hits = tuple(Audited("PyPI", *each) for each in remaining)
    return Proof(tree="t", base="b", snapshot=SNAPSHOT, fixed=(), introduced=(), remaining=hits, changes=())


def checked(
    workshop: Workshop,
    table: Mapping[str, tuple[Advisory, ...]],
    pinned: Sequence[tuple[str, str]],
    *remaining: tuple[str, str, str],
    ecosystem: str = "PyPI",
) -> str | None:
    return PipAudit(Known(table), PypiVersions(), workshop).check(ecosystem, pinned, proof(*remaining))


CVE_1 = osv("GHSA-1", "demo", "2.0", "CVE-1")
OF_OTHER = osv("GHSA-2", "other", "0.5", "CVE-2")
ANCIENT = osv("GHSA-3", "demo", "0.5", "CVE-3")


class TestTheRealTool:
    def test_nothing_known(self, workshop: Workshop, tmp_path: Path) -> None:
        line = checked(workshop, {"demo": (CVE_1,), "other": (OF_OTHER,)}, [("demo", "2.0"), ("other", "1.0.post1")])

        assert line == f"pip-audit {VERSION}: no known vulnerabilities in 2 packages"
        assert list((tmp_path / "scratch").iterdir()) == []

    def test_what_remains_in_the_proof_too(self, workshop: Workshop) -> None:
        line = checked(workshop, {"demo": (CVE_1,)}, [("demo", "1.0")], ("demo", "1.0", "CVE-1"))

        assert line == f"pip-audit {VERSION}: 1 known vulnerability in 1 package, none that the proof lacks"

    def test_contradiction(self, workshop: Workshop) -> None:
        with pytest.raises(DisagreementError, match=r"^pip-audit reports CVE-1 in demo 1\.0, which the proof does not"):
            checked(workshop, {"demo": (CVE_1,)}, [("demo", "1.0")])

    def test_two_versions_of_one_package(self, workshop: Workshop) -> None:
        pins = [("demo", "1.0"), ("demo", "2.0"), ("other", "1.0")]
        line = checked(workshop, {"demo": (CVE_1,), "other": (OF_OTHER,)}, pins, ("demo", "1.0", "CVE-1"))

        assert line == f"pip-audit {VERSION}: 1 known vulnerability in 3 packages, none that the proof lacks"

    def test_it_could_not_be_run(self, workshop: Workshop) -> None:
        with pytest.raises(RemediationError, match=r"^pip-audit gave no report: pip_audit.*requirement.*not a version"):
            PipAudit(Known({"demo": (ANCIENT,)}), Anything(), workshop).check(
                "PyPI", [("demo", "not a version")], proof()
            )


@pytest.mark.skipif(impossible() is not None, reason=f"no sandbox here: {impossible()}")
def test_in_a_sandbox_it_reaches_our_server_and_nothing_else(tmp_path: Path) -> None:
    with closing(Egress(AllowList().admits, {})) as egress:
        caches = tmp_path / "caches"
        confinement = Confinement(caches, egress)
        confined = LocalWorkshop(tmp_path / "s", caches, {"PATH": os.environ["PATH"]}, confinement=lambda: confinement)
        line = checked(confined, {"demo": (CVE_1,)}, [("demo", "1.0")], ("demo", "1.0", "CVE-1"))
    assert line == f"pip-audit {VERSION}: 1 known vulnerability in 1 package, none that the proof lacks"


class Anything(PypiVersions):
    """Lets through what pip-audit itself refuses."""

    def valid(self, version: str) -> bool:
        return True


@dataclass(slots=True)
class Scripted:
    """A workshop in which pip-audit writes this report."""

    folder: Path
    report: str | None
    error: ToolError | None = None
    ran: list[Sequence[str]] = field(default_factory=list)
    pinned: list[str] = field(default_factory=list)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        yield self.folder

    def run(
        self,
        argv: Sequence[str],
        cwd: Path,
        env: Mapping[str, str] | None = None,
        reach: Collection[tuple[str, int]] = (),
    ) -> Completed:
        self.ran.append(argv)
        self.pinned.append((cwd / "pinned.txt").read_text("utf-8"))
        if self.report is not None:
            (cwd / "report.json").write_text(self.report, "utf-8")
        if self.error:
            raise self.error
        return Completed("", "")


def report(name: str = "demo", version: str = "1.0", *vulns: Any) -> str:
    found = [{"id": ids[0], "aliases": list(ids[1:]), "fix_versions": []} for ids in vulns]
    return json.dumps({"dependencies": [{"name": name, "version": version, "vulns": found}], "fixes": []})


class TestNames:
    """A vulnerability goes by many names; any of them will do."""

    @pytest.mark.parametrize(
        ("reported", "remaining"),
        [
            pytest.param(("CVE-1",), "CVE-1", id="the-same"),
            pytest.param(("PYSEC-1", "CVE-1"), "CVE-1", id="an-alias"),
            pytest.param(("PYSEC-1",), "CVE-1", id="through-our-own-cluster"),
        ],
    )
    def test_agreed(self, tmp_path: Path, reported: tuple[str, ...], remaining: str) -> None:
        table = {"demo": (osv("GHSA-1", "demo", "2.0", "CVE-1", "PYSEC-1"),)}
        scripted = Scripted(tmp_path, report("demo", "1.0", reported))

        assert checked(scripted, table, [("demo", "1.0")], ("demo", "1.0.0", remaining)) is not None

    @pytest.mark.parametrize(
        "remaining",
        [
            pytest.param(("demo", "1.0", "CVE-2"), id="another-vulnerability"),
            pytest.param(("demo", "1.1", "CVE-1"), id="another-version"),
            pytest.param(("other", "1.0", "CVE-1"), id="another-package"),
        ],
    )
    def test_contradicted(self, tmp_path: Path, remaining: tuple[str, str, str]) -> None:
        scripted = Scripted(tmp_path, report("demo", "1.0", ("CVE-1",)))
        with pytest.raises(DisagreementError):
            checked(scripted, {"demo": (CVE_1,)}, [("demo", "1.0")], remaining)

    def test_what_pip_audit_misses_is_no_contradiction(self, tmp_path: Path) -> None:
        scripted = Scripted(tmp_path, report())

        assert checked(scripted, {"demo": (CVE_1,)}, [("demo", "1.0")], ("demo", "1.0", "CVE-1")) is not None


class TestNoAnswer:
    @pytest.mark.parametrize(
        ("written", "reason"),
        [
            pytest.param("", "pip-audit's report cannot be read", id="empty"),
            pytest.param("[]", "pip-audit's report cannot be read", id="no-object"),
            pytest.param('{"dependencies": [{"name": "demo"}]}', "pip-audit's report cannot be read", id="half"),
            pytest.param(
                '{"dependencies": []}', "pip-audit passed over demo 1.0: its answer is not whole", id="nothing"
            ),
            pytest.param(report("demo", "2.0"), "pip-audit passed over demo 1.0", id="another-version"),
            pytest.param(
                '{"dependencies": [{"name": "demo", "skip_reason": "why not"}]}',
                "pip-audit skipped demo: why not",
                id="skipped",
            ),
            pytest.param(None, "pip-audit gave no report: it said nothing", id="none"),
        ],
    )
    def test_report(self, tmp_path: Path, written: str | None, reason: str) -> None:
        with pytest.raises(RemediationError, match=reason):
            checked(Scripted(tmp_path, written), {"demo": (ANCIENT,)}, [("demo", "1.0")])

    def test_the_tool_failed(self, tmp_path: Path) -> None:
        scripted = Scripted(tmp_path, None, ToolError("exited with status 1", "WARNING:x\nERROR:pip_audit:no\n\n"))
        with pytest.raises(RemediationError, match=r"^pip-audit gave no report: pip_audit:no$"):
            checked(scripted, {"demo": (ANCIENT,)}, [("demo", "1.0")])

    def test_status_1_with_a_report_is_an_answer(self, tmp_path: Path) -> None:
        scripted = Scripted(tmp_path, report("demo", "1.0", ("CVE-1",)), ToolError("exited with status 1"))

        assert checked(scripted, {"demo": (CVE_1,)}, [("demo", "1.0")], ("demo", "1.0", "CVE-1")) is not None

    def test_advisories_that_cannot_be_had(self, tmp_path: Path) -> None:
        with pytest.raises(RemediationError, match=r"^pip-audit cannot check demo, other: demo is out; other is out$"):
            checked(Scripted(tmp_path, None), {"good": ()}, [(name, "1.0") for name in ("demo", "good", "other")])

    @pytest.mark.parametrize(
        ("name", "version"),
        [("-r /etc/passwd\ndemo", "1.0"), ("demo @ https://a.example", "1.0"), ("demo", "1.0\nx"), ("demo", "*")],
    )
    def test_a_pin_that_is_none_reaches_no_file(self, tmp_path: Path, name: str, version: str) -> None:
        scripted = Scripted(tmp_path, report())
        with pytest.raises(RemediationError, match=r"^pip-audit cannot check .*: not a name and version of PyPI$"):
            checked(scripted, {name: ()}, [(name, version)])
        assert scripted.ran == []

    @pytest.mark.parametrize(("ecosystem", "pinned"), [("npm", [("demo", "1.0")]), ("PyPI", [])])
    def test_nothing_to_check(self, tmp_path: Path, ecosystem: str, pinned: list[tuple[str, str]]) -> None:
        scripted = Scripted(tmp_path, None)

        assert checked(scripted, {}, pinned, ecosystem=ecosystem) is None
        assert scripted.ran == []


def test_a_package_without_advisories_is_not_asked_about(tmp_path: Path) -> None:
    scripted = Scripted(tmp_path, report())

    assert checked(scripted, {"demo": (ANCIENT,), "other": ()}, [("demo", "1.0"), ("other", "1.0")]) is not None
    assert scripted.pinned == ["demo==1.0\n"]
    assert checked(scripted, {"other": ()}, [("other", "1.0")]) is None
    assert len(scripted.ran) == 1


def test_how_it_is_run(tmp_path: Path) -> None:
    scripted = Scripted(tmp_path, report())
    checked(scripted, {"demo": (ANCIENT,)}, [("demo", "1.0"), ("demo", "1.0")])

    argv = scripted.ran[0]
    assert list(argv[:4]) == [sys.executable, "-I", "-m", "pip_audit"]
    assert {"--strict", "--no-deps", "--disable-pip"} <= set(argv)
    assert argv[argv.index("--cache-dir") + 1] == str(tmp_path / "cache")
    assert argv[argv.index("--osv-url") + 1].startswith("http://127.0.0.1:")
    assert scripted.pinned == ["demo==1.0\n"]


def test_a_pin_is_asked_about_once_while_its_advisories_stay(tmp_path: Path) -> None:
    scripted = Scripted(tmp_path, report())
    table: dict[str, tuple[Advisory, ...]] = {"demo": (ANCIENT,)}
    audit = PipAudit(Known(table), PypiVersions(), scripted)
    audit.prepare("PyPI", [("demo", "1.0")])
    audit.check("PyPI", [("demo", "1.0")], proof())
    assert len(scripted.ran) == 1
    table["demo"] = (ANCIENT, osv("GHSA-4", "demo", "0.6", "CVE-4"))
    audit.check("PyPI", [("demo", "1.0")], proof())
    assert len(scripted.ran) == 2
