import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.adapters.git.checkout import GitCheckout
from bot.adapters.git.checkouts import GitCheckouts
from bot.errors import CheckoutError
from tests.bot.adapters.git.server import FETCH, FILES, PUSH, GitServer, Serve, Upstream, cached, git
from tests.bot.adapters.http_server import Asked, Reply


def test_exactly_the_given_files_are_replaced(checkout: GitCheckout, head: str, upstream: Upstream) -> None:
    files = {"requirements.txt": b"requests==2.0\n", "app/new.json": b"{}"}
    made = checkout.commit(files, "Fix requests\n\nBecause.")

    assert made.parents == (head,)
    assert made.ours
    assert checkout.changed_files(made) == ("app/new.json", "requirements.txt")
    checkout.push(made, "bot/fix", None)
    assert upstream.tip("bot/fix") == made.sha
    said = git(upstream.bare, "log", "-1", "--format=%B", made.sha).splitlines()[-1]
    assert re.fullmatch("Remediation-Files: [0-9a-f]{32}", said)
    assert git(upstream.bare, "log", "-1", "--format=%an <%ae> %cn %T|%B", made.sha) == (
        f"Bot <bot@corp.example> Bot {made.tree}|Fix requests\n\nBecause.\n{said}"
    )
    assert git(upstream.bare, "fsck", "--strict") == ""


def test_the_mode_of_a_file_stays(checkouts: GitCheckouts, upstream: Upstream) -> None:
    oid = git(upstream.bare, "hash-object", "-w", "--stdin", stdin=b"#!/bin/sh\n")
    tree = git(upstream.bare, "mktree", stdin=f"100755 blob {oid}\trun.sh\n".encode())
    head = git(upstream.bare, "commit-tree", tree, "-m", "x")
    git(upstream.bare, "update-ref", "refs/heads/main", head)
    with checkouts.open(upstream.project(head)) as checkout:
        made = checkout.commit({"run.sh": b"#!/bin/bash\n"}, "Change")
        checkout.push(made, "bot/x", None)
    assert git(upstream.bare, "ls-tree", "bot/x").startswith("100755")


def test_the_same_change_makes_the_same_tree(checkout: GitCheckout) -> None:
    one, two = (checkout.commit({"requirements.txt": b"requests==2.0\n"}, "Bump") for _ in range(2))
    assert (one.tree, one.parents) == (two.tree, two.parents)


@pytest.mark.parametrize("path", ["link.txt", "requirements.txt/x", "../x", ".git/hooks/post-commit", "/etc/x"])
def test_a_path_that_is_not_a_plain_file_is_refused(checkout: GitCheckout, path: str, tmp_path: Path) -> None:
    with pytest.raises(CheckoutError, match="group/app"):
        checkout.commit({path: b"x"}, "Bump")
    assert list(cached(tmp_path).glob("*fast_import*")) == []


def test_a_branch_that_does_not_exist_is_none(checkout: GitCheckout, upstream: Upstream) -> None:
    upstream.commit({"x": b"1"}, branch="other/refs/heads/bot/fix")
    assert checkout.branch("bot/fix") is None


def test_our_own_tip_is_known_without_a_fetch(checkout: GitCheckout, server: GitServer) -> None:
    made = checkout.commit({"requirements.txt": b"2"}, "Bump")
    assert checkout.branch("bot/fix") is None
    checkout.push(made, "bot/fix", None)
    assert checkout.branch("bot/fix") == made
    assert server.calls() == [*FETCH, *PUSH], "the branches are listed once"


