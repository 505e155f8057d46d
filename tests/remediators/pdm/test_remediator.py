"""pdm's manifests and lockfiles: what they hold, how they are edited, what pdm is told, and what is refused."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediators.api import Completed, Reader, Unit, Upgrade
from remediators.errors import BlockedError, ManifestError, Requirer, ToolError
from remediators.pdm.lock import read_lock
from remediators.pdm.remediator import Pdm
from state.model import Scope
from tests.remediators.conftest import FakeTools, Program

ReaderOf = Callable[[Mapping[str, bytes]], Reader]

REMEDIATOR = Pdm()
UNIT = Unit("pdm", "pyproject.toml", "pdm.lock", ("pyproject.toml", "pdm.lock"))
MANIFEST = """\
[project]
name = "demo"
requires-python = ">=3.9"
dependencies = [
    "Jinja2[i18n]>=3.1,<3.2",  # the template engine
    "lib @ file:///${PROJECT_ROOT}/lib",
]

[project.optional-dependencies]
cloud = ["boto3==1.34.1"]

[dependency-groups]
lint = ["ruff"]

[tool.pdm.dev-dependencies]
test = ["pytest~=7.4"]

[[tool.pdm.source]]
name = "house"
url = "https://${USER}:secret@registry.example/house"
include_packages = ["house-*", "ruff"]

[[tool.pdm.source]]
name = "pypi"
url = "https://registry.example/simple"
"""
LOCK = """\
[metadata]
groups = ["default", "cloud", "lint", "test"]
strategy = ["inherit_metadata"]
lock_version = "4.5.0"
content_hash = "sha256:00"

[[metadata.targets]]
requires_python = ">=3.9"

[[package]]
name = "babel"
version = "2.9.0"

[[package]]
name = "boto3"
version = "1.34.1"
dependencies = [
    "urllib3<2.1,>=1.25.4; python_version >= \\"3.10\\"",
]

[[package]]
name = "iniconfig"
version = "2.0.0"

[[package]]
name = "Jinja2"
version = "3.1.2"
dependencies = ["MarkupSafe>=2.0"]

[[package]]
name = "Jinja2"
version = "3.1.2"
extras = ["i18n"]
dependencies = ["Babel>=2.7", "jinja2==3.1.2"]

[[package]]
name = "lib"
version = "0.1.0"
path = "./lib"
dependencies = ["urllib3"]

[[package]]
name = "markupsafe"
version = "2.1.3"

[[package]]
name = "pytest"
version = "7.4.0"
dependencies = ["iniconfig"]

[[package]]
name = "ruff"
version = "0.1.0"

