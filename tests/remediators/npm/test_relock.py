import json
from pathlib import Path
from typing import Any

import pytest

from remediators.api import Upgrade
from tests.remediators.conftest import FakeTools
from tests.remediators.npm.projects import NPM, unit_of
from tests.remediators.npm.scripted import PACKAGES, Bench, ScriptedNpm

UP = Upgrade("ms", "2.0.0", "2.0.5", direct=False)
DIRECT = Upgrade("ms", "2.0.0", "2.0.5", direct=True)


@pytest.fixture
def npm() -> ScriptedNpm:
    return ScriptedNpm()


@pytest.fixture
def bench(tmp_path: Path, tools: FakeTools, npm: ScriptedNpm) -> Bench:
    tools.install("npm", npm)
    return Bench(tmp_path, tools)


def test_only_the_copies_at_the_old_version_move(bench: Bench) -> None:
    done = bench.relock(UP)
    assert done.packages() == {**PACKAGES, "node_modules/ms": {"version": "2.0.5"}}


def test_requirements_are_exact_only_while_npm_runs(bench: Bench, npm: ScriptedNpm) -> None:
    manifest = '{ "dependencies": {"debug":"^2.6.0", "ms":  "latest"} }\r\n'
    done = bench.relock(UP, manifest=manifest, files={".npmrc": "legacy-peer-deps=true\ngit=./evil\n"})
    (seen,) = npm.seen
    assert json.loads(seen["package.json"])["dependencies"] == {"debug": "^2.6.0", "ms": "2.0.5"}
    assert json.loads(seen["package-lock.json"])["packages"]["node_modules/debug"]["dependencies"] == {"ms": "2.0.5"}
    assert seen[".npmrc"] == "legacy-peer-deps=true\n"
    for path in ("package.json", ".npmrc"):
        assert (done.work / path).read_bytes() == done.before[path]
    assert done.packages()["node_modules/debug"]["dependencies"] == {"ms": "^2.0.0"}
    assert done.packages()[""]["dependencies"] == {"debug": "^2.6.0", "ms": "latest"}


@pytest.mark.parametrize("written", ["npm:ms@^2.0.0", "npm:ms", "npm:ms@latest"])
def test_an_alias_is_exact_in_its_own_words(bench: Bench, npm: ScriptedNpm, written: str) -> None:
    packages = {"": {}, "node_modules/old": {"name": "ms", "version": "2.0.0"}}
    manifest = {"dependencies": {"old": written}}
    done = bench.relock(DIRECT, packages=packages, manifest=manifest)
    assert json.loads(npm.seen[0]["package.json"])["dependencies"] == {"old": "npm:ms@2.0.5"}
    assert done.packages()["node_modules/old"]["version"] == "2.0.5"
    assert done.packages()[""]["dependencies"] == {"old": written}


def test_what_was_not_locked_comes_in_at_exactly_that_version(bench: Bench, npm: ScriptedNpm) -> None:
    bench.relock(DIRECT, manifest={"dependencies": {"ms": "^2.0.0"}}, packages={"": {}})
    assert json.loads(npm.seen[0]["package.json"])["dependencies"] == {"ms": "2.0.5"}


def test_a_workspace_is_relocked_with_its_root(bench: Bench) -> None:
    packages = {
        "": {},
        "node_modules/x": {"resolved": "packages/x", "link": True},
        "node_modules/ms": {"version": "2.1.0"},
        "packages/x": {"dependencies": {"ms": "^2.0.0"}},
        "packages/x/node_modules/ms": {"version": "2.0.0"},
    }
    member = {"dependencies": {"ms": "^2.0.0"}}
    done = bench.relock(DIRECT, packages=packages, manifest={}, files={"packages/x/package.json": member})
    assert done.packages()["packages/x/node_modules/ms"]["version"] == "2.0.5"
    assert done.packages()["packages/x"] == member
    assert done.text("packages/x/package.json") == json.dumps(member)