@pytest.mark.parametrize(
    ("author", "committer", "ours"),
    [
        ("Bot <bot@corp.example>", "Bot <BOT@corp.example>", True),
        ("Ann <ann@corp.example>", "Ann <ann@corp.example>", False),
        ("Bot <bot@corp.example>", "Ann <ann@corp.example>", False),
        ("Bot <bot@corp.example.evil>", "Bot <bot@corp.example.evil>", False),
    ],
    ids=["the bot", "a person", "a person amending the bot", "a look-alike"],
)
def test_whose_commit_a_tip_is(
    checkout: GitCheckout, upstream: Upstream, head: str, author: str, committer: str, ours: bool
) -> None:
    sha = upstream.commit({**FILES, "fix": b"1"}, branch="bot/fix", by=committer, parent=head)
    if author != committer:
        raw = git(upstream.bare, "cat-file", "commit", sha)
        changed = raw.replace(f"author {committer}", f"author {author}") + "\n"
        sha = git(upstream.bare, "hash-object", "-t", "commit", "-w", "--stdin", stdin=changed.encode())
        git(upstream.bare, "update-ref", "refs/heads/bot/fix", sha)

    tip = checkout.branch("bot/fix")

    assert tip is not None
    assert (tip.sha, tip.parents, tip.ours) == (sha, (head,), ours)
    assert tip.tree == git(upstream.bare, "rev-parse", f"{sha}^{{tree}}")
    assert checkout.changed_files(tip) == ("fix",)


REBASED = [
    pytest.param({"requirements.txt": b"2"}, {"README.md": b"moved on"}, True, id="a rebase"),
    pytest.param({"requirements.txt": b"2"}, {}, True, id="a rebase onto what it was on"),
    pytest.param({"requirements.txt": b"3"}, {}, False, id="an amended file"),
    pytest.param({"requirements.txt": b"2", "more": b"1"}, {}, False, id="one more file"),
    pytest.param({}, {}, False, id="no change left"),
]


@pytest.mark.parametrize(("change", "meanwhile", "ours"), REBASED)
def test_a_commit_of_ours_that_someone_had_rebased_is_still_ours(
    checkouts: GitCheckouts,
    upstream: Upstream,
    head: str,
    change: dict[str, bytes],
    meanwhile: dict[str, bytes],
    ours: bool,
) -> None:
    with checkouts.open(upstream.project(head)) as checkout:
        made = checkout.commit({"requirements.txt": b"2"}, "Bump")
        checkout.push(made, "bot/fix", None)
    base = upstream.commit({**FILES, **meanwhile}, branch="main", parent=head)
    sha = rebased(upstream, made.sha, base, {**FILES, **meanwhile, **change})
    newest = upstream.commit({**FILES, "README.md": b"and on"}, branch="main", parent=base)

    with checkouts.open(upstream.project(newest)) as later:
        tip = later.branch("bot/fix")
    assert tip is not None
    assert (tip.sha, tip.ours) == (sha, ours)


@pytest.mark.parametrize("committed", [10**9, 4 * 10**9], ids=["older than the default branch", "newer than it"])
def test_a_commit_of_ours_on_one_of_theirs_is_left_alone(
    checkouts: GitCheckouts, upstream: Upstream, head: str, committed: int
) -> None:
    with checkouts.open(upstream.project(head)) as checkout:
        made = checkout.commit({"requirements.txt": b"2"}, "Bump")
        checkout.push(made, "bot/fix", None)
    theirs = upstream.commit({**FILES, "work": b"hours of it"}, branch="bot/fix", parent=head)
    raw = git(upstream.bare, "cat-file", "commit", theirs)
    theirs = written(upstream, re.sub(r"(?m)^(committer .*> )\d+", rf"\g<1>{committed}", raw))
    rebased(upstream, made.sha, theirs, {**FILES, "work": b"hours of it", "requirements.txt": b"2"})
    upstream.commit({**FILES, "README.md": b"on"}, branch="main", parent=head)

    with checkouts.open(upstream.project(upstream.tip("main"))) as later:
        tip = later.branch("bot/fix")
    assert tip is not None
    assert not tip.ours


def rebased(upstream: Upstream, made: str, base: str, files: Mapping[str, bytes | str]) -> str:
    """What GitLab makes of a commit of ours on `bot/fix` when someone has it rebased: they become the committer."""
    message = git(upstream.bare, "log", "-1", "--format=%B", made)
    theirs = upstream.commit(files, branch="bot/fix", by="Ann <ann@x>", parent=base)
    raw = git(upstream.bare, "cat-file", "commit", theirs).partition("\n\n")[0]
    raw = raw.replace("author Ann <ann@x>", "author Bot <bot@corp.example>") + f"\n\n{message}"
    sha = written(upstream, raw)
    git(upstream.bare, "update-ref", "refs/heads/bot/fix", sha)
    return sha


