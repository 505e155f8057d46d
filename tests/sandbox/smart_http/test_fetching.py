"""Clones and fetches of real git clients."""

from __future__ import annotations

import os

import pytest
import requests

from bot.sandbox import repositories
from bot.sandbox.git.pkt_line import FLUSH, packet
from bot.sandbox.server import Sandbox
from bot.sandbox.world import Project
from tests.sandbox.git_client import Git


@pytest.mark.parametrize("version", ["0", "1", "2"])
def test_a_full_clone_has_the_head_that_was_foretold(
    sandbox: Sandbox, project: Project, git: Git, url: str, version: str
) -> None:
    foretold = sandbox.world.loop.run(lambda: repositories.head(sandbox.world, project))
    git("-c", f"protocol.version={version}", "clone", "-q", url, "work")
    work = git.at("work")
    assert (work("branch", "--show-current").strip(), work("rev-parse", "HEAD").strip()) == foretold
    assert work("ls-files").split() == ["README.md", "app/main.py", "docs/a.md"]
    work("fsck", "--strict")


def test_a_shallow_blobless_sparse_clone_takes_what_it_needs(clone: Git, git: Git, url: str) -> None:
    clone.commit({"app/main.py": "print('ho')\n"})
    clone("push", "-q")
    flags = ["--depth=1", "--filter=blob:none", "--sparse", "--no-checkout"]
    git("clone", "-q", *flags, url, "thin")
    thin = git.at("thin")
    assert thin("rev-list", "--count", "HEAD").strip() == "1"
    missing = thin("rev-list", "--objects", "--missing=print", "HEAD").split("\n")
    assert len([line for line in missing if line.startswith("?")]) == 3

    thin("sparse-checkout", "set", "app")
    thin("checkout", "-q", "main")
    assert {p.name for p in thin.folder.iterdir()} == {".git", "app", "README.md"}
    assert (thin.folder / "app/main.py").read_text() == "print('ho')\n"


def test_any_commit_can_be_asked_for_by_name(clone: Git, git: Git, url: str) -> None:
    first = clone("rev-parse", "HEAD").strip()
    clone.commit({"a": "1"})
    clone("push", "-q")
    git("init", "-q", "bare")
    git.at("bare")("fetch", "-q", "--depth=1", url, first)
    assert git.at("bare")("rev-parse", "FETCH_HEAD").strip() == first


def test_an_empty_repository_clones(sandbox: Sandbox, git: Git) -> None:
    sandbox.add_project("team/empty")
    assert "empty repository" in git.run("clone", f"{sandbox.url}/team/empty.git", "work").stderr
    assert git.at("work")("symbolic-ref", "HEAD").strip() == "refs/heads/main"


def test_the_url_without_git_leads_there(git: Git, url: str) -> None:
    git("clone", "-q", url.removesuffix(".git"), "work")
    plain = f"{url.removesuffix('.git')}/info/refs?service=x"
    assert requests.get(plain, allow_redirects=False, timeout=10).headers["Location"] == f"{url}/info/refs?service=x"


def test_a_large_fetch_request_comes_compressed(clone: Git, git: Git, url: str) -> None:
    for number in range(40):
        clone("branch", f"b{number}", clone("commit-tree", "HEAD^{tree}", "-m", str(number)).strip())
    clone("push", "-q", "--all")
    git("clone", "-q", url, "other")
    other = git.at("other")
    for number in range(40):
        other.commit({"x": str(number)})
    clone.commit({"y": "1"})
    clone("push", "-q")
    other("fetch", "-q")
    assert other("rev-parse", "origin/main") == clone("rev-parse", "HEAD")


def test_a_client_that_reads_slowly_holds_up_nobody(sandbox: Sandbox, clone: Git, url: str) -> None:
    (clone.folder / "noise").write_bytes(os.urandom(12 * 1024 * 1024))
    sha = clone.commit({})
    clone("push", "-q")
    wanted = packet(f"want {sha}\n".encode()) + FLUSH + packet(b"done\n")
    session = requests.Session()
    session.auth = ("x", sandbox.token)
    headers = {"Content-Type": "application/x-git-upload-pack-request"}
    with session, session.post(f"{url}/git-upload-pack", wanted, headers=headers, stream=True, timeout=30) as slow:
        assert slow.raw.read(8) == packet(b"NAK\n")
        for _ in range(3):
            assert session.get(f"{url}/info/refs?service=git-upload-pack", timeout=5).ok
        assert len(slow.raw.read()) > 12 * 1024 * 1024
