from collections.abc import Callable, Mapping

import pytest

from remediators.api import Parsed, Reader, Remediator, Unit, Upgrade
from remediators.uv.remediator import Uv
from state.model import Scope

REMEDIATOR: Remediator = Uv()
ReaderOf = Callable[[Mapping[str, bytes]], Reader]


def unit_of(reader_of: ReaderOf, files: Mapping[str, str], manifest: str = "pyproject.toml") -> tuple[Unit, Reader]:
    read = reader_of({path: text.encode() for path, text in files.items()})
    (unit,) = (unit for unit in REMEDIATOR.units(tuple(files)) if unit.manifest == manifest)
    return REMEDIATOR.expand(unit, read), read


def parsed(reader_of: ReaderOf, files: Mapping[str, str], manifest: str = "pyproject.toml") -> Parsed:
    return REMEDIATOR.parse(*unit_of(reader_of, files, manifest))


MEMBER = "[project]\nname = 'a'\nrequires-python = '>=3.10'\ndependencies = ['x', 'b', 'six==1.15.0']\n"
LOCK = """\
version = 1
requires-python = ">=3.10"
[manifest]
members = ["a", "demo"]
[[package]]
name = "a"
version = "1"
source = { editable = "libs/a" }
dependencies = [{ name = "x" }, { name = "six", version = "1.15.0" }]
[[package]]
name = "beside"
version = "1"
source = { directory = "../beside" }
dependencies = [{ name = "idna" }]
[[package]]
name = "demo"
version = "1.0"
source = { virtual = "." }
dependencies = [{ name = "a" }, { name = "beside" }, { name = "foo" }]
[package.dev-dependencies]
dev = [{ name = "six", version = "1.16.0" }]
[[package]]
name = "foo"
version = "1.0"
source = { path = "../vendor/foo-1.0-py3-none-any.whl" }
[[package]]
name = "idna"
version = "3.6"
source = { registry = "https://registry.example/own/" }
[[package]]
name = "outside"
version = "1"
source = { directory = "../../outside" }
[[package]]
name = "six"
version = "1.15.0"
source = { registry = "https://registry.example/simple" }
[[package]]
name = "six"
version = "1.16.0"
source = { registry = "https://registry.example/simple" }
[[package]]
name = "x"
version = "2.0"
source = { registry = "https://registry.example/simple" }
"""
ROOT = """\
[project]
name = "demo"
dependencies = ["a", "beside", "foo"]
[dependency-groups]
dev = ["six>=1.16"]
[tool.uv]
constraint-dependencies = ["x<3"]
[[tool.uv.index]]
name = "own"
url = "https://registry.example/own"
[tool.uv.sources]
x = { index = "own" }
b = { workspace = true }
[tool.uv.workspace]
"""
FILES = {
    "app/pyproject.toml": f"{ROOT}members = ['libs/*']\n",
    "app/uv.lock": LOCK,
    "app/libs/a/pyproject.toml": MEMBER,
    "beside/pyproject.toml": "[project]\nname = 'beside'\ndependencies = ['idna>=3']\n",
    "vendor/foo-1.0-py3-none-any.whl": "",
}


@pytest.mark.parametrize(
    ("members", "member"),
    [
        pytest.param("members = ['libs/*']", True, id="glob"),
        pytest.param("members = ['libs/a']", True, id="name"),
        pytest.param("members = ['./libs/a/']", True, id="another spelling"),
        pytest.param("members = ['**']", True, id="any depth"),
        pytest.param("members = ['**/a']", True, id="any folder above"),
        pytest.param("members = ['libs']", False, id="folder above"),
        pytest.param("members = ['*']", False, id="one level only"),
        pytest.param("members = ['libs/*']\nexclude = ['libs/a']", False, id="excluded"),
        pytest.param("", False, id="none"),
    ],
)
def test_a_locked_member_is_read_with_its_workspace(reader_of: ReaderOf, members: str, member: bool) -> None:
    files = {**FILES, "app/pyproject.toml": ROOT + members}
    unit, read = unit_of(reader_of, files, "app/libs/a/pyproject.toml")
    assert unit.files == (() if member else ("app/libs/a/pyproject.toml",))
    result = REMEDIATOR.parse(unit, read)
    assert result.problems == ()
    assert [d.package for d in result.dependencies] == ([] if member else ["x", "b", "six"])


def test_a_member_that_the_lock_does_not_know_is_a_problem(reader_of: ReaderOf) -> None:
    files = {**FILES, "app/libs/new/pyproject.toml": MEMBER}
    result = parsed(reader_of, files, "app/libs/new/pyproject.toml")
    assert result.dependencies == ()
    assert [problem.reason for problem in result.problems] == [
        "app/libs/new/pyproject.toml is a member of the workspace of app/pyproject.toml and not in its uv.lock; "
        "run uv lock"
    ]


