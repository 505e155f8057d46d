import fcntl
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.adapters.git.checkout import GitCheckout
from bot.adapters.git.checkouts import GitCheckouts
from bot.adapters.git.command import Limits
from bot.errors import CheckoutError
from remediators.errors import ManifestError
from tests.bot.adapters.git.server import FETCH, FILES, GitServer, Upstream, cached, checkouts_in, git


def test_every_plain_file_is_listed_and_no_symlink(checkout: GitCheckout, upstream: Upstream) -> None:
    assert set(checkout.paths) == set(FILES) - {"link.txt"}
    assert checkout.left_out == {"link.txt": "link.txt: is a symlink, which is not followed: name the file itself"}
    assert checkout.paths["requirements.txt"] == git(upstream.bare, "rev-parse", "main:requirements.txt")


def test_submodules_are_left_out_and_refused(
    checkouts: GitCheckouts, upstream: Upstream, head: str, tmp_path: Path
) -> None:
    tree = git(upstream.bare, "mktree", stdin=f"160000 commit {head}\tvendored\n".encode())
    with_submodule = git(upstream.bare, "commit-tree", tree, "-m", "x")
    git(upstream.bare, "update-ref", "refs/heads/main", with_submodule)
    with checkouts.open(upstream.project(with_submodule)) as checkout:
        assert dict(checkout.paths) == {}
        with pytest.raises(ManifestError, match="vendored: is a submodule"):
            checkout.reader(with_submodule)("vendored")


@pytest.mark.parametrize("folder", ["..", ".", ".git", ".GIT"])
def test_a_path_that_leads_out_of_the_repository_is_left_out_and_refused(
    checkouts: GitCheckouts, upstream: Upstream, head: str, folder: str
) -> None:
    inner = bytes.fromhex(git(upstream.bare, "rev-parse", f"{head}^{{tree}}"))
    raw = f"40000 {folder}\0".encode() + inner
    tree = git(upstream.bare, "hash-object", "-t", "tree", "--literally", "-w", "--stdin", stdin=raw)
    commit = git(upstream.bare, "commit-tree", tree, "-m", "x")
    git(upstream.bare, "update-ref", "refs/heads/main", commit)
    path = f"{folder}/requirements.txt"
    with checkouts.open(upstream.project(commit)) as checkout:
        assert dict(checkout.paths) == {}
        assert checkout.left_out[path] == f"{path}: leads out of the repository, and is not read: remove it"
        with pytest.raises(ManifestError, match="leads out of the repository"):
            checkout.reader(commit)(path)


def test_the_first_look_is_one_fetch_without_blobs_or_history(
    checkouts: GitCheckouts, upstream: Upstream, head: str, server: GitServer, tmp_path: Path
) -> None:
    second = upstream.commit({**FILES, "more": b"1"}, parent=head)
    with checkouts.open(upstream.project(second)):
        pass
    assert server.calls() == FETCH
    objects = git(cached(tmp_path), "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)").split()
    assert sorted(objects) == ["commit", "tree", "tree"]


def test_an_unchanged_head_makes_no_request(
    checkouts: GitCheckouts, upstream: Upstream, head: str, server: GitServer
) -> None:
    with checkouts.open(upstream.project(head)) as first:
        listed = first.paths
    server.calls()
    with checkouts.open(upstream.project(head)) as second:
        assert second.paths == listed
    assert server.calls() == []


def test_a_new_head_is_fetched_in_one_go(
    checkouts: GitCheckouts, upstream: Upstream, head: str, server: GitServer
) -> None:
    with checkouts.open(upstream.project(head)):
        pass
    server.calls()
    moved = upstream.commit({"new.txt": b"1"}, parent=head)
    with checkouts.open(upstream.project(moved)) as checkout:
        assert set(checkout.paths) == {"new.txt"}
    assert server.calls() == FETCH


def test_nothing_is_ever_checked_out(checkout: GitCheckout, head: str, tmp_path: Path) -> None:
    checkout.reader(head)("requirements.txt")
    names = {path.name for path in cached(tmp_path).rglob("*")}
    assert not names & {"requirements.txt", "package.json", "index", ".git"}


