"""Rules that hold over the whole repository and that no linter knows."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 350
# Spelled apart, so that this file does not name what it looks for.
REGISTRIES = "|".join(("py" + "pi", "python" + "hosted", "npm" + "js", "yarn" + "pkg", "crates", "golang", "maven"))


def tracked() -> list[Path]:
    """Every file that git knows; all files where the tests run outside a checkout."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout: there is no list of the repository's files")
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]


def text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace")


def test_no_package_registry_is_written_anywhere() -> None:
    host = re.compile(rf"https?://[a-z0-9.-]*({REGISTRIES})[a-z0-9.-]*", re.IGNORECASE)
    assert [str(p.relative_to(ROOT)) for p in tracked() if host.search(text(p))] == []


def test_no_file_needs_a_scroll_too_many() -> None:
    python = [p for p in tracked() if p.suffix == ".py" and "tests" not in p.relative_to(ROOT).parts]
    assert {str(p.relative_to(ROOT)): n for p in python if (n := len(text(p).splitlines())) > LONGEST} == {}


def test_every_module_says_what_it_is_responsible_for() -> None:
    python = [p for p in tracked() if p.suffix == ".py" and "tests" not in p.relative_to(ROOT).parts]
    modules = [p for p in python if p.name != "__init__.py"]
    assert [str(p.relative_to(ROOT)) for p in modules if not text(p).lstrip().startswith(('"""', 'r"""'))] == []


@pytest.mark.parametrize("command", ["make demo", "make test"])
def test_the_readme_begins_with_the_two_commands(command: str) -> None:
    assert command in text(ROOT / "README.md").split("##", 1)[0]
