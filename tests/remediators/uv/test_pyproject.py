from collections.abc import Callable, Mapping

import pytest

from remediators.api import Parsed, Reader, Remediator, Unit
from remediators.errors import ManifestError
from remediators.uv.remediator import Uv
from state.model import Dependency, Scope
from tests.remediators.uv.every_table import MANIFEST

REMEDIATOR: Remediator = Uv()
ReaderOf = Callable[[Mapping[str, bytes]], Reader]


def parsed(reader_of: ReaderOf, files: Mapping[str, str], manifest: str = "pyproject.toml") -> Parsed:
    read = reader_of({path: text.encode() for path, text in files.items()})
    (unit,) = (unit for unit in REMEDIATOR.units(tuple(files)) if unit.manifest == manifest)
    return REMEDIATOR.parse(REMEDIATOR.expand(unit, read), read)


@pytest.mark.parametrize(
    ("paths", "units"),
    [
        pytest.param(("pyproject.toml",), [Unit("uv", "pyproject.toml", None, ("pyproject.toml",))], id="alone"),
        pytest.param(
            ("a/pyproject.toml", "a/uv.lock", "uv.lock"),
            [Unit("uv", "a/pyproject.toml", "a/uv.lock", ("a/pyproject.toml", "a/uv.lock"))],
            id="with a lockfile",
        ),
        pytest.param(
            ("pyproject.toml", "uv.lock", "uv.toml", "poetry.lock"),
            [Unit("uv", "pyproject.toml", "uv.lock", ("pyproject.toml", "uv.lock", "uv.toml"))],
            id="with settings of uv",
        ),
        pytest.param(
            ("pyproject.toml", "poetry.lock"),
            [],
            id="with another tool's lockfile",
        ),
        pytest.param((".venv/x/pyproject.toml", "node_modules/x/pyproject.toml"), [], id="vendored"),
        pytest.param(("uv.lock", "my-pyproject.toml"), [], id="other files"),
    ],
)
def test_a_pyproject_is_a_unit_with_what_its_lock_needs(paths: tuple[str, ...], units: list[Unit]) -> None:
    assert list(REMEDIATOR.units(paths)) == units


def test_a_manifest_without_a_lock_names_its_dependencies(reader_of: ReaderOf) -> None:
    result = parsed(reader_of, {"pyproject.toml": MANIFEST})
    assert result.problems == ()
    assert result.dependencies[0] == Dependency(
        ecosystem="PyPI",
        package="requests",
        requirement=">= 2, <3",
        version=None,
        manifest="pyproject.toml",
        lockfile=None,
        scope=Scope.RUNTIME,
        direct=True,
        line=6,
        platform=">=3.9",
    )
    assert [(d.package, d.requirement, d.version, d.scope, d.line) for d in result.dependencies[1:]] == [
        ("zope-interface", "", None, Scope.RUNTIME, 7),
        ("uvloop", "==0.19.0", "0.19.0", Scope.OPTIONAL, 11),
        ("pytest", ">=7", None, Scope.DEV, 15),
        ("ruff", "", None, Scope.DEV, 16),
        ("mypy", "", None, Scope.DEV, 19),
    ]


INDEXES = """\
[project]
name = "demo"
dependencies = ["private", "public", "flask"]
[[tool.uv.index]]
name = "own"
url = "https://user:secret@registry.example/own"
[[tool.uv.index]]
url = "https://registry.example/all"
default = true
[tool.uv.sources]
private = { index = "own" }
flask = [{ git = "https://registry.example/flask.git" }]
"""


def test_the_index_is_the_one_that_the_project_names(reader_of: ReaderOf) -> None:
    result = parsed(reader_of, {"pyproject.toml": INDEXES})
    assert {d.package: d.index for d in result.dependencies} == {
        "private": "https://registry.example/own",
        "public": "https://registry.example/all",
    }
    assert [(failure.fault, "takes flask from Git" in failure.reason) for failure in result.problems] == [(False, True)]


@pytest.mark.parametrize(
    ("text", "line", "fault", "reason"),
    [
        pytest.param('[project]\ndependencies = ["a=1"]', 2, True, "not a valid requirement", id="broken"),
        pytest.param(
            '[dependency-groups]\nd = [\n"a @ https://u:p@registry.example/a.whl"]',
            3,
            False,
            "URL requirement",
            id="URL",
        ),
    ],
)
def test_a_requirement_that_is_not_handled_is_said_with_its_line(
    reader_of: ReaderOf, text: str, line: int, fault: bool, reason: str
) -> None:
    (problem,) = parsed(reader_of, {"pyproject.toml": text}).problems
    assert problem.reason.startswith(f"line {line} of pyproject.toml: ")
    assert reason in problem.reason
    assert "u:p" not in problem.reason
    assert problem.fault is fault


@pytest.mark.parametrize(
    ("files", "reasons"),
    [
        pytest.param({"pyproject.toml": "[tool.ruff]\nline-length = 120\n"}, [], id="settings only"),
        pytest.param(
            {"pyproject.toml": "[tool.flit.metadata]\nrequires = ['x']\n"},
            ["requirements of Flit are not handled here"],
            id="Flit only",
        ),
        pytest.param(
            {"pyproject.toml": "[project]\ndynamic = ['version', 'dependencies']\n"},
            ["its dependencies are dynamic"],
            id="dynamic dependencies",
        ),
        pytest.param(
            {
                "pyproject.toml": "[project]\ndynamic = ['dependencies']\n"
                "[tool.setuptools.dynamic]\ndependencies = { file = 'requirements.txt' }\n"
            },
            [],
            id="dynamic dependencies in a requirements file",
        ),
    ],
)
def test_manifests_of_others_have_no_dependencies(
    reader_of: ReaderOf, files: dict[str, str], reasons: list[str]
) -> None:
    result = parsed(reader_of, files)
    assert result.dependencies == ()
    assert [failure.fault for failure in result.problems] == [False] * len(reasons)
    assert all(reason in failure.reason for reason, failure in zip(reasons, result.problems, strict=True))


def test_requirements_of_other_tools_beside_a_uv_lock_are_said(reader_of: ReaderOf) -> None:
    text = "[project]\nname = 'demo'\n[tool.poetry.group.dev.dependencies]\ny = '*'\n"
    result = parsed(reader_of, {"pyproject.toml": text, "uv.lock": "version = 1\n"})
    assert ["Poetry" in failure.reason for failure in result.problems] == [True]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        pytest.param({"pyproject.toml": "[project"}, "pyproject.toml is not valid TOML", id="broken manifest"),
        pytest.param(
            {"pyproject.toml": MANIFEST, "uv.lock": "version = 9"}, "lockfile version 9 is newer", id="new lock"
        ),
    ],
)
def test_a_unit_that_cannot_be_read_is_refused(reader_of: ReaderOf, files: dict[str, str], message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        parsed(reader_of, files)


def test_a_unit_whose_manifest_is_gone_is_refused(reader_of: ReaderOf) -> None:
    with pytest.raises(ManifestError, match=r"pyproject\.toml does not exist"):
        REMEDIATOR.parse(Unit("uv", "pyproject.toml", None, ("pyproject.toml",)), reader_of({}))
