"""`bot scan`: a folder, no GitLab, no token."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.end_to_end.advisories import record
from tests.end_to_end.world import ROOT, Fleet

SHARED = ROOT.parent / "shared" / "advisories"


@pytest.fixture
def folder(fleet: Fleet) -> Path:
    fleet.index.add("acme", "1.0", "1.5")
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))
    for name in ("BOT_URL", "BOT_TOKEN"):
        del fleet.environ[name]
    made = fleet.folder / "project"
    made.mkdir()
    (made / "requirements.txt").write_bytes(b"acme==1.0 ; python_version >= '3.8'\r\n# end")
    return made


def test_it_finds_and_plans_and_changes_nothing(fleet: Fleet, folder: Path) -> None:
    before = (folder / "requirements.txt").read_bytes()
    ended = fleet.bot("scan", str(folder), "--json")
    assert ended.status == 0
    assert ended.report["audited"] is True
    (found,) = [f for f in ended.report["findings"] if f["kind"] == "vulnerable"]
    assert {
        k: found[k] for k in ("package", "current", "target", "manifest", "line", "direct", "scope", "fixable")
    } == {
        "package": "acme",
        "current": "1.0",
        "target": "1.5",
        "manifest": "requirements.txt",
        "line": 1,
        "direct": True,
        "scope": "runtime",
        "fixable": True,
    }
    assert [a["id"] for a in found["advisories"]] == ["CVE-2026-1"]
    assert (folder / "requirements.txt").read_bytes() == before


def test_what_is_outdated_goes_to_the_newest_also_where_a_fix_goes_elsewhere(fleet: Fleet, folder: Path) -> None:
    fleet.index.add("acme", "1.9", "2.0")
    found = fleet.bot("scan", str(folder), "--json").report["findings"]
    assert {f["kind"]: f["target"] for f in found} == {"vulnerable": "1.5", "outdated": "2.0"}
    (folder / ".remediation.yml").write_text("updates: {major: false}\n")
    found = fleet.bot("scan", str(folder), "--json").report["findings"]
    assert {f["kind"]: f["target"] for f in found} == {"vulnerable": "1.5", "outdated": "1.9"}


def test_the_debug_log_tells_units_and_requests_with_their_time_and_no_credentials(fleet: Fleet, folder: Path) -> None:
    site = urlsplit(fleet.index.url).netloc
    fleet.environ["BOT_CREDENTIALS"] = json.dumps({site: {"username": "u", "password": "pass-of-the-test"}})
    ended = fleet.bot("scan", str(folder), "--fix", "--log-level", "debug")
    assert ended.status == 0
    log = ended.err
    assert "this folder: requirements.txt, read by requirements" in log
    assert "this folder: 1 dependencies in 1 units" in log
    assert re.search(rf"DEBUG bot\.adapters\.http: GET http://{site}/\S*acme/: 200, [\d,]+ bytes in \d+\.\d\d s", log)
    assert "pass-of-the-test" not in log


def test_fix_edits_in_place_and_prints_the_proof(fleet: Fleet, folder: Path) -> None:
    ended = fleet.bot("scan", str(folder), "--fix", "--json")
    assert ended.status == 0
    assert (folder / "requirements.txt").read_bytes() == b"acme==1.5 ; python_version >= '3.8'\r\n# end"
    proof = ended.report["proof"]
    assert [a["advisory"] for a in proof["fixed"]] == ["CVE-2026-1"]
    assert (proof["introduced"], proof["remaining"]) == ([], [])


def test_the_second_opinion_is_about_all_that_was_done(fleet: Fleet, folder: Path) -> None:
    fleet.index.add("other", "1.0", "1.5")
    fleet.advise(record("CVE-2026-1", "acme", "1.5"), record("CVE-2026-2", "other", "1.5"))
    (folder / "requirements.txt").write_text("acme==1.0\nother==1.0\n")
    ended = fleet.bot("scan", str(folder), "--fix", "--json")
    assert len(ended.report["fixed"]) == 2
    (said,) = ended.report["proof"]["checks"]
    assert said.endswith("no known vulnerabilities in 2 packages")


def test_without_advisory_data_it_says_that_nothing_was_audited(fleet: Fleet, folder: Path) -> None:
    empty = fleet.folder / "empty"
    empty.mkdir()
    ended = fleet.bot("scan", str(folder), "--advisories", str(empty))
    assert ended.status == 1
    assert "nothing was audited" in ended.out
    report: Any = fleet.bot("scan", str(folder), "--advisories", str(empty), "--json").report
    assert (report["audited"], report["findings"]) == (False, [])
    assert report["errors"]


def test_a_folder_that_is_not_there_is_named(fleet: Fleet, folder: Path) -> None:
    ended = fleet.bot("scan", str(folder / "nowhere"))
    assert (ended.status, "nowhere: not a folder" in ended.err) == (1, True)


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the folder of real advisory dumps beside the checkout")
def test_real_advisories_say_what_they_say_with_the_network_off(fleet: Fleet, folder: Path) -> None:
    (folder / "requirements.txt").write_text("jinja2==3.1.2\nrequests==2.30.0\npackaging==24.0\n")
    for package, versions in (("jinja2", ("3.1.2", "3.1.6")), ("requests", ("2.30.0", "2.32.5"))):
        fleet.index.add(package, *versions)
    fleet.index.add("packaging", "24.0")
    ended = fleet.bot("scan", str(folder), "--advisories", str(SHARED), "--json")
    assert ended.status == 0, ended.out
    vulnerable = {f["package"] for f in ended.report["findings"] if f["kind"] == "vulnerable"}
    assert vulnerable == {"jinja2", "requests"}
