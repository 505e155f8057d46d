from collections.abc import Callable, Mapping

import pytest

from remediators.api import Parsed, Reader, Remediator, Unit
from remediators.errors import ManifestError
from remediators.requirements.remediator import Requirements
from state.model import Dependency, Failure, Scope

REMEDIATOR: Remediator = Requirements()
ReaderOf = Callable[[Mapping[str, bytes]], Reader]


def unit(*files: str) -> Unit:
    return Unit("requirements", files[0], None, files)


def parsed(reader_of: ReaderOf, files: Mapping[str, bytes], path: str = "requirements.txt") -> Parsed:
    read = reader_of(files)
    return REMEDIATOR.parse(REMEDIATOR.expand(unit(path), read), read)


@pytest.mark.parametrize(
    "path",
    [
        "requirements.txt",
        "requirements-dev.txt",
        "requirements/base.txt",
        "services/api/requirements.txt",
        "constraints.txt",
        "constraints-3.11.txt",
        "dev-requirements.txt",
        "test_requirements.txt",
    ],
)
def test_a_file_with_the_name_of_one_is_a_unit(path: str) -> None:
    assert REMEDIATOR.units((path,)) == (Unit("requirements", path, None, (path,)),)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("docs/notes.txt", id="another text"),
        pytest.param("requirements/README.md", id="another file beside them"),
        pytest.param(".venv/lib/requirements.txt", id="hidden folder"),
        pytest.param("web/node_modules/x/requirements.txt", id="installed packages"),
        pytest.param("vendor/x/requirements.txt", id="vendored code"),
        pytest.param("env/site-packages/x/requirements.txt", id="virtual environment"),
    ],
)
def test_other_files_are_no_units(path: str) -> None:
    assert REMEDIATOR.units((path,)) == ()


@pytest.mark.parametrize(
    ("paths", "manifests"),
    [
        pytest.param(("requirements.in", "requirements.txt"), ["requirements.txt"], id="compiled beside it"),
        pytest.param(("requirements.in", "a/requirements.txt"), ["a/requirements.txt", "requirements.in"], id="alone"),
    ],
)
def test_what_is_compiled_is_no_unit_of_its_own(paths: tuple[str, ...], manifests: list[str]) -> None:
    assert [unit.manifest for unit in REMEDIATOR.units(paths)] == manifests


def test_units_come_in_a_stable_order() -> None:
    found = REMEDIATOR.units(("requirements.txt", "constraints.txt", "a/requirements.txt"))
    assert [unit.manifest for unit in found] == ["a/requirements.txt", "constraints.txt", "requirements.txt"]


def test_a_unit_holds_every_file_that_it_includes(reader_of: ReaderOf) -> None:
    read = reader_of(
        {
            "app/requirements.txt": b"-r ../shared/base.pip\n-r requirements-dev.txt\n-c missing.pip\n",
            "app/requirements-dev.txt": b"-r own.pip\n",
            "shared/base.pip": b"-r more/deep.pip\n",
            "shared/more/deep.pip": b"-r ../base.pip\n",
            "app/own.pip": b"pytest\n",
        }
    )
    expanded = REMEDIATOR.expand(unit("app/requirements.txt"), read)
    assert expanded.files == (
        "app/requirements.txt",
        "shared/base.pip",
        "app/requirements-dev.txt",
        "shared/more/deep.pip",
        "app/own.pip",
    )


def test_lines_count_for_their_own_unit_only(reader_of: ReaderOf) -> None:
    files = {
        "requirements.txt": b"-r base.pip\n-r requirements-dev.txt\nflask==2.0.1\n",
        "requirements-dev.txt": b"-r own.pip\nblack==22.1\n",
        "base.pip": b"six==1.16.0\n",
        "own.pip": b"pytest==7.0\n",
    }
    read = reader_of(files)
    found = REMEDIATOR.parse(REMEDIATOR.expand(unit("requirements.txt"), read), read)
    assert [dependency.package for dependency in found.dependencies] == ["flask", "six"]


@pytest.mark.parametrize("include", ["../outside.txt", "/etc/requirements.txt", "a/../../outside.txt", ".."])
def test_an_include_that_leaves_the_repository_is_refused(reader_of: ReaderOf, include: str) -> None:
    with pytest.raises(ManifestError, match=r"requirements\.txt line 2 includes .* outside the repository"):
        REMEDIATOR.expand(unit("requirements.txt"), reader_of({"requirements.txt": f"a\n-r {include}\n".encode()}))


def test_every_requirement_is_a_dependency(reader_of: ReaderOf) -> None:
    text = b"# ours\nDjango==4.2.1\n\nrequests[socks] >= 2 ; python_version > '3'\ncelery\nflask===2.0\nsix==1.*\n"
    dependencies = parsed(reader_of, {"requirements.txt": text}).dependencies
    assert dependencies[0] == Dependency(
        ecosystem="PyPI",
        package="django",
        requirement="==4.2.1",
        version="4.2.1",
        manifest="requirements.txt",
        lockfile=None,
        scope=Scope.RUNTIME,
        direct=True,
        line=2,
    )
    assert [(d.package, d.requirement, d.version, d.line) for d in dependencies[1:]] == [
        ("requests", ">= 2", None, 4),
        ("celery", "", None, 5),
        ("flask", "===2.0", "2.0", 6),
        ("six", "==1.*", None, 7),
    ]


