"""What releases tell of themselves: looked for in turn, kept, and never a reason to fail or to wait."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.adapters.gitlab.releases import path_of
from bot.adapters.registries.release_notes import KeptReleaseNotes
from bot.errors import ForgeError
from bot.ports import Published
from remediators.about import About, Archive
from remediators.api import Completed, Fetched, Tools
from remediators.errors import RegistryError
from state.model import ReleaseDetails
from state.store import Store
from tests.bot.adapters.registries.test_releases import FakeRegistry

NOW = datetime(2026, 11, 20, tzinfo=UTC)
NEW = Published("PyPI", "acme", "2.0")
ARCHIVE = Archive("https://registry.example/acme-2.0.tar.gz", None)


def packed(**files: str) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"acme-2.0/{name}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return raw.getvalue()


@dataclass
class Telling(FakeRegistry):
    """Tells this of every release, or fails."""

    about_: About | RegistryError = field(default_factory=About)

    def about(self, package: str, version: str, index: str | None, tools: Tools) -> About:
        self.asked.append((package, version, None))
        if isinstance(self.about_, RegistryError):
            raise self.about_
        return self.about_

    def registry(self, ecosystem: str) -> Telling:
        return self


@dataclass
class FakeTools:
    """Serves an archive; without one it fails."""

    archive: bytes | None = None
    fetched: list[str] = field(default_factory=list)

    def run(self, argv: Sequence[str], cwd: Path | None, env: Mapping[str, str] | None = None) -> Completed:
        raise AssertionError(argv)

    def fetch(self, url: str, accept: str, etag: str = "") -> Fetched:
        self.fetched.append(url)
        if self.archive is None:
            raise RegistryError("away")
        return Fetched(200, self.archive, "", "", url)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open("sqlite://") as opened:
        yield opened


Notes = Callable[..., KeptReleaseNotes]


@pytest.fixture
def notes(store: Store) -> Notes:
    def made(registry: Telling, tools: FakeTools, own: Callable[[str], str] = lambda _: "") -> KeptReleaseNotes:
        return KeptReleaseNotes(store, registry, lambda: tools, {}, own, lambda: NOW)

    return made


def told(notes: KeptReleaseNotes) -> ReleaseDetails | None:
    return notes.lookup([NEW], [NEW]).get(NEW)


@pytest.mark.parametrize(
    ("files", "text", "own", "found"),
    [
        pytest.param({"CHANGES.md": "## 2.0\n- a"}, "## 2.0\n- b", "# 2.0\n- c", "- a", id="in the archive"),
        pytest.param({"CHANGES.md": "see elsewhere"}, "Readme\n## 2.0\n- b", "", "- b", id="in its description"),
        pytest.param({"PKG-INFO": "Name: acme\n\n## 2.0\n- d"}, "", "", "- d", id="in its metadata"),
        pytest.param({"a.py": ""}, "", "# v2.0\n- c", "- c", id="on our GitLab"),
        pytest.param({"CHANGES.md": "## 1.0\n- a"}, "", "", "", id="nowhere"),
    ],
)
def test_the_first_text_that_tells_of_the_version(
    notes: Notes, files: dict[str, str], text: str, own: str, found: str
) -> None:
    registry = Telling(about_=About("https://forge.example/a/b", text, (ARCHIVE,)))
    details = told(notes(registry, FakeTools(packed(**files)), lambda _: own))
    assert details is not None
    assert (details.changelog or "").endswith(found)
    assert bool(details.changelog) is bool(found)


def test_the_source_may_stand_in_the_archive_only(notes: Notes) -> None:
    metadata = "Name: acme\nProject-URL: Source, https://forge.example/a/b\n\n"
    details = told(notes(Telling(about_=About("", "", (ARCHIVE,))), FakeTools(packed(**{"PKG-INFO": metadata}))))
    assert details == ReleaseDetails("https://forge.example/a/b", "")


def test_what_was_told_is_kept_for_others(notes: Notes) -> None:
    registry, tools = Telling(about_=About("", "", (ARCHIVE,))), FakeTools(packed(CHANGES="2.0 (2026)\n- a"))
    first = told(notes(registry, tools))
    assert told(notes(registry, tools)) == first
    assert (len(registry.asked), len(tools.fetched)) == (1, 1)


def test_details_alone_cost_no_archive(notes: Notes) -> None:
    tools = FakeTools(packed(CHANGES="## 2.0\n- a"))
    made = notes(Telling(about_=About("", "", (ARCHIVE,), True, "ann", ("ann", "bob"))), tools)
    assert made.lookup([NEW], []) == {NEW: ReleaseDetails("", None, True, "ann", ("ann", "bob"))}
    assert tools.fetched == []
    assert (told(made) or ReleaseDetails()).changelog == "## 2.0\n- a"


@pytest.mark.parametrize(
    "archive",
    [
        pytest.param(b"<html>sign in</html>", id="a page"),
        pytest.param(packed(CHANGES="x")[:40], id="broken"),
        pytest.param(packed(a="\0" * 20_000_000), id="a bomb"),
    ],
)
def test_an_archive_that_is_refused_is_one_without_a_changelog(notes: Notes, archive: bytes) -> None:
    assert told(notes(Telling(about_=About("", "", (ARCHIVE,))), FakeTools(archive))) == ReleaseDetails("", "")


@pytest.mark.parametrize(
    "registry",
    [
        pytest.param(Telling(about_=RegistryError("away")), id="the registry"),
        pytest.param(Telling(about_=About("", "", (ARCHIVE,))), id="the archive"),
    ],
)
def test_a_failure_is_no_answer_and_is_not_asked_for_again_at_once(notes: Notes, registry: Telling) -> None:
    tools = FakeTools(None)
    made = notes(registry, tools)
    for _ in range(2):
        assert (told(made) or ReleaseDetails()).changelog is None
    assert len(registry.asked) == 1
    # Another process, or a later one, asks again.
    assert (told(notes(registry, tools)) or ReleaseDetails()).changelog is None
    assert len(registry.asked) == 2


def test_a_gitlab_that_is_away_is_no_failure(notes: Notes) -> None:
    def own(source: str) -> str:
        raise ForgeError("GitLab is away")

    details = told(notes(Telling(about_=About("https://gitlab.example/a/b")), FakeTools(None), own))
    assert details == ReleaseDetails("https://gitlab.example/a/b", None)


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("https://gitlab.example/a/b", "a/b"),
        ("https://GitLab.example/a/b/c", "a/b/c"),
        ("https://gitlab.example.evil.example/a/b", ""),
        ("https://forge.example/a/b", ""),
        ("", ""),
    ],
)
def test_only_what_lies_on_our_gitlab_is_asked_of_it(source: str, path: str) -> None:
    assert path_of(source, "https://gitlab.example") == path
    assert path_of("https://forge.example/git/a/b", "https://forge.example/git/") == "a/b"
