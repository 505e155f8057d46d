"""Lock tools written in Python: which version runs, where it comes from, and what is said when it cannot be had."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from remediators.api import Completed, Fetched
from remediators.errors import ToolError
from remediators.python.tool import LockTools, recently, run_tool
from tests.remediators.conftest import FakeTools, Program
from tests.remediators.real_tools import RealTools

NOT_CACHED = (
    "error: No solution found when resolving tool dependencies\n"
    "  cause: Because lock was not found in the cache and you require lock==1.8.3\n"
    "hint: Packages were unavailable because the network was disabled."
)
NO_SUCH = (
    "error: No solution found when resolving tool dependencies\n  cause: Because there is no version of lock==1.8.3"
)
UNREACHED = "error: Request failed after 3 retries\n  cause: Failed to fetch: https://registry.example/simple/lock/"


def uv(**answers: str) -> Program:
    """A uv that has the tool but where `answers` say what fails: keyed cached, pinned, major."""

    def run(arguments: Sequence[str], cwd: Path) -> Completed:
        wanted = arguments[arguments.index("--from") + 1]
        asked = "cached" if "--offline" in arguments else "pinned" if "==" in wanted else "major"
        if asked in answers:
            raise ToolError("uv exited with status 1", answers[asked])
        folders = "environments/lib/python3.11/site-packages/lock-1.9.1.dist-info" if asked == "major" else ""
        return Completed(f"environments/{wanted}/bin\n{folders}\n", "uv's words")

    return run


def lock(arguments: Sequence[str], cwd: Path) -> Completed:
    """The tool itself."""
    return Completed(" ".join(arguments), "its words")


@pytest.mark.parametrize(
    ("requirement", "answers", "ran", "stderr", "version"),
    [
        pytest.param("lock==1.8.3", {}, ["lock==1.8.3 offline"], "its words", "1.8.3", id="cached"),
        pytest.param(
            "lock==1.8.3",
            {"cached": NOT_CACHED},
            ["lock==1.8.3 offline", "lock==1.8.3"],
            "its words",
            "1.8.3",
            id="fetched",
        ),
        pytest.param(
            "Lock[locked]==1.8.3",
            {"cached": NO_SUCH, "pinned": NO_SUCH},
            ["Lock[locked]==1.8.3 offline", "Lock[locked]==1.8.3", "Lock[locked]>=1,<2"],
            "Lock[locked]==1.8.3 cannot be had; Lock[locked]>=1,<2 ran instead\nits words",
            "1.9.1",
            id="gone-so-its-major",
        ),
        pytest.param("lock>=2,<3", {}, ["lock>=2,<3"], "its words", "1.9.1", id="a-range"),
    ],
)
def test_a_tool_runs_at_its_version(
    tools: FakeTools, requirement: str, answers: Mapping[str, str], ran: list[str], stderr: str, version: str
) -> None:
    for name in ("uv", "sh"):
        tools.install(name, uv(**answers))
    tools.install("lock", lock)
    world, other = LockTools(tools), LockTools(tools)
    done = run_tool(requirement, ["lock", "--check"], Path("here"), None, world)
    *argvs, own = [run.argv for run in tools.ran]
    wanted = [f"{argv[argv.index('--from') + 1]}{' offline' if '--offline' in argv else ''}" for argv in argvs]
    assert (wanted, done.stdout, done.stderr) == (ran, "--check", stderr)
    assert own == (f"environments/{ran[-1].removesuffix(' offline')}/bin/lock", "--check")
    assert world.ran.version(requirement) == version
    assert other.ran.version(requirement) in {"1.8.3", "<3,>=2"}


@pytest.mark.parametrize(
    ("answers", "message", "runs"),
    [
        pytest.param({"cached": "uv's own error"}, r"^uv exited with status 1$", 1, id="uv-failed"),
        pytest.param(
            {"cached": NO_SUCH, "pinned": NO_SUCH, "major": NO_SUCH},
            r"^lock==1\.8\.3 cannot be installed, nor another .*: https://registry\.example/simple has none .* build",
            3,
            id="no-such-tool",
        ),
        pytest.param({"cached": NOT_CACHED, "pinned": UNREACHED}, r"index cannot be reached; try later$", 2, id="away"),
    ],
)
def test_what_fails_is_told_apart(tools: FakeTools, answers: Mapping[str, str], message: str, runs: int) -> None:
    for name in ("uv", "sh"):
        tools.install(name, uv(**answers))
    with pytest.raises(ToolError, match=message) as raised:
        run_tool("lock==1.8.3", ["lock"], Path("here"), "https://user:secret@registry.example/simple", LockTools(tools))
    assert "secret" not in str(raised.value)
    assert raised.value.stderr == list(answers.values())[-1]
    assert len(tools.ran) == runs


def test_a_failure_of_uv_is_not_that_of_the_shell_around_it(tools: FakeTools) -> None:
    def fails(arguments: Sequence[str], cwd: Path) -> Completed:
        raise ToolError(f"sh {' '.join(arguments)}: exited with status 2", "its words")

    tools.install("sh", fails)
    with pytest.raises(ToolError, match=r"^\S*uv --quiet --no-config .*: exited with status 2$") as raised:
        run_tool("lock>=2,<3", ["lock"], Path("here"), None, LockTools(tools))
    assert raised.value.stderr == "its words"


def test_what_the_tool_says_of_its_failure_is_kept(tools: FakeTools) -> None:
    def fails(arguments: Sequence[str], cwd: Path) -> Completed:
        raise ToolError("lock exited with status 1", "the tool's own error")

    tools.install("uv", uv())
    tools.install("lock", fails)
    with pytest.raises(ToolError, match=r"^lock exited with status 1$") as raised:
        run_tool("lock==1.8.3", ["lock"], Path("here"), None, LockTools(tools))
    assert (raised.value.stderr, len(tools.ran)) == ("the tool's own error", 2)


def test_the_index_is_handed_on_and_the_repository_has_no_say(tools: FakeTools) -> None:
    tools.install("uv", uv())
    tools.install("lock", lock)
    run_tool(
        "lock==1", ["lock"], Path("here"), "https://registry.example/simple", LockTools(tools), {"LOCK_QUIET": "1"}
    )
    ran, own = tools.ran
    assert ran.cwd == own.cwd == Path("here")
    assert own.env["LOCK_QUIET"] == "1"
    assert ran.env["UV_PYTHON_DOWNLOADS"] == own.env["UV_PYTHON_DOWNLOADS"] == "never"
    assert {"--no-config", "--no-build"} < set(ran.argv[: ran.argv.index("--from")])
    assert ran.argv[ran.argv.index("--default-index") + 1] == "https://registry.example/simple"


def test_the_newest_of_a_range_is_asked_for_once_a_day_and_what_is_there_will_do(tmp_path: Path) -> None:
    uv, said = tmp_path / "uv", tmp_path / "said"
    command = [str(uv), "tool", "run", "a b"]

    def run(index: str = "exit 0", cache: str = "exit 0") -> tuple[int, list[str]]:
        """The status, and how uv was asked: `index` is what becomes of it online, `cache` offline."""
        said.write_text("")
        script = f'#!/bin/sh\necho "$*" >> {said}\ncase "$1" in --offline) {cache};; *) {index};; esac\n'
        uv.write_text(script)
        uv.chmod(0o755)
        environ = {"PATH": "/usr/bin:/bin", "UV_CACHE_DIR": str(tmp_path)}
        done = subprocess.run(["sh", "-c", recently(command), "uv", *command], env=environ, check=False)
        return done.returncode, said.read_text().splitlines()

    online, offline = "tool run a b", "--offline tool run a b"
    assert run(index="exit 2", cache="exit 1") == (2, [online, offline])
    assert run() == (0, [online])
    assert run() == (0, [offline])
    assert run(cache="exit 1") == (0, [offline, online])
    (mark,) = tmp_path.glob("asked-*")
    yesterday = time.time() - 2 * 24 * 3600
    os.utime(mark, (yesterday, yesterday))
    assert run(index="exit 2") == (0, [online, offline])
    assert run() == (0, [online])
    assert recently([*command, "c"]) != recently(command)


@dataclass(frozen=True, slots=True)
class Counted:
    """The real tools, trusting this machine's certificates; the commands that ran."""

    real: RealTools
    ran: list[str]

    def run(self, argv: Sequence[str], cwd: Path | None, env: Mapping[str, str] | None = None) -> Completed:
        if "tool" in argv:
            self.ran.append("offline" if "--offline" in argv else "online")
        trusted = {name: os.environ[name] for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if name in os.environ}
        return self.real.run(argv, cwd, {**trusted, **(env or {})})

    def fetch(self, url: str, accept: str, etag: str = "") -> Fetched:
        return self.real.fetch(url, accept, etag)


@pytest.mark.registry
def test_a_real_tool_is_fetched_once_and_never_asked_for_again(tmp_path: Path) -> None:
    # A planted configuration would send uv elsewhere; it is not read.
    (tmp_path / "uv.toml").write_text('index-url = "https://registry.example/simple"\n')
    tools = Counted(RealTools(tmp_path), [])
    world = LockTools(tools)

    def version(requirement: str) -> Completed:
        try:
            return run_tool(requirement, ["pip-compile", "--version"], tmp_path, None, world)
        except ToolError as error:
            if "cannot be reached" not in str(error):
                raise
            pytest.skip(f"no package index in reach: {error.stderr[:200]}")

    assert version("pip-tools==7.4.1").stdout == "pip-compile, version 7.4.1\n"
    assert version("pip-tools==7.4.1").stdout == "pip-compile, version 7.4.1\n"
    assert tools.ran == ["offline", "online", "offline"]
    instead = version("pip-tools==7.4.9999")
    assert instead.stderr.startswith("pip-tools==7.4.9999 cannot be had; pip-tools>=7,<8 ran instead\n")
    assert instead.stdout == f"pip-compile, version {world.ran.version('pip-tools==7.4.9999')}\n"