def test_a_line_counts_for_the_file_that_holds_it(reader_of: ReaderOf) -> None:
    files = {"requirements.txt": b"-r base.pip\n-r requirements-dev.txt\nflask==2.0\n", "base.pip": b"six==1.0\n"}
    dependencies = parsed(reader_of, {**files, "requirements-dev.txt": b"pytest==7.0\n"}).dependencies
    assert [(d.manifest, d.package, d.line) for d in dependencies] == [
        ("requirements.txt", "flask", 3),
        ("base.pip", "six", 1),
    ]


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("requirements.txt", Scope.RUNTIME),
        ("requirements-dev.txt", Scope.DEV),
        ("requirements/test.txt", Scope.DEV),
        ("docs-requirements.txt", Scope.DEV),
        ("requirements/production.txt", Scope.RUNTIME),
        ("requirements-device.txt", Scope.RUNTIME),
        ("tests/requirements.txt", Scope.RUNTIME),
    ],
)
def test_the_name_of_a_file_tells_what_it_is_for(reader_of: ReaderOf, path: str, scope: Scope) -> None:
    assert [d.scope for d in parsed(reader_of, {path: b"six\n"}, path).dependencies] == [scope]


COMPILED = b"""#
# This file is autogenerated by pip-compile with Python 3.11
#
asgiref==3.7.2
    # via django
django==4.2.1
    # via -r requirements.in
idna==3.4
    # via
    #   -c constraints.txt
    #   requests
requests==2.31.0
    # via
    #   demo (pyproject.toml)
    #   other
six==1.16.0
"""


def test_a_compiled_file_tells_what_a_person_asked_for(reader_of: ReaderOf) -> None:
    dependencies = parsed(reader_of, {"requirements.txt": COMPILED}).dependencies
    assert {d.package: d.direct for d in dependencies} == {
        "asgiref": False,
        "django": True,
        "idna": False,
        "requests": True,
        "six": True,
    }


@pytest.mark.parametrize(
    ("files", "index"),
    [
        pytest.param({}, None, id="none"),
        pytest.param(
            {"requirements.txt": b"-i https://registry.example/a\nsix\n"}, "https://registry.example/a", id="own"
        ),
        pytest.param(
            {"requirements.txt": b"-i https://registry.example/a\n--index-url https://registry.example/b\nsix\n"},
            "https://registry.example/b",
            id="the last one",
        ),
        pytest.param(
            {"requirements.txt": b"-r base.pip\nsix\n", "base.pip": b"-i https://registry.example/base\n"},
            "https://registry.example/base",
            id="of an include",
        ),
        pytest.param(
            {"requirements.txt": b"-r constraints.txt\nsix\n", "constraints.txt": b"-i https://registry.example/c\n"},
            "https://registry.example/c",
            id="of an include that is another unit",
        ),
        pytest.param(
            {
                "requirements.txt": b"-r base.pip\n-i https://registry.example/a\nsix\n",
                "base.pip": b"-r requirements.txt\n-i https://registry.example/base\n",
            },
            "https://registry.example/a",
            id="includes in a circle",
        ),
    ],
)
def test_the_index_is_the_last_one_that_pip_would_read(
    reader_of: ReaderOf, files: dict[str, bytes], index: str | None
) -> None:
    dependencies = parsed(reader_of, {"requirements.txt": b"six\n", **files}).dependencies
    assert {d.index for d in dependencies} == {index}


def test_what_is_not_handled_is_said_with_its_place(reader_of: ReaderOf) -> None:
    text = b"six==1.16.0\n-e .\n-r https://registry.example/base.txt\n-c gone.txt\nsix=1\n"
    result = parsed(reader_of, {"requirements.txt": text})
    assert [d.package for d in result.dependencies] == ["six"]
    assert result.problems[:3] == (
        Failure(
            "requirements.txt",
            "line 2 of requirements.txt: an editable requirement has no released version; "
            "depend on a release of an index: -e .",
            fault=False,
        ),
        Failure("requirements.txt", "line 3 of requirements.txt includes a URL; include a file instead", fault=False),
        Failure("requirements.txt", "line 4 of requirements.txt includes gone.txt, which does not exist; add it"),
    )
    (broken,) = result.problems[3:]
    assert broken.fault
    assert broken.reason.startswith("line 5 of requirements.txt: it is not a valid requirement (")
    assert broken.reason.endswith("); correct it: six=1")


def test_a_unit_whose_file_is_gone_is_refused(reader_of: ReaderOf) -> None:
    with pytest.raises(ManifestError, match=r"requirements\.txt does not exist"):
        parsed(reader_of, {})


def test_a_file_that_cannot_be_decoded_is_refused(reader_of: ReaderOf) -> None:
    with pytest.raises(ManifestError, match="is not UTF-8 text"):
        parsed(reader_of, {"requirements.txt": b"six==1.0 # f\xfcr\n"})