def test_below_a_workspace_npm_is_told_what_to_look_at_and_other_copies_are_held(
    bench: Bench, npm: ScriptedNpm
) -> None:
    packages = {**PACKAGES, "node_modules/x": {"resolved": "packages/x", "link": True}, "packages/x": {}}
    done = bench.relock(UP, packages=packages, files={"packages/x/package.json": {}})
    (ran,) = bench.tools.ran
    assert (ran.argv[:2], ran.argv[-2:]) == (("npm", "update"), ("--", "ms"))
    seen = json.loads(npm.seen[0]["package-lock.json"])["packages"]
    # `npm update` would take every copy along.
    assert seen["node_modules/send"]["dependencies"] == {"ms": "2.1.1"}
    assert done.packages()["node_modules/send"] == PACKAGES["node_modules/send"]
    assert done.packages()["node_modules/send/node_modules/ms"] == {"version": "2.1.1"}
    assert done.packages()["node_modules/ms"] == {"version": "2.0.5"}


@pytest.mark.parametrize(
    ("packages", "files", "index", "flags"),
    [
        pytest.param(PACKAGES, {}, None, ["--omit-lockfile-registry-resolved=true"], id="no URLs in the lockfile"),
        pytest.param(
            {
                **PACKAGES,
                "node_modules/x": {"version": "1.0.0", "resolved": "https://registry.example/x/-/x-1.0.0.tgz"},
            },
            {},
            None,
            ["--omit-lockfile-registry-resolved=false"],
            id="URLs in the lockfile",
        ),
        pytest.param(
            PACKAGES,
            {},
            "https://registry.example/",
            ["--omit-lockfile-registry-resolved=true", "--registry=https://registry.example/"],
            id="a configured registry",
        ),
        pytest.param(
            PACKAGES,
            {".npmrc": "registry=https://own.example/"},
            "https://registry.example/",
            ["--omit-lockfile-registry-resolved=true"],
            id="the project's own registry goes first",
        ),
        pytest.param(
            PACKAGES,
            {".npmrc": "@s:registry=https://own.example/"},
            "https://own.example/",
            ["--omit-lockfile-registry-resolved=true"],
            id="the registry of a scope is not for all",
        ),
    ],
)
def test_npm_is_called_so_that_the_lockfile_keeps_its_habits(
    bench: Bench, packages: Any, files: Any, index: str | None, flags: list[str]
) -> None:
    done = bench.relock(UP, packages=packages, files=files, index=index)
    (ran,) = bench.tools.ran
    base = ["npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"]
    assert list(ran.argv) == [*base, "--lockfile-version=3", *flags]
    assert (ran.cwd, ran.env) == (done.work, {"npm_config_update_notifier": "false"})


def test_a_version_2_lockfile_stays_one(bench: Bench) -> None:
    done = bench.relock(UP, version=2)
    assert [ran.argv[6] for ran in bench.tools.ran] == ["--lockfile-version=3", "--lockfile-version=2"]
    assert json.loads(done.text("package-lock.json"))["lockfileVersion"] == 2


def test_new_archives_come_from_the_registry_that_the_lockfile_names(bench: Bench) -> None:
    def resolved(host: str, version: str) -> dict[str, str]:
        return {"version": version, "resolved": f"https://{host}/ms/-/ms-{version}.tgz"}

    packages = {"": {}, "node_modules/ms": resolved("registry.example/npm", "2.0.0")}
    bench.tools.install("npm", ScriptedNpm(becomes={"node_modules/ms": resolved("mirror.example", "2.0.5")}))
    done = bench.relock(UP, packages=packages, manifest={"dependencies": {"ms": "2.x"}})
    assert done.packages()["node_modules/ms"] == resolved("registry.example/npm", "2.0.5")


def test_without_a_lockfile_nothing_runs(tmp_path: Path, tools: FakeTools) -> None:
    NPM.relock(unit_of({"package.json": {}}), tmp_path, [UP], None, tools)
    assert tools.ran == []
