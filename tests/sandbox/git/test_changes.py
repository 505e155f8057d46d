"""Actions on files become one tree, or are refused in GitLab's words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.sandbox.git import trees
from bot.sandbox.git.changes import Action, ActionError, tree_with
from bot.sandbox.git.repository import Repository

FILES = {"README.md": "hello\n", "lib/a.py": "a\n", "lib/b.py": "b\n"}


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        pytest.param([Action("create", "new/c.py", b"c")], {**FILES, "new/c.py": "c"}, id="create"),
        pytest.param([Action("create", "/x", b"c")], {**FILES, "x": "c"}, id="a leading slash is dropped"),
        pytest.param([Action("update", "README.md", b"bye")], {**FILES, "README.md": "bye"}, id="update"),
        pytest.param([Action("delete", "README.md")], {k: FILES[k] for k in ("lib/a.py", "lib/b.py")}, id="delete"),
        pytest.param(
            [Action("move", "a.py", previous_path="lib/a.py"), Action("delete", "lib/b.py")],
            {"README.md": "hello\n", "a.py": "a\n"},
            id="move keeps the content, empty directories go",
        ),
        pytest.param(
            [Action("move", "lib/c.py", b"c", "lib/a.py")],
            {"README.md": "hello\n", "lib/b.py": "b\n", "lib/c.py": "c"},
            id="move with new content",
        ),
        pytest.param([], FILES, id="nothing"),
    ],
)
def test_applied(
    repository: Repository, commit: Callable[..., str], actions: list[Action], expected: dict[str, str]
) -> None:
    base = commit(FILES)
    assert _contents(repository, tree_with(repository, base, actions)) == expected


def test_modes(repository: Repository, commit: Callable[..., str]) -> None:
    base = commit({"run.sh": "", "keep.sh": ""})
    actions = [
        Action("chmod", "run.sh", executable=True),
        Action("create", "x.sh", b"", executable=True),
        Action("update", "keep.sh", b"1"),
    ]
    found = trees.listing(repository, tree_with(repository, base, actions))
    assert found is not None
    assert {e.path: e.mode for e in found} == {"run.sh": "100755", "x.sh": "100755", "keep.sh": "100644"}


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (Action("create", "README.md"), "A file with this name already exists"),
        (Action("create", "lib"), "A directory with this name already exists"),
        (Action("create", "README.md/x"), "A directory with this name already exists"),
        (Action("update", "nope"), "A file with this name doesn't exist"),
        (Action("delete", "lib"), "A file with this name doesn't exist"),
        (Action("chmod", "nope"), "A file with this name doesn't exist"),
        (Action("move", "x", previous_path="nope"), "A file with this name doesn't exist"),
        (Action("move", "README.md", previous_path="lib/a.py"), "A file with this name already exists"),
        (Action("create", ""), "You must provide a file path"),
        (Action("create", "a/../../x"), "Path cannot include directory traversal"),
        (Action("create", ".git/config"), "invalid path: '.git/config'"),
        (Action("create", "a/.GIT/x"), "invalid path: 'a/.GIT/x'"),
    ],
    ids=lambda value: f"{value.kind} {value.path}" if isinstance(value, Action) else "",
)
def test_refused(repository: Repository, commit: Callable[..., str], action: Action, message: str) -> None:
    base = commit(FILES)
    with pytest.raises(ActionError) as refused:
        tree_with(repository, base, [action])
    assert str(refused.value) == message


def _contents(repository: Repository, tree: str) -> dict[str, str]:
    found = trees.listing(repository, tree, recursive=True) or []
    blobs = repository.objects(e.sha for e in found)
    return {e.path: blobs[e.sha][1].decode() for e in found if e.type == "blob"}
