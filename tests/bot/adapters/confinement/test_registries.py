"""The ecosystems' own registries from inside a sandbox: what their clients ask by themselves is admitted, no more."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.app import App
from bot.config import load
from remediators.errors import ToolError
from remediators.uv.run import executable
from tests.bot.adapters.confinement.places import POSSIBLE

pytestmark = [POSSIBLE, pytest.mark.registry]

PYPROJECT = '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["six", "idna"]\n'
OUT_OF_REACH = ("cannot be reached", "502", "timed out", "ETIMEDOUT", "ECONNRESET", "EAI_AGAIN", "Failed to fetch")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("app")
    settings = {"cache": folder / "cache", "database": f"sqlite:///{folder / 'bot.db'}", "sandbox": "require"}
    with App.start(load(settings, {}, None), os.environ) as made:
        yield made


def ran(app: App, argv: list[str], files: dict[str, str], made: str) -> str:
    """What a tool makes of these files."""
    with app.workshop.scratch() as work:
        for name, text in files.items():
            (work / name).write_text(text)
        try:
            app.workshop.run(argv, work)
        except ToolError as error:
            if any(word in f"{error} {error.stderr}" for word in OUT_OF_REACH):
                pytest.skip(f"the registry is out of reach: {error.stderr[-200:]}")
            if "not installed" in str(error):
                pytest.skip(str(error))
            raise
        return Path(work, made).read_text()


def test_uv_reads_metadata_from_where_the_index_keeps_its_files(app: App) -> None:
    lock = ran(app, [executable(), "lock", "--no-build"], {"pyproject.toml": PYPROJECT}, "uv.lock")
    assert 'name = "idna"' in lock


def test_pip_installs_a_wheel(app: App) -> None:
    argv = [executable(), "pip", "install", "--no-build", "--target", "made", "six"]
    assert "Benjamin Peterson" in ran(app, argv, {}, "made/six.py")


@pytest.mark.parametrize(
    ("argv", "made"),
    [
        (["npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit"], "package-lock.json"),
        (["npm", "exec", "--yes", "--package=yarn@1.22.22", "--", "yarn", "install", "--ignore-scripts"], "yarn.lock"),
    ],
    ids=["npm", "yarn"],
)
def test_clients_of_npm_packages(app: App, argv: list[str], made: str) -> None:
    manifest = {"name": "x", "version": "1.0.0", "dependencies": {"left-pad": "1.3.0"}}
    assert "left-pad" in ran(app, argv, {"package.json": json.dumps(manifest)}, made)


def test_everything_else_is_refused(app: App) -> None:
    argv = [executable(), "lock", "--default-index", "https://registry.example/simple"]
    with pytest.raises(ToolError, match=r"registry\.example is no registry in use: add it to allowed_hosts"):
        ran(app, argv, {"pyproject.toml": PYPROJECT}, "uv.lock")
