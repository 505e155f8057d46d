import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from remediators.api import Completed, Unit
from remediators.errors import BlockedError, Requirer, ToolError
from tests.remediators.conftest import FakeTools
from tests.remediators.uv.projects import FORKED, JINJA, LOCK, MANIFEST, REMEDIATOR, fails, relock, writes


def test_uv_moves_the_packages_and_builds_nothing(tmp_path: Path, tools: FakeTools) -> None:
    tools.install("uv", writes(LOCK.replace("3.1.2", "3.1.6")))
    relock(tmp_path, tools)
    (ran,) = tools.ran
    assert Path(ran.argv[0]).is_file()
    assert ran.argv[1:] == ("lock", "--no-build", "--upgrade-package", "jinja2==3.1.6")
    assert ran.cwd == tmp_path / "app"
    assert ran.env["UV_PYTHON_DOWNLOADS"] == "never"
    assert 'version = "3.1.6"' in (tmp_path / "app/uv.lock").read_text()


def test_only_the_fork_at_the_old_version_moves(tmp_path: Path, tools: FakeTools) -> None:
    tools.install("uv", writes(FORKED.replace("3.1.2", "3.1.6")))
    relock(tmp_path, tools, lock=FORKED)
    assert tools.ran[0].argv[-1] == ("jinja2==3.1.6 ; (python_full_version < '3.8') or (sys_platform == 'win32')")


@pytest.mark.parametrize(
    ("manifest", "index", "arguments"),
    [
        pytest.param(
            MANIFEST,
            "https://registry.example/mirror",
            ("--default-index", "https://registry.example/mirror"),
            id="configured",
        ),
        pytest.param(MANIFEST, None, (), id="none"),
        pytest.param(
            MANIFEST + "[[tool.uv.index]]\nname = 'own'\nurl = 'https://user@registry.example/own'\n",
            "https://registry.example/own",
            (),
            id="the project names it itself",
        ),
    ],
)
def test_an_index_stands_in_for_the_default_one(
    tmp_path: Path, tools: FakeTools, manifest: str, index: str | None, arguments: tuple[str, ...]
) -> None:
    tools.install("uv", writes(LOCK.replace("3.1.2", "3.1.6")))
    relock(tmp_path, tools, manifest=manifest, index=index)
    assert tools.ran[0].argv[5:] == arguments


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_the_lock_keeps_its_line_ends(tmp_path: Path, tools: FakeTools, line_end: str) -> None:
    tools.install("uv", writes(LOCK.replace("3.1.2", "3.1.6")))
    relock(tmp_path, tools, lock=LOCK.replace("\n", line_end))
    written = (tmp_path / "app/uv.lock").read_bytes().decode()
    assert written == LOCK.replace("3.1.2", "3.1.6").replace("\n", line_end)


def wheel(digest: str, size: str = ', size = 10, upload-time = "2024-01-01T00:00:00Z"') -> str:
    return f'wheels = [\n    {{ url = "https://registry.example/x.whl", hash = "sha256:{digest}"{size} }},\n]\n'


@pytest.mark.parametrize(
    ("digest", "kept"),
    [
        pytest.param("aa", wheel("aa"), id="the same file"),
        pytest.param("bb", wheel("bb", ""), id="another file"),
    ],
)
def test_what_an_index_does_not_tell_of_a_file_stays(tmp_path: Path, tools: FakeTools, digest: str, kept: str) -> None:
    moved = LOCK.replace("3.1.2", "3.1.6")
    tools.install("uv", writes(moved + wheel(digest, "")))
    relock(tmp_path, tools, lock=LOCK + wheel("aa"))
    assert (tmp_path / "app/uv.lock").read_text() == moved + kept


def test_a_unit_without_a_lockfile_runs_nothing(tmp_path: Path, tools: FakeTools) -> None:
    REMEDIATOR.relock(Unit("uv", "pyproject.toml", None, ("pyproject.toml",)), tmp_path, [JINJA], None, tools)
    assert tools.ran == []


def test_a_package_that_nothing_needs_any_more_is_gone(tmp_path: Path, tools: FakeTools) -> None:
    without = LOCK[: LOCK.rindex("[[package]]")]
    tools.install("uv", writes(without))
    relock(tmp_path, tools)
    assert (tmp_path / "app/uv.lock").read_text() == without


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        pytest.param(
            LOCK,
            LOCK,
            r"uv keeps jinja2 at 3\.1\.2 instead of 3\.1\.6; it is wanted by app/pyproject\.toml:",
            id="nothing moved",
        ),
        pytest.param(LOCK, LOCK.replace("3.1.2", "3.1.5"), r"uv keeps jinja2 at 3\.1\.5", id="another version"),
        pytest.param(
            FORKED, FORKED.replace("3.1.5", "3.1.6"), r"uv keeps jinja2 at 3\.1\.2, 3\.1\.6", id="another fork"
        ),
    ],
)
def test_a_lock_that_did_not_move_is_blocked(
    tmp_path: Path, tools: FakeTools, before: str, after: str, message: str
) -> None:
    tools.install("uv", writes(after))
    with pytest.raises(BlockedError, match=message) as caught:
        relock(tmp_path, tools, lock=before)
    assert caught.value.blockers == tuple([Requirer("app/pyproject.toml", "", "", direct=True)] * (before == LOCK))


