from collections.abc import Callable, Mapping

import pytest

from remediators.api import Parsed, Reader, Remediator
from remediators.uv.remediator import Uv
from state.model import Failure, Scope
from tests.remediators.uv.every_table import MANIFEST

REMEDIATOR: Remediator = Uv()
ReaderOf = Callable[[Mapping[str, bytes]], Reader]

LOCK = """\
version = 1
requires-python = ">=3.9"

[[package]]
name = "demo"
version = "1.0"
source = { virtual = "." }
dependencies = [{ name = "requests", extra = ["socks"] }, { name = "zope-interface" }]

[package.optional-dependencies]
fast = [{ name = "uvloop" }]

[package.dev-dependencies]
dev = [
    { name = "mypy" },
    { name = "pytest", version = "7.0", marker = "python_full_version < '3.10'" },
    { name = "pytest", version = "8.0", marker = "python_full_version >= '3.10'" },
    { name = "ruff" },
]

[[package]]
name = "mypy"
version = "1.0"
source = { git = "https://registry.example/mypy.git#abc" }

[[package]]
name = "pytest"
version = "7.0"
source = { registry = "https://registry.example/simple" }

[[package]]
name = "pytest"
version = "8.0"
source = { registry = "https://registry.example/simple" }

[[package]]
name = "requests"
version = "2.31.0"
source = { registry = "https://registry.example/simple" }
dependencies = [{ name = "urllib3" }, { name = "ruff" }]

[[package]]
name = "ruff"
version = "0.1"
source = { registry = "https://registry.example/simple" }

[[package]]
name = "urllib3"
version = "2.0.0"
source = { registry = "https://registry.example/simple" }

[[package]]
name = "uvloop"
version = "0.19.0"
source = { registry = "https://registry.example/simple" }
"""


def parsed(reader_of: ReaderOf, files: Mapping[str, str], manifest: str = "pyproject.toml") -> Parsed:
    read = reader_of({path: text.encode() for path, text in files.items()})
    (unit,) = (unit for unit in REMEDIATOR.units(tuple(files)) if unit.manifest == manifest)
    return REMEDIATOR.parse(REMEDIATOR.expand(unit, read), read)


def test_a_lock_tells_the_versions_and_the_rest(reader_of: ReaderOf) -> None:
    result = parsed(reader_of, {"pyproject.toml": MANIFEST, "uv.lock": LOCK})
    assert {d.lockfile for d in result.dependencies} == {"uv.lock"}
    assert {d.platform for d in result.dependencies} == {">=3.9"}
    assert [(d.package, d.requirement, d.version, d.scope, d.direct, d.line) for d in result.dependencies] == [
        ("requests", ">= 2, <3", "2.31.0", Scope.RUNTIME, True, 6),
        ("uvloop", "==0.19.0", "0.19.0", Scope.OPTIONAL, True, 11),
        ("pytest", ">=7", "7.0", Scope.DEV, True, 15),
        ("pytest", ">=7", "8.0", Scope.DEV, True, 15),
        ("ruff", "", "0.1", Scope.RUNTIME, True, 16),
        ("urllib3", "", "2.0.0", Scope.RUNTIME, False, 47),
    ]
    assert LOCK.splitlines()[46:48] == ["[[package]]", 'name = "urllib3"']


def test_what_a_lock_took_from_elsewhere_is_said(reader_of: ReaderOf) -> None:
    result = parsed(reader_of, {"pyproject.toml": MANIFEST, "uv.lock": LOCK})
    assert result.problems == (
        Failure(
            "pyproject.toml",
            "line 7 of pyproject.toml: zope-interface is not in uv.lock; "
            "run uv lock if it should be (it is left out where its marker never applies)",
            fault=False,
        ),
        Failure(
            "uv.lock",
            "line 21 of uv.lock: mypy comes from a Git repository, which has no released version",
            fault=False,
        ),
    )


@pytest.mark.parametrize(
    ("forks", "expected"),
    [
        pytest.param(
            ["pytest<8 ; python_version < '3.10'", "pytest>=8 ; python_version >= '3.10'"],
            [("<8", "7.0"), (">=8", "8.0")],
            id="each fork its own version",
        ),
        pytest.param(["pytest==6.0"], [("==6.0", "7.0"), ("==6.0", "8.0")], id="an override holds another version"),
    ],
)
def test_a_requirement_is_joined_with_the_versions_it_admits(
    reader_of: ReaderOf, forks: list[str], expected: list[tuple[str, str]]
) -> None:
    manifest = f"[dependency-groups]\ndev = {forks}\n"
    result = parsed(reader_of, {"pyproject.toml": manifest, "uv.lock": LOCK})
    assert [(d.requirement, d.version) for d in result.dependencies if d.package == "pytest"] == expected


def test_the_registry_in_a_lock_is_not_taken_over(reader_of: ReaderOf) -> None:
    result = parsed(reader_of, {"pyproject.toml": MANIFEST, "uv.lock": LOCK})
    assert {d.index for d in result.dependencies} == {None}