def test_a_repository_with_sha256_is_one_like_any_other(checkouts: GitCheckouts, server: GitServer) -> None:
    upstream = server.upstream("group/new", 8, format="sha256")
    head = upstream.commit({"a": b"1"})
    with checkouts.open(upstream.project(head)) as checkout:
        assert checkout.reader(head)("a") == b"1"


def test_an_empty_repository_is_said_to_be_empty(checkouts: GitCheckouts, upstream: Upstream) -> None:
    with (
        pytest.raises(CheckoutError, match="group/app: the repository is empty"),
        checkouts.open(upstream.project(None)),
    ):
        pass


def test_a_head_that_is_no_object_id_does_not_reach_git(checkouts: GitCheckouts, upstream: Upstream) -> None:
    with (
        pytest.raises(CheckoutError, match="is not a commit id"),
        checkouts.open(upstream.project("--upload-pack=x")),
    ):
        pass


def test_two_bots_do_not_work_on_one_repository(
    checkouts: GitCheckouts, upstream: Upstream, head: str, tmp_path: Path
) -> None:
    with checkouts.open(upstream.project(head)):
        pass
    with cached(tmp_path).with_suffix(".lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(CheckoutError, match="another bot is at work"), checkouts.open(upstream.project(head)):
            pass


def test_projects_are_opened_side_by_side(checkouts: GitCheckouts, server: GitServer) -> None:
    upstreams = [server.upstream(f"group/p{number}", number) for number in range(4)]
    together = threading.Barrier(4)

    def read(upstream: Upstream) -> bytes | None:
        head = upstream.commit({"id": str(upstream.id).encode()})
        with checkouts.open(upstream.project(head)) as checkout:
            together.wait(30)
            return checkout.reader(head)("id")

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, upstreams)) == [b"0", b"1", b"2", b"3"]


def test_wanted_blobs_come_in_one_request(checkout: GitCheckout, head: str, server: GitServer) -> None:
    checkout.prefetch(["app/package.json", "app/package-lock.json", "requirements.txt", "nosuch"])
    assert server.calls() == FETCH
    read = checkout.reader(head)
    assert (read("app/package.json"), read("requirements.txt")) == (FILES["app/package.json"], b"requests==1.0\n")
    assert server.calls() == []


def test_blobs_that_are_here_are_not_asked_for_again(checkout: GitCheckout, server: GitServer) -> None:
    checkout.prefetch(["requirements.txt"])
    server.calls()
    checkout.prefetch(["requirements.txt"])
    checkout.prefetch([])
    assert server.calls() == []


def test_a_file_that_nobody_foresaw_is_fetched_when_it_is_read(
    checkout: GitCheckout, head: str, server: GitServer
) -> None:
    assert checkout.reader(head)("readme \xe4\n.md") == b"hello\n"
    assert server.calls() == FETCH


def test_what_does_not_exist_is_none(checkout: GitCheckout, head: str) -> None:
    assert checkout.reader(head)("app") is None
    assert checkout.reader(head)("../../etc/passwd") is None


def test_a_symlink_is_not_followed(checkout: GitCheckout, head: str) -> None:
    with pytest.raises(ManifestError, match=r"link\.txt: is a symlink, which is not followed"):
        checkout.reader(head)("link.txt")


def test_a_large_file_is_refused_with_its_size(tmp_path: Path, server: GitServer, upstream: Upstream) -> None:
    head = upstream.commit({"big": b"0" * 2000, "small": b"1"})
    with checkouts_in(tmp_path, server, limits=Limits(blob=1000)).open(upstream.project(head)) as checkout:
        read = checkout.reader(head)
        with pytest.raises(ManifestError, match="big: 2,000 bytes are over the limit of 1,000: make it smaller"):
            read("big")
        assert read("small") == b"1"


def test_a_commit_of_ours_is_read_where_it_is_made(checkout: GitCheckout, server: GitServer) -> None:
    made = checkout.commit({"requirements.txt": b"requests==2.0\n"}, "Bump")
    assert checkout.reader(made.sha)("requirements.txt") == b"requests==2.0\n"
    assert server.calls() == []
