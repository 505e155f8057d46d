"""`bot sandbox` and `bot demo` as they are started from a shell."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.end_to_end.world import ROOT, Runner
from tests.sandbox.client import Api

OUT_OF_REACH = ("goes without a lock", "cannot be reached", "error sending request")


@contextmanager
def started(folder: Path, *argv: str) -> Iterator[subprocess.Popen[str]]:
    """`python -m bot`, ended as by Ctrl-C when the block is left."""
    # Proxies and certificates of this machine, and nothing that configures a bot.
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("BOT_", "CI_", "GITLAB_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", *argv],
        env={**environ, "HOME": str(folder), "PYTHONPATH": str(ROOT)},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def interrupt(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    return process.returncode, out, err


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def test_a_sandbox_tells_its_address_and_a_new_token_and_ends_well_on_ctrl_c(tmp_path: Path) -> None:
    with started(tmp_path, "sandbox", "--port", "0") as process:
        url = first_line(process).split()[2]
        token = first_line(process).removeprefix("root's token: ").strip()
        api = Api(url, token)
        assert api.get("/user")["username"] == "root"
        api.close()
        assert interrupt(process) == (0, "", "")


def test_a_sandbox_keeps_its_world_in_its_folder(tmp_path: Path) -> None:
    for status in (201, 400):
        with started(tmp_path, "sandbox", "--port", "0", "--token", "the-token", "--data", "world") as process:
            url = first_line(process).split()[2]
            api = Api(url, "the-token")
            api.post("/projects", status, name="kept")
            api.close()
            assert interrupt(process)[0] == 0


def _file(folder: Path) -> Path:
    (folder / "world").write_text("no folder")
    return folder / "world"


def _garbage(folder: Path) -> Path:
    (folder / "world").mkdir()
    (folder / "world" / "world.sqlite3").write_bytes(b"no database" * 1000)
    return folder / "world"


@pytest.mark.parametrize("make", [_file, _garbage], ids=["a file", "no database"])
def test_a_folder_that_cannot_hold_a_world_is_the_users_mistake(tmp_path: Path, runner: Runner, make: object) -> None:
    assert callable(make)
    data = make(tmp_path)
    ended = runner.run(["sandbox", "--port", "0", "--data", str(data)], {}, tmp_path)
    assert (ended.status, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert ended.err.startswith(f"bot: {data} cannot hold the embedded GitLab: ")


@pytest.mark.parametrize("command", ["sandbox", "demo"])
def test_a_port_that_is_taken_is_named(tmp_path: Path, runner: Runner, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        ended = runner.run([command, "--port", str(port)], {"HOME": str(tmp_path)}, tmp_path)
    assert (ended.status, ended.err) == (
        2,
        f"bot: port {port} on 127.0.0.1: Address already in use; choose another with --port\n",
    )


def test_a_demo_runs_on_the_port_that_it_was_given_and_can_be_interrupted(tmp_path: Path) -> None:
    port = free_port()
    with started(tmp_path, "demo", "--port", str(port)) as process:
        assert first_line(process).startswith(f"An embedded GitLab runs at http://127.0.0.1:{port}.")
        status, _, err = interrupt(process)
    assert (status, "Traceback" in err) == (130, False)


@pytest.mark.registry
def test_a_demo_opens_merge_requests_then_finds_nothing_to_do_and_says_how_to_look_at_them(tmp_path: Path) -> None:
    with started(tmp_path, "demo") as process:
        out, err = process.communicate()
    if any(words in out for words in OUT_OF_REACH):
        pytest.skip(f"the registry is out of reach: {out[-500:]}")
    assert (process.returncode, "Traceback" in err) == (0, False)
    first, second = out.split("(again: nothing has changed)")
    assert "demo/shop" in first
    assert "opened" in first
    assert "skipped: demo/read-only: the token's role is Reporter (20)" in first
    assert "nothing to change: no write call to GitLab" in second
    assert out.splitlines()[-1].startswith("The embedded GitLab ends here; `bot demo --serve` keeps it running")


@pytest.mark.registry
def test_a_demo_that_serves_ends_well_on_ctrl_c(tmp_path: Path) -> None:
    with started(tmp_path, "demo", "--serve") as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("Serving "):
                break
        status, _, err = interrupt(process)
    if any(words in line for line in said for words in OUT_OF_REACH):
        pytest.skip(f"the registry is out of reach: {said}")
    assert (status, "Traceback" in err) == (0, False)