[[package]]
name = "urllib3"
version = "2.0.1"
"""


def files(manifest: str = MANIFEST, lock: str = LOCK) -> dict[str, bytes]:
    return {"pyproject.toml": manifest.encode(), "pdm.lock": lock.encode()}


def test_everything_that_is_named_or_locked_is_found(reader_of: ReaderOf) -> None:
    parsed = REMEDIATOR.parse(UNIT, reader_of(files()))
    assert [(d.package, d.requirement, d.version, d.scope, d.line) for d in parsed.dependencies if d.direct] == [
        ("jinja2", ">=3.1,<3.2", "3.1.2", Scope.RUNTIME, 5),
        ("boto3", "==1.34.1", "1.34.1", Scope.OPTIONAL, 10),
        ("ruff", "", "0.1.0", Scope.DEV, 13),
        ("pytest", "~=7.4", "7.4.0", Scope.DEV, 16),
    ]
    assert [(d.package, d.version, d.scope, d.line) for d in parsed.dependencies if not d.direct] == [
        ("babel", "2.9.0", Scope.RUNTIME, 11),
        ("iniconfig", "2.0.0", Scope.DEV, 22),
        ("markupsafe", "2.1.3", Scope.RUNTIME, 43),
        ("urllib3", "2.0.1", Scope.OPTIONAL, 56),
    ]
    indexes = {d.package: d.index for d in parsed.dependencies}
    assert (indexes["ruff"], indexes["babel"]) == (
        "https://registry.example/house",
        "https://registry.example/simple",
    )
    assert {d.platform for d in parsed.dependencies} == {">=3.9"}
    assert [problem.reason for problem in parsed.problems] == [
        "line 6 of pyproject.toml: a URL requirement has no version to look up; depend on a release of an index: "
        "lib @ file:///${PROJECT_ROOT}/lib",
        "line 37 of pdm.lock: lib comes from a file or a folder, which has no released version",
    ]


@pytest.mark.parametrize(
    ("package", "version", "requirers"),
    [
        pytest.param(
            "urllib3",
            "2.0.1",
            [Requirer("boto3", "1.34.1", "<2.1,>=1.25.4", direct=True), Requirer("lib", "0.1.0", "", direct=False)],
            id="packages",
        ),
        pytest.param("Babel", "2.9.0", [Requirer("jinja2", "3.1.2", ">=2.7", direct=True)], id="by-an-extra"),
        pytest.param(
            "jinja2", "3.1.2", [Requirer("pyproject.toml", "", ">=3.1,<3.2", direct=True)], id="not-by-its-own-extra"
        ),
        pytest.param("nothing", "1.0", [], id="nobody"),
    ],
)
def test_requirers(reader_of: ReaderOf, package: str, version: str, requirers: list[Requirer]) -> None:
    assert list(REMEDIATOR.requirers(UNIT, reader_of(files()), package, version)) == requirers


OVERRIDES = '[tool.pdm.resolution.overrides]\nurllib3 = "2.0.1" # for now\nBabel = "<2.9.1"\n'


@pytest.mark.parametrize(
    ("manifest", "upgrade", "expected"),
    [
        pytest.param(MANIFEST, Upgrade("jinja2", "3.1.2", "3.1.6", True), MANIFEST, id="admitted-so-the-lock-alone"),
        pytest.param(
            MANIFEST, Upgrade("boto3", "1.34.1", "1.35.2", True), MANIFEST.replace("==1.34.1", "==1.35.2"), id="pin"
        ),
        pytest.param(
            MANIFEST, Upgrade("pytest", "7.4.0", "8.1.1", True), MANIFEST.replace("~=7.4", "~=8.1"), id="pdm's-table"
        ),
        pytest.param(
            OVERRIDES, Upgrade("urllib3", "2.0.1", "2.2.2", False), OVERRIDES.replace("2.0.1", "2.2.2"), id="override"
        ),
        pytest.param(
            OVERRIDES,
            Upgrade("babel", "2.9.0", "2.9.1", False),
            OVERRIDES.replace("<2.9.1", "<2.9.2,>=2.9.1"),
            id="override-of-a-range",
        ),
        pytest.param(
            OVERRIDES,
            Upgrade("markupsafe", "2.0", "2.1", False, override=True),
            OVERRIDES.replace('Babel = "<2.9.1"\n', 'Babel = "<2.9.1"\nmarkupsafe = ">=2.1"\n'),
            id="override-added",
        ),
        pytest.param(
            "# é\r\n[project]\r\nname = 'x'",
            Upgrade("Foo.Bar", "2.0", "2.1", False, override=True),
            "# é\r\n[project]\r\nname = 'x'\r\n\r\n[tool.pdm.resolution.overrides]\r\nfoo-bar = \">=2.1\"\r\n",
            id="first-override",
        ),
        pytest.param(
            OVERRIDES,
            Upgrade("urllib3", "2.0.1", "2.2.2", False, override=True),
            OVERRIDES.replace("2.0.1", "2.2.2"),
            id="override-that-is-there",
        ),
    ],
)
def test_edits(manifest: str, upgrade: Upgrade, expected: str) -> None:
    edited = REMEDIATOR.edit(UNIT, files(manifest), [upgrade])
    assert edited == ({} if manifest == expected else {"pyproject.toml": expected.encode()})


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        pytest.param('[project]\ndependencies = ["x<2,!=2.0"]', "x: .* cannot be rewritten", id="excluded"),
        pytest.param("tool = {pdm = {resolution = {overrides = {}}}}", "cannot be added to", id="inline"),
    ],
)
def test_edits_that_are_refused(manifest: str, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        REMEDIATOR.edit(UNIT, files(manifest), [Upgrade("x", "1.0", "2.0", direct=True, override=True)])


@pytest.mark.parametrize(
    ("version", "pdm"),
    [
        ("4.1", "pdm==2.4.9"),
        ("4.3", "pdm==2.9.3"),
        ("4.4.1", "pdm==2.12.4"),
        ("4.5.0", "pdm[locked]==2.29.3"),
        ("4.6", "pdm[locked]>=2.29,<3"),
    ],
)
def test_the_pdm_that_writes_such_a_lock(version: str, pdm: str) -> None:
    assert read_lock("pdm.lock", LOCK.replace("4.5.0", version).encode()).pdm == pdm


@pytest.mark.parametrize(
    ("lock", "message"),
    [
        pytest.param("[[package]", "not valid TOML", id="broken"),
        pytest.param("", "not a lockfile as pdm writes it", id="empty"),
        pytest.param('[metadata]\nlock_version = "5.0"', "lock_version 5.0 is not one", id="newer"),
        pytest.param('[metadata]\nlock_version = "2"', "lock_version 2 is not one", id="older"),
        pytest.param('[metadata]\nlock_version="4.5.0"\n[[package]]\nversion="1"', "without name", id="no-name"),
        pytest.param(
            '[metadata]\nlock_version="4.5.0"\n[[package]]\nname="a"\nversion="?"', "is not a version", id="odd-version"
        ),
        pytest.param(
            '[metadata]\nlock_version="4.5.0"\n[[package]]\nname="a"\nversion="1"\ndependencies=["?"]',
            "not a valid requirement",
            id="odd-dependency",
        ),
        pytest.param("x = " + "[" * 5000, "nest too deeply", id="deep"),
    ],
)
def test_a_lock_that_cannot_be_read_is_refused(reader_of: ReaderOf, lock: str, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        REMEDIATOR.parse(UNIT, reader_of(files(lock=lock)))


def test_a_folder_of_the_repository_that_the_lock_is_made_with_comes_along(reader_of: ReaderOf) -> None:
    here = {**files(), "lib/pyproject.toml": b"", "lib/secret": b""}
    assert REMEDIATOR.expand(UNIT, reader_of(here)).files == (*UNIT.files, "lib/pyproject.toml")
    outside = files(lock=LOCK.replace("./lib", "../lib"))
    assert REMEDIATOR.expand(UNIT, reader_of({**outside, "../lib/pyproject.toml": b""})) == UNIT


URLLIB3 = Upgrade("urllib3", "2.0.1", "2.0.7", direct=False)


def writes(*changes: tuple[str, str]) -> Program:
    """A pdm that changes the lockfile so."""

    def run(arguments: Sequence[str], cwd: Path) -> Completed:
        lock = cwd / "pdm.lock"
        text = lock.read_text()
        for old, new in changes:
            text = text.replace(old, new)
        lock.write_text(text)
        return Completed("", "")

    return run


def fails(stderr: str) -> Program:
    def run(arguments: Sequence[str], cwd: Path) -> Completed:
        raise ToolError("uv exited with status 1", stderr)

    return run


def relock(work: Path, tools: FakeTools, *upgrades: Upgrade, lock: str = LOCK, index: str | None = None) -> str:
    (work / "pyproject.toml").write_text(MANIFEST)
    (work / "pdm.lock").write_text(lock)
    REMEDIATOR.relock(UNIT, work, upgrades, index, tools)
    return (work / "pdm.lock").read_text()


def test_pdm_is_told_the_version_of_a_package_and_of_its_extras(tmp_path: Path, tools: FakeTools) -> None:
    tools.lend("python", writes(("3.1.2", "3.1.6")))
    relock(tmp_path, tools, Upgrade("jinja2", "3.1.2", "3.1.6", direct=True), index="https://registry.example/mirror")
    where, ran = tools.ran
    assert where.argv[where.argv.index("--from") + 1] == "pdm[locked]==2.29.3"
    assert json.loads(ran.argv[-3]) == {"jinja2": "3.1.6", "jinja2[i18n]": "3.1.6"}
    assert ran.argv[-2:] == ("lock", "--skip=:all")
    assert ran.env["PDM_PYPI_URL"] == "https://registry.example/mirror"


def test_only_those_who_ask_the_same_indexes_share_what_pdm_learned(tmp_path: Path, tools: FakeTools) -> None:
    tools.lend("python", writes(("2.0.1", "2.0.7"), ("3.1.2", "3.1.6")))
    jinja2 = Upgrade("jinja2", "3.1.2", "3.1.6", direct=True)
    kept = []
    for upgrade, index in ((URLLIB3, None), (jinja2, None), (jinja2, "https://registry.example/mirror")):
        relock(tmp_path, tools, upgrade, index=index)
        kept.append(tools.ran[-1].argv[4])
    assert (kept[0] == kept[1], kept[1] == kept[2]) == (True, False)


def test_an_index_that_the_project_names_itself_is_not_handed_on(tmp_path: Path, tools: FakeTools) -> None:
    tools.lend("python", writes(("2.0.1", "2.0.7")))
    relock(tmp_path, tools, URLLIB3, index="https://registry.example/simple")
    assert "PDM_PYPI_URL" not in tools.ran[-1].env


@pytest.mark.parametrize(
    ("program", "kind", "message"),
    [
        pytest.param(writes(), BlockedError, r"keeps urllib3 at 2\.0\.1 .* wanted by boto3 1\.34\.1, lib", id="kept"),
        pytest.param(
            writes(("2.0.1", "2.0.7"), ("<2.1", "<2.0")),
            BlockedError,
            r"blocked, boto3 1\.34\.1 requires urllib3 <2\.0,>=1\.25\.4, not 2\.0\.7$",
            id="refused-afterwards",
        ),
        pytest.param(
            fails("STATUS: x\n[ResolutionError]: Unable to find a resolution"),
            BlockedError,
            r"pdm finds no solution with urllib3 2\.0\.7: \[ResolutionError\]",
            id="no-solution",
        ),
        pytest.param(
            fails("[RuntimeError]: the bot builds nothing and clones nothing"),
            ToolError,
            r"depend on a wheel of it$",
            id="source-only",
        ),
        pytest.param(fails("segfault"), ToolError, r"segfault; run pdm lock in the project", id="anything-else"),
    ],
)
def test_what_pdm_says_and_writes_is_judged(
    tmp_path: Path, tools: FakeTools, program: Program, kind: type[Exception], message: str
) -> None:
    tools.lend("python", program)
    with pytest.raises(kind, match=message):
        relock(tmp_path, tools, URLLIB3)


@pytest.mark.parametrize(
    ("lock", "upgrade", "kind", "message"),
    [
        pytest.param(
            LOCK,
            Upgrade("urllib3", "2.0.1", "2.2.2", direct=False),
            BlockedError,
            r"boto3 1\.34\.1 requires urllib3 <2\.1,>=1\.25\.4, not 2\.2\.2$",
            id="someone-refuses-it",
        ),
        pytest.param(
            LOCK + '[[package]]\nname = "urllib3"\nversion = "1.26.2"\n',
            URLLIB3,
            ToolError,
            r"locked at 1\.26\.2, 2\.0\.1 for different targets",
            id="several-versions",
        ),
        pytest.param(
            LOCK.replace("4.5.0", "4.3").replace('[[metadata.targets]]\nrequires_python = ">=3.9"\n', ""),
            URLLIB3,
            ToolError,
            r"for the platform that it was made on",
            id="one-platform",
        ),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_runs(
    tmp_path: Path, tools: FakeTools, lock: str, upgrade: Upgrade, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        relock(tmp_path, tools, upgrade, lock=lock)
    assert not tools.ran


def test_a_package_that_nothing_needs_any_more_may_leave(tmp_path: Path, tools: FakeTools) -> None:
    tools.lend("python", writes(('\n[[package]]\nname = "urllib3"\nversion = "2.0.1"\n', "")))
    assert 'name = "urllib3"' not in relock(tmp_path, tools, URLLIB3)


VALUE = st.recursive(
    st.sampled_from(['"x>=1"', '"1.0"', "1", "true", '"lib"', '"\\u0000"']),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
    max_leaves=6,
)


@given(VALUE, VALUE, VALUE)
def test_any_value_is_read_or_refused(requirement: str, dependencies: str, extras: str) -> None:
    manifest = f"[project]\ndependencies = {requirement}\n[tool.pdm]\nsource = {extras}\ndev-dependencies = {extras}\n"
    lock = (
        f'[metadata]\nlock_version = "4.5.0"\n[[package]]\nname = "x"\nversion = "1.0"\ndependencies = {dependencies}\n'
        f"extras = {extras}\n"
    )
    read = files(manifest, lock).get
    try:
        REMEDIATOR.expand(UNIT, read)
        REMEDIATOR.parse(UNIT, read)
        REMEDIATOR.requirers(UNIT, read, "x", "1.0")
        REMEDIATOR.edit(UNIT, files(manifest, lock), [Upgrade("x", "1.0", "2.0", direct=True)])
    except ManifestError:
        return
