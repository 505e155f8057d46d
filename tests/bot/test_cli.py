"""The command line: help, usage, exit statuses, interrupts, closed pipes, and what a bug looks like."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from state.store import Store
from tests.bot.interrupts import Interrupter
from tests.end_to_end.advisories import record
from tests.end_to_end.world import FIXES_ONLY, ROOT, Fleet, Runner

COMMANDS = ("run", "scan", "check", "projects", "status", "daemon", "health", "config", "demo", "sandbox")
HEAVY = ("sqlalchemy", "gitlab", "pydantic", "rich", "jinja2", "httpx2", "starlette")
DOCUMENTED = (ROOT / "docs" / "commands.md").read_text("utf-8")
MANIFEST = "requirements.txt"
SECONDS = 60


@pytest.fixture
def app(fleet: Fleet) -> Fleet:
    """Two projects with a vulnerable package each."""
    fleet.index.add("acme", "1.0", "1.5")
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))
    for path in ("group/app", "group/other"):
        fleet.project(path, {MANIFEST: "acme==1.0\n"})
    fleet.environ["BOT_LOG_LEVEL"] = "warning"
    return fleet


def process(
    argv: tuple[str, ...], environ: Mapping[str, str], cwd: Path, output: int | None = None, errors: int | None = None
) -> subprocess.CompletedProcess[bytes]:
    """`python -m bot` as it is started from a shell."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *argv],
        env={"PYTHONPATH": str(ROOT), **environ},
        cwd=cwd,
        stdout=subprocess.PIPE if output is None else output,
        stderr=subprocess.PIPE if errors is None else errors,
        timeout=SECONDS,
        check=False,
    )