def written(upstream: Upstream, commit: str) -> str:
    """A commit in its raw form, as it is then known by."""
    return git(upstream.bare, "hash-object", "-t", "commit", "-w", "--stdin", stdin=f"{commit}\n".encode())


def test_a_tip_is_read_with_what_it_moved_and_removed(checkout: GitCheckout, upstream: Upstream, head: str) -> None:
    kept = {path: content for path, content in FILES.items() if path != "requirements.txt"}
    upstream.commit({**kept, "moved/requirements.txt": FILES["requirements.txt"]}, branch="bot/fix", parent=head)
    tip = checkout.branch("bot/fix")
    assert tip is not None
    assert checkout.changed_files(tip) == ("moved/requirements.txt", "requirements.txt")
    read = checkout.reader(tip.sha)
    assert (read("requirements.txt"), read("moved/requirements.txt")) == (None, FILES["requirements.txt"])
    assert read("app/package.json") == FILES["app/package.json"]


def test_a_branch_is_moved_from_where_it_was_seen(
    checkouts: GitCheckouts, checkout: GitCheckout, upstream: Upstream
) -> None:
    first = checkout.commit({"requirements.txt": b"2"}, "Bump")
    second = checkout.commit({"requirements.txt": b"3"}, "Bump")
    checkout.push(first, "bot/fix", None)
    checkout.push(second, "bot/fix", first.sha)
    assert upstream.tip("bot/fix") == second.sha
    assert checkouts.pushes == 2


@pytest.mark.parametrize("expected", [None, "seen"], ids=["should not exist", "was elsewhere"])
def test_a_branch_that_moved_is_left_alone(
    checkout: GitCheckout, upstream: Upstream, head: str, expected: str | None
) -> None:
    theirs = upstream.commit({"x": b"theirs"}, branch="bot/fix", parent=head)
    made = checkout.commit({"requirements.txt": b"2"}, "Bump")
    with pytest.raises(CheckoutError, match=r"push failed .*: the branch moved since it was read"):
        checkout.push(made, "bot/fix", head if expected else None)
    assert upstream.tip("bot/fix") == theirs


def test_a_push_after_the_default_branch_moved_sends_only_what_is_new(
    checkout: GitCheckout, upstream: Upstream, head: str, server: GitServer
) -> None:
    upstream.commit({"all": b"different"}, parent=head)
    made = checkout.commit({"requirements.txt": b"2"}, "Bump")
    checkout.push(made, "bot/fix", None)
    assert server.calls() == [*FETCH, PUSH[0], *FETCH, PUSH[1]], "it negotiates, and fetches no blob to send it back"


def test_a_refused_push_says_what_gitlab_says(checkout: GitCheckout, upstream: Upstream) -> None:
    hook = upstream.bare / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'GitLab: You are not allowed to push code to protected branches' >&2\nexit 1\n")
    hook.chmod(0o755)
    made = checkout.commit({"requirements.txt": b"2"}, "Bump")
    with pytest.raises(
        CheckoutError, match=r"You are not allowed to push .*: GitLab refused the push: the token needs"
    ):
        checkout.push(made, "bot/fix", None)


@pytest.mark.parametrize("failure", [Reply(cut=True), Reply(502)], ids=["cut off", "gateway timed out"])
@pytest.mark.parametrize("effect", [True, False], ids=["after its effect", "before its effect"])
def test_a_push_with_an_unknown_outcome_arrives_once(
    checkout: GitCheckout, upstream: Upstream, server: GitServer, failure: Reply, effect: bool
) -> None:
    made = checkout.commit({"requirements.txt": b"2"}, "Bump")

    def fail(asked: Asked, serve: Serve) -> Reply:
        if effect:
            serve(asked)
        return failure

    server.once("/git-receive-pack", fail)
    checkout.push(made, "bot/fix", None)
    assert upstream.tip("bot/fix") == made.sha