NO_SOLUTION = """\
Using CPython 3.11.7 interpreter at: /usr/bin/python3
error: No solution found when resolving dependencies
  cause: Because flask==1.0 depends on jinja2<3 and your project depends on flask==1.0,
         we can conclude that your project's requirements are unsatisfiable.
"""


def test_a_conflict_names_its_blockers(tmp_path: Path, tools: FakeTools) -> None:
    tools.install("uv", fails(NO_SOLUTION))
    with pytest.raises(BlockedError) as caught:
        relock(tmp_path, tools)
    assert str(caught.value) == (
        "app/pyproject.toml: uv finds no solution with jinja2 3.1.6: Because flask==1.0 depends on jinja2<3 and your "
        "project depends on flask==1.0, we can conclude that your project's requirements are unsatisfiable."
    )


@pytest.mark.parametrize(
    ("stderr", "message"),
    [
        pytest.param("error: No interpreter found for Python >=3.99", "; install a Python that", id="Python too old"),
        pytest.param(
            "cause: Building source distributions for `x` is disabled", "published as source only", id="source only"
        ),
        pytest.param("error: Required uv version `==0.8.3` does", "let required-version in", id="required uv"),
        pytest.param("cause: Git operation failed", "comes from Git, which the bot cannot reach", id="Git"),
        pytest.param("error: Distribution not found at: x", "is not in the repository: add it", id="missing file"),
        pytest.param("error: Failed to fetch", "Failed to fetch; run uv lock in the project", id="anything else"),
        pytest.param("", "exited with status 1; run uv lock", id="nothing said"),
        pytest.param("x" * 5_000, "x…; run uv lock", id="long"),
    ],
)
def test_a_failure_comes_with_its_words_and_a_remedy(
    tmp_path: Path, tools: FakeTools, stderr: str, message: str
) -> None:
    tools.install("uv", fails(stderr))
    with pytest.raises(ToolError, match=rf"^app/pyproject\.toml: uv cannot lock jinja2 3\.1\.6: .*{message}") as caught:
        relock(tmp_path, tools)
    assert caught.value.stderr == stderr
    assert len(str(caught.value)) < 1_000


@pytest.mark.parametrize("field", ["dependencies", "optional-dependencies", "requires-python"])
def test_dependencies_that_only_a_build_tells_are_refused_before_anything_runs(
    tmp_path: Path, tools: FakeTools, field: str
) -> None:
    with pytest.raises(
        ToolError, match=rf"^app/pyproject\.toml: {field} is dynamic: only .*; write it in \[project\]$"
    ):
        relock(tmp_path, tools, manifest=f'[project]\nname = "demo"\nversion = "1"\ndynamic = ["{field}"]\n')
    assert tools.ran == []


BUILT = """\
[build-system] # theirs
requires = ["hostile"]
build-backend = "hostile"
[project]
name = "Demo"
dynamic = ["version", "readme"]
dependencies = ["jinja2>=3"]
"""
DYNAMIC_LOCK = LOCK.replace('version = "1.0"\n', "")


def test_the_project_s_build_backend_is_out_of_reach(tmp_path: Path, tools: FakeTools) -> None:
    seen: list[dict[str, object]] = []

    def run(arguments: Sequence[str], cwd: Path) -> Completed:
        seen.append(tomllib.loads((cwd / "pyproject.toml").read_text()))
        (cwd / "uv.lock").write_text(LOCK.replace("3.1.2", "3.1.6").replace('"1.0"', '"0"'))
        return Completed("", "")

    tools.install("uv", run)
    relock(tmp_path, tools, manifest=BUILT, lock=DYNAMIC_LOCK)
    assert seen == [
        {
            "build-system": {"requires": [], "build-backend": "no_build", "backend-path": ["."]},
            "project": {"name": "Demo", "version": "0", "dynamic": ["readme"], "dependencies": ["jinja2>=3"]},
        }
    ]
    assert (tmp_path / "app/pyproject.toml").read_text() == BUILT
    assert (tmp_path / "app/uv.lock").read_text() == DYNAMIC_LOCK.replace("3.1.2", "3.1.6")


def test_the_manifest_is_put_back_after_a_failure(tmp_path: Path, tools: FakeTools) -> None:
    tools.install("uv", fails("error"))
    with pytest.raises(ToolError):
        relock(tmp_path, tools, manifest=BUILT, lock=DYNAMIC_LOCK)
    assert (tmp_path / "app/pyproject.toml").read_text() == BUILT
    assert (tmp_path / "app/uv.lock").read_text() == DYNAMIC_LOCK
