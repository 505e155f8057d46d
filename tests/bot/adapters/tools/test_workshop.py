import os
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.adapters.confinement.bubblewrap import impossible
from bot.adapters.credential import Credential
from bot.adapters.redaction import Redactor
from bot.adapters.tools.run import Limits
from bot.adapters.tools.scratches import UNFINISHED_AFTER
from bot.adapters.tools.workshop import STDERR_KEPT, LocalWorkshop
from remediators.credential_variables import credential_variables
from remediators.errors import ToolError

PYTHON = sys.executable


@pytest.fixture
def workshop(tmp_path: Path) -> LocalWorkshop:
    environ = {"PATH": os.environ["PATH"], "BOT_TOKEN": "secret-token", "HTTPS_PROXY": "http://proxy.example:3128"}
    return LocalWorkshop(tmp_path / "scratch", tmp_path / "caches", environ, redact=Redactor(["secret-token"]))


def limited(tmp_path: Path, limits: Limits) -> LocalWorkshop:
    return LocalWorkshop(tmp_path / "scratch", tmp_path / "caches", dict(os.environ), limits=limits)


def test_each_run_is_a_line_of_the_debug_log_with_its_time_and_without_secrets_and_whole_programs(
    workshop: LocalWorkshop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "bot")
    with workshop.scratch() as work, pytest.raises(ToolError):
        workshop.run([PYTHON, "-c", "import sys;\nsys.exit(3) #" + "x" * 999, "--token", "secret-token"], work)
    (line,) = caplog.messages
    name = re.escape(Path(PYTHON).name)
    assert re.fullmatch(
        rf"{name} -c import sys; sys\.exit\(3\) #x+… --token \[redacted\]: exited with status 3 in \d+\.\d\d s", line
    )
    assert len(line) < 300


def test_a_scratch_is_empty_and_gone_afterwards(workshop: LocalWorkshop) -> None:
    with workshop.scratch() as work:
        assert list(work.iterdir()) == []
        (work / "file").write_text("x")
    assert not work.parent.exists()


def test_a_scratch_is_removed_after_an_error_with_all_that_is_write_protected(workshop: LocalWorkshop) -> None:
    with pytest.raises(KeyError), workshop.scratch() as work:
        (work / "deep").mkdir()
        (work / "deep" / "file").write_text("x")
        (work / "deep").chmod(0o500)
        raise KeyError
    assert not work.parent.exists()


def test_removing_a_scratch_follows_no_symlink(workshop: LocalWorkshop, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o500)
    with workshop.scratch() as work:
        (work / "link").symlink_to(outside)
    assert outside.stat().st_mode & 0o777 == 0o500


def test_a_scratch_that_a_killed_bot_left_behind_is_cleared_by_the_next_run(
    workshop: LocalWorkshop, tmp_path: Path
) -> None:
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom bot.adapters.tools.scratches import scratch\n"
        "with scratch(Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([PYTHON, "-c", code, tmp_path / "scratch"], cwd=Path.cwd(), check=False)
    (left,) = (tmp_path / "scratch").iterdir()
    with workshop.scratch():
        assert not left.exists()
    assert killed.returncode == -9


@pytest.mark.parametrize("seconds", [-365 * 24 * 3600, 365 * 24 * 3600], ids=["forward", "back"])
def test_one_that_is_in_use_stays_when_the_clock_jumps(workshop: LocalWorkshop, seconds: int) -> None:
    with workshop.scratch() as used:
        then = time.time() + seconds
        os.utime(used.parent, (then, then))
        with workshop.scratch():
            assert used.exists()


def test_one_that_was_never_finished_is_cleared_after_a_day(workshop: LocalWorkshop, tmp_path: Path) -> None:
    old, young = tmp_path / "scratch" / "old", tmp_path / "scratch" / "young"
    for folder in (old, young):
        folder.mkdir(parents=True)
    long_ago = time.time() - UNFINISHED_AFTER - 60
    os.utime(old, (long_ago, long_ago))

    with workshop.scratch():
        assert not old.exists()
        assert young.exists()


def test_only_who_needs_variables_with_credentials_has_them(tmp_path: Path) -> None:
    credentials = {"registry.example": Credential("", "one"), "registry.example:8443": Credential("me", "other")}
    workshop = LocalWorkshop(tmp_path / "scratch", tmp_path / "caches", dict(os.environ), credentials=credentials)
    wanted, unknown = credential_variables("registry.example"), credential_variables("registry.example:1")
    with workshop.scratch() as work:
        (work / "npm").symlink_to("/usr/bin/env")
        any_other, npm = workshop.run(["env"], work).stdout, workshop.run([str(work / "npm")], work).stdout
        started_with = {**wanted.values("", ""), **unknown.values("", "")}
        some = workshop.run(["env"], work, started_with).stdout.splitlines()
    assert "registry" not in any_other.lower()
    assert "npm_config_//registry.example/:_authToken=one\n" in npm
    assert "REGISTRY_" not in npm
    given = {**wanted.values("one", ""), **unknown.values("", "")}
    assert {line for line in some if line.startswith("REGISTRY_")} == {f"{key}={to}" for key, to in given.items()}


def test_the_environment_is_scrubbed_and_private(workshop: LocalWorkshop, tmp_path: Path) -> None:
    with workshop.scratch() as work:
        done = workshop.run(["env"], work, {"UV_OFFLINE": "1"})
        base = work.parent
    seen = dict(line.split("=", 1) for line in done.stdout.splitlines())

    assert "BOT_TOKEN" not in seen
    assert seen["HOME"] == str(base / "home")
    assert seen["TMPDIR"] == str(base / "tmp")
    # What tools in a sandbox wrote into theirs is not read here.
    assert seen["UV_CACHE_DIR"] == str(tmp_path / "caches-unconfined" / "uv")
    assert seen["HTTPS_PROXY"] == "http://proxy.example:3128"
    assert seen["UV_OFFLINE"] == "1"
    assert seen.keys() - {"PATH", "LANG", "HOME", "TMPDIR", "UV_OFFLINE", "HTTPS_PROXY"} <= {
        *("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"),
        *("UV_CACHE_DIR", "PIP_CACHE_DIR", "npm_config_cache", "npm_config_logs_max"),
    }


