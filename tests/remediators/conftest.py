"""The outside world of a remediator, faked: canned registry answers, scripted programs, files by path."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

import pytest
from hypothesis import settings

from remediators.api import Completed, Fetched, Reader
from remediators.errors import RegistryError, ToolError

# Examples share the machine with other tests: how long one takes says nothing.
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")

Program = Callable[[Sequence[str], Path], Completed]
"""What a scripted program does, given its arguments (argv without argv[0]) and working directory."""

NOWHERE = Path("nowhere")
"""The working directory of a run that concerns no project."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A program that was started."""

    argv: tuple[str, ...]
    cwd: Path | None
    env: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A GET that was sent."""

    url: str
    accept: str
    etag: str


@dataclass(slots=True)
class FakeTools:
    """`Tools` from memory. A URL that is not served is a 404; a program that is not installed, a ToolError."""

    ran: list[Ran] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    _answers: dict[str, Fetched | RegistryError] = field(default_factory=dict)
    _programs: dict[str, Program] = field(default_factory=dict)

    def serve(self, url: str, body: bytes | str, content_type: str = "application/json", etag: str = "") -> None:
        """Answer GETs of `url` with 200; with 304 when they carry `etag`."""
        raw = body.encode() if isinstance(body, str) else body
        self._answers[url] = Fetched(200, raw, content_type, etag, url)

    def refuse(self, url: str, message: str) -> None:
        """Answer GETs of `url` with a RegistryError."""
        self._answers[url] = RegistryError(message)

    def install(self, name: str, program: Program) -> None:
        """Answer runs of `name` (the last part of argv[0]) with `program`."""
        self._programs[name] = program

    def lend(self, name: str, program: Program) -> None:
        """Have uv answer that `name`, a tool written in Python, is installed; any other run of uv is the program's."""

        def uv(arguments: Sequence[str], cwd: Path) -> Completed:
            return Completed("installed/bin\n", "") if "tool" in arguments else program(arguments, cwd)

        for runner in ("uv", "sh"):
            self.install(runner, uv)
        self.install(name, program)

    def run(self, argv: Sequence[str], cwd: Path | None, env: Mapping[str, str] | None = None) -> Completed:
        self.ran.append(Ran(tuple(argv), cwd, dict(env or {})))
        name = PurePath(argv[0]).name
        if name not in self._programs:
            raise ToolError(f"{name} is not installed; install it")
        return self._programs[name](tuple(argv[1:]), cwd or Path())

    def fetch(self, url: str, accept: str, etag: str = "") -> Fetched:
        self.asked.append(Asked(url, accept, etag))
        answer = self._answers.get(url)
        if answer is None:
            return Fetched(404, b"", "text/plain", "", url)
        if isinstance(answer, RegistryError):
            raise answer
        if etag and etag == answer.etag:
            return Fetched(304, b"", answer.content_type, etag, url)
        return answer


@pytest.fixture
def tools() -> FakeTools:
    """A world in which nothing is published and nothing is installed, until the test says otherwise."""
    return FakeTools()


@pytest.fixture
def reader_of() -> Callable[[Mapping[str, bytes]], Reader]:
    """`reader_of({path: bytes})` reads exactly these files."""
    return lambda files: files.get
