"""A source archive that does harm when it is built: a real uv, in a sandbox and not, alone and in our relock."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.adapters.confinement.bubblewrap import impossible
from bot.adapters.tools.world import tools
from remediators.api import Upgrade
from remediators.errors import BlockedError, ToolError
from remediators.uv.remediator import Uv
from remediators.uv.run import executable
from tests.remediators.python.hostile_archives import ARCHIVES, SECRET, World, app_for, world

REASON = re.compile(r"has no usable wheels|build")
CONFINED = pytest.mark.skipif(impossible() is not None, reason="no sandbox here")
MODES = pytest.mark.parametrize("sandbox", [pytest.param("require", marks=CONFINED), "off"])
MOVES = {
    "nothing may be built": Upgrade("evil", "1.0", "2.0", direct=True),
    # What others need is told to uv, so that it runs without --no-build.
    "uv is not told to build nothing": Upgrade("acme", "1.0", "2.0", direct=True),
}


PYPROJECT = '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["acme", "evil"]\n'


def lock(here: World) -> str:
    """Both at 1.0, of which there is no wheel."""
    packages = "".join(
        f'[[package]]\nname = "{name}"\nversion = "1.0"\nsource = {{ registry = "{here.index.url}/simple" }}\n'
        f'sdist = {{ url = "{here.index.url}/files/{name}-1.0.tar.gz", hash = "sha256:{"0" * 64}" }}\n\n'
        for name in ("acme", "evil")
    )
    return (
        f'version = 1\nrevision = 3\nrequires-python = ">=3.11"\n\n{packages}'
        '[[package]]\nname = "app"\nversion = "1"\nsource = { virtual = "." }\n'
        'dependencies = [{ name = "acme" }, { name = "evil" }]\n\n'
        '[package.metadata]\nrequires-dist = [{ name = "acme" }, { name = "evil" }]\n'
    )


def plainly_locked(here: World, sandbox: str) -> str:
    """What `uv lock` says of the project, free to build."""
    with app_for(here, sandbox) as app, app.workshop.scratch() as work:
        (work / "pyproject.toml").write_text(PYPROJECT)
        with pytest.raises(ToolError) as failed:
            # The archives are no good as packages, whatever else they do.
            app.workshop.run([executable(), "lock", "--default-index", f"{here.index.url}/simple"], work)
    return failed.value.stderr


def test_built_without_a_sandbox_it_does_all_its_harm(tmp_path: Path) -> None:
    with world(tmp_path, "a backend of its own") as here:
        plainly_locked(here, "off")
        assert here.marker.exists()
        assert any(SECRET.encode() in asked.body for asked in here.listener.asked)


@CONFINED
def test_built_in_the_sandbox_it_does_none(tmp_path: Path) -> None:
    with world(tmp_path, "a backend of its own") as here:
        said = plainly_locked(here, "require")
        # It did run, and asked.
        assert f"{here.listener.place} is no registry in use" in said
        assert not here.marker.exists()
        assert here.listener.asked == []
        assert SECRET not in said


@MODES
@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("kind", ARCHIVES)
def test_our_relock_does_not_build_it_and_says_so(tmp_path: Path, sandbox: str, kind: str, move: str) -> None:
    uv = Uv()
    with world(tmp_path, kind) as here, app_for(here, sandbox) as app, app.workshop.scratch() as work:
        files = {"pyproject.toml": PYPROJECT.encode(), "uv.lock": lock(here).encode()}
        for name, content in files.items():
            (work / name).write_bytes(content)
        (unit,) = uv.units(sorted(files))
        url = f"{here.index.url}/simple"
        with pytest.raises((ToolError, BlockedError)) as refused:
            uv.relock(uv.expand(unit, files.get), work, [MOVES[move]], url, tools(app.http, app.workshop))
        assert not here.marker.exists()
        assert here.listener.asked == []
    assert REASON.search(str(refused.value)), str(refused.value)
    assert SECRET not in f"{refused.value}{getattr(refused.value, 'stderr', '')}"
