import json
from collections.abc import Callable, Mapping

import pytest

from remediators.api import Reader, Unit
from remediators.errors import ManifestError
from remediators.npm.remediator import Npm

ReaderOf = Callable[[Mapping[str, bytes]], Reader]

NPM = Npm()


def unit(manifest: str, lockfile: str | None = None, *more: str) -> Unit:
    return Unit("npm", manifest, lockfile, (manifest, *((lockfile,) if lockfile else ()), *more))


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param(["README.md", "src/index.js", "package-lock.json"], [], id="no manifest"),
        pytest.param(
            ["package.json", "package-lock.json"], [unit("package.json", "package-lock.json")], id="with a lockfile"
        ),
        pytest.param(
            ["npm-shrinkwrap.json", "package-lock.json", "package.json"],
            [unit("package.json", "npm-shrinkwrap.json")],
            id="a shrinkwrap goes first, as in npm",
        ),
        pytest.param(["web/package.json"], [unit("web/package.json")], id="without a lockfile"),
        pytest.param(
            ["web/.npmrc", "web/package.json", "web/package-lock.json"],
            [unit("web/package.json", "web/package-lock.json", "web/.npmrc")],
            id="with a configuration",
        ),
        pytest.param(
            ["node_modules/a/package.json", "web/bower_components/b/package.json", "c/package.json"],
            [unit("c/package.json")],
            id="installed packages are nobody's",
        ),
        pytest.param(
            ["package.json", "bun.lock", "packages/a/package.json"], [unit("bun.lock")], id="Bun, and all below it"
        ),
        pytest.param(
            ["a/package.json", "a/pnpm-lock.yaml", "b/package.json", "b/bun.lockb", "c/package.json"],
            [unit("b/bun.lockb"), unit("c/package.json")],
            id="pnpm's is not npm's",
        ),
        pytest.param(
            ["package.json", "pnpm-lock.yaml", "packages/a/package.json"],
            [unit("packages/a/package.json")],
            id="below pnpm, its lockfile has to be read",
        ),
        pytest.param(
            ["package.json", "bun.lock", "tools/package.json", "tools/package-lock.json", "tools/x/package.json"],
            [unit("bun.lock"), unit("tools/package.json", "tools/package-lock.json"), unit("tools/x/package.json")],
            id="npm below Bun",
        ),
        pytest.param(
            ["package.json", "yarn.lock", "packages/a/package.json"],
            [unit("packages/a/package.json")],
            id="below Yarn, which says when it is read whose it is",
        ),
        pytest.param(
            ["package.json", "package-lock.json", "bun.lock", "yarn.lock"],
            [unit("package.json", "package-lock.json"), unit("bun.lock")],
            id="two managers at once",
        ),
        pytest.param(["yarn.lock"], [], id="another manager's lockfile alone"),
    ],
)
def test_units_among_the_paths_of_a_repository(paths: list[str], expected: list[Unit]) -> None:
    assert list(NPM.units(sorted(paths))) == expected


def lockfile(*folders: str) -> bytes:
    return json.dumps({"lockfileVersion": 3, "packages": {folder: {} for folder in ("", *folders)}}).encode()


def test_a_workspace_is_part_of_its_root(reader_of: ReaderOf) -> None:
    read = reader_of(
        {
            "web/package.json": b"{}",
            "web/package-lock.json": lockfile("packages/a", "packages/gone"),
            "web/packages/a/package.json": b"{}",
        }
    )
    root = unit("web/package.json", "web/package-lock.json")
    assert NPM.expand(root, read).files == (*root.files, "web/packages/a/package.json")


def test_a_linked_folder_beside_the_project_is_part_of_it(reader_of: ReaderOf) -> None:
    read = reader_of(
        {
            "apps/web/package.json": b"{}",
            "apps/web/package-lock.json": lockfile("../../libs/x"),
            "libs/x/package.json": b"{}",
        }
    )
    root = unit("apps/web/package.json", "apps/web/package-lock.json")
    assert NPM.expand(root, read).files == (*root.files, "libs/x/package.json")


@pytest.mark.parametrize("folder", ["../x", "packages/../../../x", "/etc"])
def test_a_link_that_leaves_the_repository_is_refused(reader_of: ReaderOf, folder: str) -> None:
    read = reader_of({"web/package.json": b"{}", "web/package-lock.json": lockfile(f"../{folder}", folder)})
    with pytest.raises(ManifestError, match=r"web/package-lock.json: '.*' is outside the repository: unlink it"):
        NPM.expand(unit("web/package.json", "web/package-lock.json"), read)


def test_a_workspace_is_not_read_twice(reader_of: ReaderOf) -> None:
    read = reader_of({"package-lock.json": lockfile("packages/a"), "packages/a/package.json": b'{"dependencies": 1}'})
    member = NPM.expand(unit("packages/a/package.json"), read)
    assert member.files == ()
    assert NPM.parse(member, read).dependencies == ()


@pytest.mark.parametrize(
    ("lock", "beside", "files"),
    [
        pytest.param("importers:\n\n  .: {}\n\n  packages/a:\n    dependencies:\n", {}, (), id="listed"),
        pytest.param("importers:\n  'packages/a':\r\n", {}, (), id="listed in quotes"),
        pytest.param("importers:\n  packages/b: {}\npackages:\n  packages/a:\n", {}, None, id="not listed"),
        pytest.param("importers:\n  packages/a: {}\n", {"package-lock.json": b"{}"}, None, id="npm decides"),
    ],
)
def test_what_a_lockfile_of_pnpm_above_lists_is_pnpms(
    reader_of: ReaderOf, lock: str, beside: Mapping[str, bytes], files: tuple[str, ...] | None
) -> None:
    member = unit("packages/a/package.json")
    read = reader_of({"pnpm-lock.yaml": lock.encode(), "packages/a/package.json": b"{}", **beside})
    assert NPM.expand(member, read).files == (member.files if files is None else files)


def test_a_folder_that_no_lockfile_lists_is_a_project_of_its_own(reader_of: ReaderOf) -> None:
    read = reader_of({"package-lock.json": lockfile("packages/a"), "packages/ab/package.json": b"{}"})
    alone = unit("packages/ab/package.json")
    assert NPM.expand(alone, read) == alone


def test_an_unreadable_lockfile_is_an_error(reader_of: ReaderOf) -> None:
    with pytest.raises(ManifestError, match=r"package-lock.json:1:1: this is not JSON"):
        NPM.expand(unit("package.json", "package-lock.json"), reader_of({"package-lock.json": b"<<<<<<<"}))


@pytest.mark.parametrize(
    ("lock", "reason"),
    [
        ("bun.lock", "not handled yet: bun.lock is Bun's; no package.json in the repository or below it is audited"),
        ("web/bun.lock", "not handled yet: web/bun.lock is Bun's; no package.json in web or below it is audited"),
    ],
)
def test_another_manager_is_said_once_and_keeps_nothing_up(reader_of: ReaderOf, lock: str, reason: str) -> None:
    other = NPM.expand(unit(lock), reader_of({}))
    (problem,) = NPM.parse(other, reader_of({})).problems
    assert (problem.subject, problem.reason, problem.fault) == (lock, reason, False)
