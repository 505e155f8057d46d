"""Every remediator is there under its name, and loaded for its files only."""

from __future__ import annotations

import subprocess
import sys

import pytest

from remediators.late import Late
from remediators.registered import ecosystems

ALL = ecosystems().remediators


@pytest.mark.parametrize("late", ALL, ids=lambda late: late.name)
def test_its_line_says_what_it_is(late: Late) -> None:
    assert (late._remediator.name, late._remediator.ecosystem) == (late.name, late.ecosystem)


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["pyproject.toml"], {"uv"}),
        (["a/pyproject.toml", "a/uv.lock"], {"uv"}),
        (["pyproject.toml", "poetry.lock"], {"poetry"}),
        (["pyproject.toml", "pdm.lock"], {"pdm"}),
        (["Pipfile", "Pipfile.lock"], {"pipenv"}),
        (["pylock.toml"], {"pylock"}),
        (["a/pylock.dev.toml"], {"pylock"}),
        (["requirements/dev.txt"], {"requirements"}),
        (["setup.cfg"], {"setuptools"}),
        (["a/setup.py"], {"setuptools"}),
        (["run.py"], {"script"}),
        (["package.json"], {"npm"}),
        (["a/package.json", "a/npm-shrinkwrap.json"], {"npm"}),
        (["package.json", "yarn.lock"], {"yarn"}),
        (["package.json", "pnpm-lock.yaml"], {"pnpm"}),
        (["README.md", "main.go"], set()),
    ],
    ids=" ".join,
)
def test_who_reads_what(paths: list[str], names: set[str]) -> None:
    by_themselves = {late.name for late in ALL if isinstance(late, Late) and late._remediator.units(paths)}
    found = {late.name for late in ALL if late.units(paths)}
    assert found == by_themselves
    assert names <= found


def test_what_a_repository_does_not_hold_is_not_loaded() -> None:
    program = (
        "import sys; from remediators.registered import ecosystems\n"
        "for each in ecosystems().remediators: each.units(['requirements.txt'])\n"
        "kept_back = {'remediators.npm.remediator', 'remediators.poetry.remediator', 'nodesemver'}\n"
        "print(sorted(kept_back & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
