import os
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters.git.checkouts import GitCheckouts
from bot.adapters.git.command import Limits, clone_address
from bot.errors import CheckoutError
from tests.bot.adapters.git.server import AUTHORIZATION, TOKEN, GitServer, Serve, Upstream, checkouts_in, gits_below
from tests.bot.adapters.http_server import Asked, Reply


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (403, "the token may not do this: it needs the Developer role"),
        (404, "there is no such repository, or the token may not see it"),
        (302, "set the GitLab URL to that one"),
    ],
)
def test_a_refusal_names_the_project_and_the_remedy(
    checkouts: GitCheckouts, upstream: Upstream, head: str, server: GitServer, status: int, message: str
) -> None:
    away = {"Location": "http://elsewhere.example/"} if status == 302 else {}
    server.once("info/refs", lambda asked, serve: Reply(status, headers=away))
    with (
        pytest.raises(CheckoutError, match=f"group/app: git fetch failed .*{message}"),
        checkouts.open(upstream.project(head)),
    ):
        pass


def test_a_wrong_token_is_said_to_be_wrong_and_not_shown(
    tmp_path: Path, server: GitServer, upstream: Upstream, head: str
) -> None:
    wrong = "glpat-wrong-wrong-wrong"
    with (
        pytest.raises(CheckoutError, match="GitLab refused the token: check that it is valid") as failed,
        checkouts_in(tmp_path, server, wrong).open(upstream.project(head)),
    ):
        pass
    assert wrong not in str(failed.value)


def test_an_overloaded_gitlab_is_asked_again(
    checkouts: GitCheckouts, upstream: Upstream, head: str, server: GitServer
) -> None:
    server.once("info/refs", lambda asked, serve: Reply(503))
    server.once("info/refs", lambda asked, serve: Reply(cut=True))
    with checkouts.open(upstream.project(head)) as checkout:
        assert checkout.head == head


def test_a_commit_that_is_gone_is_said_to_be_gone(checkouts: GitCheckouts, upstream: Upstream, head: str) -> None:
    with pytest.raises(CheckoutError, match=r"no longer in GitLab"), checkouts.open(upstream.project("1" * 40)):
        pass


def test_a_repository_over_the_limit_is_cut_off(tmp_path: Path, server: GitServer, upstream: Upstream) -> None:
    head = upstream.commit({f"{number:04}-{os.urandom(40).hex()}": b"1" for number in range(300)})
    with (
        pytest.raises(CheckoutError, match="over the size limit"),
        checkouts_in(tmp_path, server, limits=Limits(pack=10_000)).open(upstream.project(head)),
    ):
        pass


def test_a_fetch_that_takes_too_long_is_stopped(
    tmp_path: Path, server: GitServer, upstream: Upstream, head: str
) -> None:
    released = threading.Event()
    server.once("info/refs", lambda asked, serve: Reply(503) if released.wait(30) else Reply(500))
    slow = checkouts_in(tmp_path, server, limits=Limits(seconds=0.3))
    try:
        with pytest.raises(CheckoutError, match=r"took longer than 0\.3 s"), slow.open(upstream.project(head)):
            pass
    finally:
        released.set()


def test_a_cache_that_cannot_be_written_is_named(
    tmp_path: Path, server: GitServer, upstream: Upstream, head: str
) -> None:
    (tmp_path / "cache").write_text("not a folder")
    with (
        pytest.raises(CheckoutError, match=r"cache.*: mend the cache folder"),
        checkouts_in(tmp_path, server).open(upstream.project(head)),
    ):
        pass


def test_it_is_in_no_argument_and_in_no_file(
    checkouts: GitCheckouts, upstream: Upstream, head: str, server: GitServer, tmp_path: Path
) -> None:
    seen: list[str] = []

    def spy(asked: Asked, serve: Serve) -> Reply:
        seen.append(subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, check=True).stdout.decode())
        return serve(asked)

    for part in ("git-upload-pack", "git-receive-pack"):
        server.once(part, spy)
    with checkouts.open(upstream.project(head)) as checkout:
        checkout.push(checkout.commit({"requirements.txt": b"2"}, "Bump"), "bot/fix", None)

    assert len(seen) == 2
    assert all("git remote-http" in listing or "git-remote-http" in listing for listing in seen)
    encoded = AUTHORIZATION.removeprefix("Basic ")
    assert not any(TOKEN in listing or encoded in listing for listing in seen)
    kept = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert kept
    assert not any(TOKEN.encode() in path.read_bytes() or encoded.encode() in path.read_bytes() for path in kept)


@pytest.mark.parametrize(
    ("clone_url", "address"),
    [
        ("https://gitlab.example/group/app.git", "https://gitlab.example/group/app.git"),
        ("https://elsewhere.example/group/app.git", "https://gitlab.example/group/app.git"),
        ("http://gitlab.example/group/app.git", "https://gitlab.example/group/app.git"),
        ("https://gitlab.example.evil.example/app.git", "https://gitlab.example/group/app.git"),
        ("https://gitlab.example@evil.example/app.git", "https://gitlab.example/group/app.git"),
        ("", "https://gitlab.example/group/app.git"),
    ],
    ids=["as GitLab says", "another host", "not encrypted", "look-alike", "user part", "not told"],
)
def test_it_goes_to_its_own_gitlab_only(upstream: Upstream, clone_url: str, address: str) -> None:
    project = replace(upstream.project(None), clone_url=clone_url)
    assert clone_address("https://gitlab.example", project) == address


def test_git_sees_nothing_of_the_environment_of_the_bot(
    checkouts: GitCheckouts, upstream: Upstream, head: str, server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def spy(asked: Asked, serve: Serve) -> Reply:
        for process in gits_below(os.getpid()):
            seen.extend(Path(f"/proc/{process}/environ").read_text().split("\0"))
        return serve(asked)

    monkeypatch.setenv("DATABASE_PASSWORD", "x")
    monkeypatch.setenv("GIT_TRACE_CURL", "1")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    server.once("info/refs", spy)
    with checkouts.open(upstream.project(head)):
        pass
    names = {line.partition("=")[0] for line in seen if line}
    assert "GIT_ALLOW_PROTOCOL" in names
    assert not names & {"DATABASE_PASSWORD", "GIT_TRACE_CURL"}
    assert "GIT_DIR=/nowhere" not in seen