def closed_pipe() -> int:
    """The end to write to of a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def options(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))


def help_of(runner: Runner, folder: Path, *command: str) -> str:
    ended = runner.run([*command, "--help"], {}, folder)
    assert (ended.status, ended.err) == (0, "")
    return ended.out


def test_help_names_every_command_and_every_exit_status(runner: Runner, tmp_path: Path) -> None:
    text = help_of(runner, tmp_path)
    assert [line.split()[0] for line in text.splitlines() if re.match(r"    \w", line)] == list(COMMANDS)
    assert re.findall(r"^  (\d+)  ", text, re.MULTILINE) == ["0", "1", "2", "3", "130"]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_options_in_the_help_are_those_in_the_documentation(runner: Runner, tmp_path: Path, command: str) -> None:
    (heading,) = re.findall(rf"^## bot {command}\b.*$", DOCUMENTED, re.MULTILINE)
    common = options(DOCUMENTED.split("\n## ", 1)[0].split("\n\n", 2)[1])
    configured = common if command not in ("config", "demo", "sandbox") else set()
    assert options(help_of(runner, tmp_path, command)) - {"--help"} == configured | options(heading)


def test_help_and_version_load_nothing_that_takes_time(tmp_path: Path) -> None:
    program = f"import sys, bot.cli; bot.cli.main(['--help']); print([m for m in {HEAVY} if m in sys.modules])"
    ended = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )
    assert ended.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        pytest.param((), "bot: the following arguments are required: COMMAND; see bot --help", id="no command"),
        pytest.param(("fly",), "bot: argument COMMAND: invalid choice: 'fly'", id="no such command"),
        pytest.param(("run", "--dry", "a/b"), "bot: unrecognized arguments: --dry; see", id="an abbreviation"),
        pytest.param(("demo", "--url", "https://x"), "bot: unrecognized arguments: --url", id="an option of others"),
        pytest.param(("demo", "--port", "many"), "bot demo: argument --port: 'many' is not a port", id="no port"),
        pytest.param(("sandbox", "--port", "65536"), "bot sandbox: argument --port: '65536' is not", id="large port"),
        pytest.param(
            ("scan", "--advisories", "nowhere"), "bot scan: argument --advisories: 'nowhere' is not a folder", id="dir"
        ),
        pytest.param(("run", "--log-level", "loud"), "bot run: argument --log-level: invalid choice", id="level"),
        pytest.param(("run", "--url", "ftp://x", "a/b"), "bot: command line: url: 'ftp://x' is not an http", id="url"),
        pytest.param(("run", "--token-file", "no", "a/b"), "bot: command line: token_file: no is not a file", id="tok"),
        pytest.param(("status", "--config", "no.toml"), "bot: no.toml: cannot be read: No such file", id="config"),
        pytest.param(("run", "a/b"), "bot: no GitLab token: set GITLAB_TOKEN", id="no token"),
        pytest.param(("status", "--database", "bot.db"), "bot: database: The database URL cannot be", id="database"),
        pytest.param(
            ("status", "--database", "sqlite://a/b"), "bot: database: The database URL is", id="three slashes"
        ),
    ],
)
def test_wrong_usage_is_one_line_and_exit_status_2(
    runner: Runner, tmp_path: Path, argv: tuple[str, ...], said: str
) -> None:
    ended = runner.run(list(argv), {"BOT_DATABASE": "sqlite://"}, tmp_path)
    assert (ended.status, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert ended.err.startswith(said)


def test_a_daemon_that_could_do_nothing_does_not_start(tmp_path: Path) -> None:
    # A process of its own, as one that starts after all would never end.
    ended = process(("daemon",), {"BOT_DATABASE": "sqlite://", "HOME": str(tmp_path)}, tmp_path)
    assert (ended.returncode, ended.stderr.decode().startswith("bot: no GitLab token: set ")) == (2, True)


def test_every_unknown_or_wrong_setting_is_a_line(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "bot.toml").write_text("workerz = 2\n[policy]\ncooldown_days = -1\n")
    ended = runner.run(["status"], {"BOT_DAEMON__SWEEP": "5", "BOT_WORKERS": "many"}, tmp_path)
    assert ended.status == 2
    assert sorted(line.split(": ")[1:3] for line in ended.err.splitlines()) == [
        ["bot.toml", "policy.cooldown_days"],
        ["bot.toml", "workerz"],
        ["environment", "daemon.sweep"],
        ["environment", "workers"],
    ]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        pytest.param(("status", "group/\x1b[2J"), "group/ [2J: not in the database", id="project"),
        pytest.param(("scan", "no\x1b]0;x\x07"), "no ]0;x : not a folder", id="folder"),
        pytest.param(("status", "--database", "sqlite:///garbage.db"), "garbage.db is not a whole database", id="db"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_status_1(
    runner: Runner, tmp_path: Path, argv: tuple[str, ...], said: str
) -> None:
    (tmp_path / "garbage.db").write_bytes(b"no database" * 1000)
    database = f"sqlite:///{tmp_path / 'bot.db'}"
    Store.open(database).close()
    ended = runner.run(list(argv), {"BOT_DATABASE": database}, tmp_path)
    assert (ended.status, ended.out, ended.err.count("\n")) == (1, "", 1)
    assert ended.err.startswith("bot: ")
    assert said in ended.err


def test_a_bug_is_a_traceback_without_secrets_and_exit_status_3(tmp_path: Path) -> None:
    # A broken installation: no mistake of the user, and nothing that the bot foresees.
    (tmp_path / "gitlab.py").write_text("import os\nraise RuntimeError('cannot use ' + os.environ['BOT_TOKEN'])\n")
    environ = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "BOT_TOKEN": "glpat-of-the-test", "HOME": str(tmp_path)}
    ended = process(("projects",), environ, tmp_path)
    said = ended.stderr.decode()
    assert (ended.returncode, ended.stdout) == (3, b"")
    assert "a bug in the bot, please report it\nTraceback (most recent call last):" in said
    assert "RuntimeError: cannot use [redacted]" in said
    assert "glpat-of-the-test" not in said


@pytest.mark.parametrize(
    ("argv", "request_number", "times"),
    [
        pytest.param(("run", "group/app"), 3, 1, id="one project"),
        pytest.param(("run", "--all"), 1, 1, id="before any project"),
        pytest.param(("run", "--all"), 4, 1, id="several projects"),
        pytest.param(("run", "--all"), 4, 3, id="again and again"),
        pytest.param(("projects",), 1, 1, id="a list"),
        pytest.param(("check",), 2, 1, id="a check"),
    ],
)
def test_an_interrupt_ends_it_without_a_traceback(
    app: Fleet, argv: tuple[str, ...], request_number: int, times: int
) -> None:
    Interrupter(app.sandbox, lambda: app.runner.pid, request_number, times)
    ended = app.bot(*argv)
    assert (ended.status, ended.out) == (130, "")
    assert "Traceback" not in ended.err
    assert ("Ctrl-C again leaves at once" in ended.err) is (argv[0] == "run")


def test_an_interrupt_while_a_class_is_being_made_has_the_same_exit_status(tmp_path: Path) -> None:
    # Such an import is how dataclasses come to be. CPython remembers it, and ends itself by the signal.
    (tmp_path / "gitlab.py").write_text("exec('raise KeyboardInterrupt')\n")
    environ = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "BOT_TOKEN": "glpat-of-the-test", "HOME": str(tmp_path)}
    ended = process(("projects",), environ, tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, b"", b"")


def test_a_run_after_an_interrupt_completes_the_work(app: Fleet) -> None:
    Interrupter(app.sandbox, lambda: app.runner.pid, 5, 2)
    assert app.bot("run", "--all").status == 130
    assert app.bot("run", "--all").status == 0
    assert [len(app.merge_requests(path)) for path in ("group/app", "group/other")] == [1, 1]


@pytest.mark.parametrize("argv", [("--help",), ("status",), ("scan", "--json")], ids=" ".join)
def test_a_closed_pipe_is_quiet(app: Fleet, argv: tuple[str, ...]) -> None:
    # Enough dependencies for a document that does not fit into any buffer.
    app.index.add("acme", "1.0")
    (app.folder / MANIFEST).write_text("".join(f"p{n}==1.0\n" for n in range(2000)))
    Store.open(app.environ["BOT_DATABASE"]).close()
    output = closed_pipe()
    app.environ["BOT_POLICY__UPDATES"] = FIXES_ONLY
    ended = process(argv, app.environ, app.folder, output)
    os.close(output)
    said = [line for line in ended.stderr.decode().splitlines() if ": reading dependencies" not in line]
    assert (ended.returncode, said) == (0, [])


def test_a_run_whose_words_nobody_reads_does_its_work(app: Fleet) -> None:
    output = closed_pipe()
    process(("run", "--all"), app.environ, app.folder, output, output)
    os.close(output)
    assert [len(app.merge_requests(path)) for path in ("group/app", "group/other")] == [1, 1]


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_stream_that_is_not_there_is_no_reason_to_fail(app: Fleet, closed: str) -> None:
    command = f'exec "{sys.executable}" -m bot run group/app {closed}'
    environ = {"PYTHONPATH": str(ROOT), **app.environ}
    ended = subprocess.run(["sh", "-c", command], env=environ, cwd=app.folder, capture_output=True, check=False)
    assert (ended.returncode, b"Traceback" in ended.stdout + ended.stderr) == (0, False)
    assert len(app.merge_requests("group/app")) == 1


def test_an_encoding_that_lacks_a_character_is_no_reason_to_fail(app: Fleet) -> None:
    (app.folder / "großes").mkdir()
    (app.folder / "großes" / MANIFEST).write_text("acme==1.0\n")
    ended = process(("scan", "großes/.."), {**app.environ, "PYTHONIOENCODING": "ascii"}, app.folder)
    assert (ended.returncode, b"gro\\xdfes/requirements.txt:1" in ended.stdout) == (0, True)
