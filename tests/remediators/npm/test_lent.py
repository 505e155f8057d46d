"""Programs out of npm's cache: found where npm exec installs them, and asked of npm where they are not."""

import os
import stat
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from remediators.api import Completed
from remediators.errors import ToolError
from remediators.npm.lent import Lent
from tests.remediators.conftest import FakeTools

FOLDER, OF_RANGE = "0d6e7117257a5544", "a1a38f5f0f780954"
"""Where npm 11 installs pnpm@10.18.3 and pnpm@10, as it was seen."""


def program(file: Path, says: str) -> None:
    """An executable that says something, its arguments, and where it is."""
    file.parent.mkdir(parents=True)
    file.write_text(f'#!/bin/sh\necho "{says} $* in $(basename "$PWD") keeps $KEPT"\n')
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


def run(
    caches: Path, path: Path, *arguments: str, package: str = "pnpm@10.18.3", prepare: str = "", options: str = ""
) -> subprocess.CompletedProcess[str]:
    """The program in a folder, with this npm cache and these programs."""
    environ = {"PATH": f"{path}:/usr/bin:/bin", "HOME": str(caches), "npm_config_cache": str(caches)}
    folder = caches / "folder"
    folder.mkdir(parents=True, exist_ok=True)
    script = Lent(package, "pnpm", ("--registry=https://registry.example/",), prepare, options).script
    argv = ("sh", "-c", script, "pnpm", *arguments)
    return subprocess.run(argv, cwd=folder, env=environ, capture_output=True, text=True, check=False)


def npm(caches: Path) -> Path:
    """The folder of an npm that notes what it is asked, and tells of a program elsewhere."""
    program(caches / "elsewhere/pnpm", "fetched")
    program(caches / "path/npm", "")
    (caches / "path/npm").write_text(f'#!/bin/sh\necho "$@" >> {caches}/asked\necho {caches}/elsewhere/pnpm\n')
    return caches / "path"


def test_one_that_is_there_starts_without_npm(tmp_path: Path) -> None:
    program(tmp_path / "_npx" / FOLDER / "node_modules/.bin/pnpm", "kept")
    program(tmp_path / "path/npm", "npm ran")
    done = run(tmp_path, tmp_path / "path", "install", "a b", options="--store=1")
    assert done.stdout == "kept --store=1 install a b in folder keeps \n"


def test_npm_is_asked_for_one_that_is_not(tmp_path: Path) -> None:
    done = run(tmp_path, npm(tmp_path), "install")
    assert done.stdout == "fetched install in folder keeps \n"
    asked = "exec --registry=https://registry.example/ --yes --package=pnpm@10.18.3 --call=command -v pnpm\n"
    assert (tmp_path / "asked").read_text() == asked


def test_npm_is_asked_once_a_day_for_the_newest_of_a_range(tmp_path: Path) -> None:
    program(tmp_path / "_npx" / OF_RANGE / "node_modules/.bin/pnpm", "kept")
    path = npm(tmp_path)
    said = [run(tmp_path, path, package="pnpm@10").stdout.partition(" ")[0] for _ in range(2)]
    yesterday = time.time() - 2 * 24 * 3600
    os.utime(tmp_path / "_npx" / OF_RANGE / "asked", (yesterday, yesterday))
    said.append(run(tmp_path, path, package="pnpm@10").stdout.partition(" ")[0])
    assert said == ["fetched", "kept", "fetched"]


def test_one_that_is_there_will_do_when_npm_cannot_tell_of_a_newer_one(tmp_path: Path) -> None:
    program(tmp_path / "_npx" / OF_RANGE / "node_modules/.bin/pnpm", "kept")
    path = npm(tmp_path)
    (path / "npm").write_text("#!/bin/sh\necho npm error code ECONNREFUSED >&2\nexit 7\n")
    done = run(tmp_path, path, "install", package="pnpm@10")
    assert (done.returncode, done.stdout) == (0, "kept install in folder keeps \n")


def test_what_npm_says_when_it_cannot_be_had_is_the_end(tmp_path: Path) -> None:
    path = npm(tmp_path)
    (path / "npm").write_text("#!/bin/sh\necho npm error code E404 >&2\nexit 7\n")
    done = run(tmp_path, path, "install")
    assert (done.returncode, done.stdout, done.stderr) == (7, "", "npm error code E404\n")


def test_a_failure_names_the_program_and_not_how_it_was_started(tmp_path: Path, tools: FakeTools) -> None:
    def fails(argv: Sequence[str], cwd: Path) -> Completed:
        raise ToolError(f"sh {' '.join(argv)}: exited with status 1", "its words")

    tools.install("sh", fails)
    with pytest.raises(ToolError, match=r"^pnpm install: exited with status 1$") as raised:
        Lent("pnpm@10", "pnpm").run(("install",), tmp_path, tools, {})
    assert raised.value.stderr == "its words"


@pytest.mark.parametrize("there", [True, False], ids=["a folder", "no folder"])
def test_it_is_prepared_first(tmp_path: Path, there: bool) -> None:
    program(tmp_path / "_npx" / FOLDER / "node_modules/.bin/pnpm", "kept")
    if there:
        (tmp_path / "project").mkdir()
    done = run(tmp_path, tmp_path, prepare='cd ../project || exit\nexport KEPT="$(basename "$caches")"\n')
    assert done.stdout == (f"kept  in project keeps {tmp_path.name}\n" if there else "")
    assert (done.returncode == 0) is there