def test_a_member_of_a_workspace_without_a_lock_stands_for_itself(reader_of: ReaderOf) -> None:
    files = {path: text for path, text in FILES.items() if path != "app/uv.lock"}
    result = parsed(reader_of, files, "app/libs/a/pyproject.toml")
    assert [(d.package, d.version, d.index) for d in result.dependencies] == [
        ("x", None, "https://registry.example/own"),
        ("six", "1.15.0", None),
    ]
    assert [problem.reason for problem in result.problems] == [
        "line 4 of app/libs/a/pyproject.toml: tool.uv.sources takes b from Git, a URL or a folder, "
        "which has no released version; depend on a release of an index"
    ]


def test_a_workspace_has_the_files_that_its_lock_is_made_with(reader_of: ReaderOf) -> None:
    files = {**FILES, "beside/uv.lock": LOCK, "app/uv.toml": "", "app/libs/a/uv.lock": LOCK}
    unit, _ = unit_of(reader_of, files, "app/pyproject.toml")
    assert unit.files == (
        "app/pyproject.toml",
        "app/uv.lock",
        "app/uv.toml",
        "app/libs/a/pyproject.toml",
        "beside/pyproject.toml",
        "beside/uv.lock",
        "vendor/foo-1.0-py3-none-any.whl",
    )


def test_every_member_names_its_own(reader_of: ReaderOf) -> None:
    result = parsed(reader_of, FILES, "app/pyproject.toml")
    assert [(d.package, d.version, d.manifest, d.direct, d.scope, d.index) for d in result.dependencies] == [
        ("six", "1.16.0", "app/pyproject.toml", True, Scope.DEV, None),
        ("x", "2.0", "app/libs/a/pyproject.toml", True, Scope.RUNTIME, "https://registry.example/own"),
        ("six", "1.15.0", "app/libs/a/pyproject.toml", True, Scope.RUNTIME, None),
        ("idna", "3.6", "app/pyproject.toml", False, Scope.RUNTIME, "https://registry.example/own"),
    ]
    assert {d.lockfile for d in result.dependencies} == {"app/uv.lock"}
    assert {d.platform for d in result.dependencies} == {">=3.10"}, "the Pythons that all members run on"
    assert [problem.reason for problem in result.problems] == [
        "line 4 of app/libs/a/pyproject.toml: b is not in app/uv.lock; run uv lock if it should be "
        "(it is left out where its marker never applies)",
        "line 10 of app/uv.lock: beside comes from a folder, which has no released version",
        "line 22 of app/uv.lock: foo comes from a file, which has no released version",
        "line 30 of app/uv.lock: outside comes from a folder, which has no released version",
    ]


def edited(reader_of: ReaderOf, files: Mapping[str, str], *upgrades: Upgrade) -> Mapping[str, str]:
    unit, _ = unit_of(reader_of, files, "app/pyproject.toml")
    after = REMEDIATOR.edit(unit, {path: files[path].encode() for path in unit.files}, upgrades)
    return {path: raw.decode() for path, raw in after.items()}


def test_members_are_edited_together(reader_of: ReaderOf) -> None:
    upgrades = (Upgrade("six", "1.15.0", "1.17.0", direct=True), Upgrade("six", "1.16.0", "1.17.0", direct=True))
    path = "app/libs/a/pyproject.toml"
    assert edited(reader_of, FILES, *upgrades) == {path: MEMBER.replace("1.15.0", "1.17.0")}


def test_only_the_root_limits_versions(reader_of: ReaderOf) -> None:
    files = {**FILES, "app/libs/a/pyproject.toml": f"{MEMBER}[tool.uv]\nconstraint-dependencies = ['x<3']\n"}
    after = edited(reader_of, files, Upgrade("x", "2.0", "3.1", direct=True))
    assert after == {"app/pyproject.toml": files["app/pyproject.toml"].replace("x<3", "x<4,>=3.1")}


@pytest.mark.parametrize(
    ("more", "asked", "after"),
    [
        pytest.param({}, "idna>=3", "idna>=3.7", id="as its own unit without a lock"),
        pytest.param({"beside/uv.lock": LOCK}, "idna>=3", "idna>=3", id="as its own unit with one"),
        pytest.param({"beside/uv.lock": LOCK}, "idna<3.7", "idna<3.8,>=3.7", id="where it refuses"),
    ],
)
def test_a_project_beside_the_workspace_is_edited_as_its_own_unit_would(
    reader_of: ReaderOf, more: dict[str, str], asked: str, after: str
) -> None:
    path = "beside/pyproject.toml"
    files = {**FILES, **more, path: FILES[path].replace("idna>=3", asked)}
    result = edited(reader_of, files, Upgrade("idna", "3.6", "3.7", direct=False))
    assert {**files, **result}[path] == FILES[path].replace("idna>=3", after)