def test_a_failure_is_told_in_the_same_words_each_time_and_without_paths_of_this_machine(
    workshop: LocalWorkshop,
) -> None:
    script = "echo no $PWD/lib/x or $PWD in file://$PWD, nor $HOME/y, $UV_CACHE_DIR/z, /usr/lib/w >&2; exit 1"
    said = set()
    for _ in range(2):
        with workshop.scratch() as work, pytest.raises(ToolError) as failure:
            workshop.run(["sh", "-c", script], work)
        said.add(failure.value.stderr)
    assert said == {"no lib/x or . in file://., nor ./home/y, cache/uv/z, /usr/lib/w"}


def test_a_configured_authority_reaches_every_kind_of_tool(tmp_path: Path) -> None:
    workshop = LocalWorkshop(tmp_path / "scratch", tmp_path, {"PATH": os.environ["PATH"]}, ca_bundle=Path("/ca.pem"))
    with workshop.scratch() as work:
        printed = workshop.run(["env"], work).stdout
    assert {f"{name}=/ca.pem" for name in ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE")} <= set(
        printed.splitlines()
    )


def test_the_tools_that_come_with_the_bot_are_found_first(workshop: LocalWorkshop) -> None:
    with workshop.scratch() as work:
        prefix = workshop.run(["python", "-c", "import sys; print(sys.prefix)"], work).stdout.strip()
    assert prefix == sys.prefix


def test_stdin_is_empty_and_both_streams_are_captured(workshop: LocalWorkshop) -> None:
    code = "import sys; print(repr(sys.stdin.read())); print('\\x1b[31mred\\x1b[0m', file=sys.stderr)"
    with workshop.scratch() as work:
        done = workshop.run([PYTHON, "-c", code], work)
    assert (done.stdout, done.stderr) == ("''\n", "red\n")


def test_much_output_on_both_streams_does_not_stop_the_tool(workshop: LocalWorkshop) -> None:
    code = "import sys; [s.write('x' * 2**20) for s in (sys.stderr, sys.stdout)]"
    with workshop.scratch() as work:
        done = workshop.run([PYTHON, "-c", code], work)
    assert (len(done.stdout), len(done.stderr)) == (2**20, 2**20)


def test_a_missing_tool_is_named_with_what_to_do(workshop: LocalWorkshop) -> None:
    with workshop.scratch() as work, pytest.raises(ToolError, match="nosuch is not installed or not on PATH: install"):
        workshop.run(["nosuch", "install"], work)


def test_a_failure_carries_the_end_of_stderr_without_colours_and_secrets(workshop: LocalWorkshop) -> None:
    code = "import sys; sys.exit('a' * 40_000 + ' \\x1b[1msecret-token\\x1b[0m end')"
    with workshop.scratch() as work, pytest.raises(ToolError, match="exited with status 1") as failed:
        workshop.run([PYTHON, "-c", code], work)
    assert failed.value.stderr.endswith("a [redacted] end")
    assert len(failed.value.stderr) == STDERR_KEPT


def test_a_tool_that_complains_on_stdout_is_heard(workshop: LocalWorkshop) -> None:
    with workshop.scratch() as work, pytest.raises(ToolError) as failed:
        workshop.run([PYTHON, "-c", "print('no such package'); raise SystemExit(2)"], work)
    assert failed.value.stderr == "no such package"


def test_a_tool_that_takes_too_long_is_stopped_with_its_children(tmp_path: Path) -> None:
    workshop = limited(tmp_path, Limits(seconds=0.5))
    code = (
        "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "open('pid', 'w').write(str(child.pid)); time.sleep(60)"
    )
    with workshop.scratch() as work:
        with pytest.raises(ToolError, match=r"stopped after 0\.5 s"):
            workshop.run([PYTHON, "-c", code], work)
        assert not alive(int((work / "pid").read_text()))


def test_a_child_that_a_tool_leaves_running_is_stopped(workshop: LocalWorkshop) -> None:
    with workshop.scratch() as work:
        done = workshop.run(["sh", "-c", "sleep 60 & echo $!"], work)
    assert not alive(int(done.stdout))


def test_a_tool_that_prints_without_end_is_stopped(tmp_path: Path) -> None:
    workshop = limited(tmp_path, Limits(output=100_000))
    with workshop.scratch() as work, pytest.raises(ToolError, match="printed more than 100,000 bytes"):
        workshop.run(["yes"], work)


def test_a_tool_runs_in_a_scratch_and_nowhere_else(workshop: LocalWorkshop, tmp_path: Path) -> None:
    with workshop.scratch() as work:
        (work / "out").symlink_to(tmp_path)
        for place in (tmp_path, work.parent, work.parent / "home", work / "out"):
            with pytest.raises(ValueError, match="not inside a scratch"):
                workshop.run(["true"], place)
        (work / "sub").mkdir()
        assert workshop.run(["pwd"], work / "sub").stdout.strip() == str(work / "sub")


def test_whether_a_sandbox_can_be_made_is_said_with_the_reason() -> None:
    reason = impossible()
    assert reason is None or "bubblewrap" in reason


def alive(pid: int) -> bool:
    """Whether a process still runs after the moment that a killed one may take to die."""
    return all(_runs(pid) and not select.select([], [], [], 0.05)[0] for _ in range(100))


def _runs(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
