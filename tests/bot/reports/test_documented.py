"""The examples in docs/commands.md have exactly the fields, of the types, that the commands print."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from bot.pipeline.outcome import Did, Status
from bot.service.check import Level
from state.model import FindingState, Kind, RemediationState, Scope
from tests.end_to_end.advisories import record
from tests.end_to_end.world import ROOT, Ended, Fleet

TEXT = (ROOT / "docs" / "commands.md").read_text("utf-8")
PATH = "group/app"
MANIFEST = "acme==1.0\nleft==1.0\nghost==1.0\ngit+https://vcs.example/y.git\n"

Fields = dict[str, set[str]]


def examples(section: str) -> list[Any]:
    """The JSON of a section."""
    body = TEXT.split(f"\n## {section}", 1)[1].split("\n## ", 1)[0]
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", body, re.DOTALL)]


def _walk(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            # What `tools` holds are names of tools, not fields.
            yield from [(f"{place}.tools", "dict")] if key == "tools" else _walk(inner, f"{place}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, f"{place}[]")
    elif value is None:
        yield place, ""
    else:
        yield place, type(value).__name__


def fields(documents: Iterable[Any]) -> Fields:
    """Every field of these documents, with the types of its values that are not null."""
    found: Fields = {}
    for document in documents:
        for place, kind in _walk(document, ""):
            found.setdefault(place, set()).update({kind} if kind else ())
    return {place: kinds for place, kinds in found.items() if not _is_inside_another(place, found)}


def _is_inside_another(place: str, found: Fields) -> bool:
    """Whether this is null in one document and an object in another."""
    return any(other.startswith((f"{place}.", f"{place}[]")) for other in found)


def assert_documented(printed: Iterable[Any], documented: Iterable[Any]) -> None:
    real, shown = fields(printed), fields(documented)
    assert real.keys() == shown.keys()
    # An example that shows null says nothing about the type.
    assert {place: kinds for place, kinds in real.items() if shown[place] and not kinds <= shown[place]} == {}


@pytest.fixture
def site(fleet: Fleet) -> Fleet:
    """A project in which everything happens that a document can tell of."""
    fleet.index.add("acme", "1.0", "1.5")
    fleet.index.add("left", "1.0")
    partly = record("CVE-2026-2", "acme", None)
    scored = record("CVE-2026-1", "acme", "1.5") | {
        "aliases": ["GHSA-x"],
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
    }
    fleet.advise(scored, partly, record("CVE-2026-3", "left", None))
    fleet.project(PATH, {"requirements.txt": MANIFEST, "web/package.json": "{broken"})
    fleet.project("group/ro", {"README.md": "x\n"}, level=20)
    fleet.environ["BOT_LOG_LEVEL"] = "warning"
    return fleet


@pytest.fixture
def folder(site: Fleet) -> Path:
    made = site.folder / "project"
    (made / "web").mkdir(parents=True)
    (made / "requirements.txt").write_text(MANIFEST)
    (made / "web" / "package.json").write_text("{broken")
    return made


def documents(*ended: Ended) -> list[Any]:
    assert all(each.status in (0, 1) for each in ended), ended
    return [each.report for each in ended]


def proven(document: dict[str, Any], *ways: str) -> Iterator[Any]:
    """The example of a section, and the same with the example of a proof in it."""
    yield document
    (proof,) = examples("A proof")
    filled = json.loads(json.dumps(document))
    at = filled
    for way in ways:
        at = at[way][0]
    at["proof"] = proof
    yield filled


def test_bot_run(site: Fleet) -> None:
    (example,) = examples("bot run")
    real = documents(site.bot("run", "--all", "--json"), site.bot("run", "--all", "--json"))
    assert_documented(real, proven(example, "projects", "remediations"))


def test_bot_scan(site: Fleet, folder: Path) -> None:
    (example,) = examples("bot scan")
    real = documents(site.bot("scan", str(folder), "--json"), site.bot("scan", str(folder), "--fix", "--json"))
    assert_documented(real, proven(example))


def test_bot_status(site: Fleet) -> None:
    fleet, project = examples("bot status")
    site.bot("run", "--all")
    assert_documented(documents(site.bot("status", "--json")), [fleet])
    assert_documented(documents(site.bot("status", PATH, "--json")), [project])


@pytest.mark.parametrize("command", ["check", "projects"])
def test_bot_check_and_projects(site: Fleet, command: str) -> None:
    (example,) = examples(f"bot {command}")
    assert_documented(documents(site.bot(command, "--json")), [example])


@pytest.mark.parametrize(
    "values", [Did, Status, Level, Kind, Scope, FindingState, RemediationState], ids=lambda v: str(v.__name__)
)
def test_every_value_of_a_closed_set_is_named(values: type[StrEnum]) -> None:
    assert [value.value for value in values if f"`{value.value}`" not in TEXT] == []
