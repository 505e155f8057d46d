"""How Yarn is started: which one, with which files, credentials and caches."""

import json

import pytest

from remediators.credential_variables import credential_variables
from tests.remediators.yarn.locked import ALONE, BERRY, CLASSIC, LOCKS, UP, alone
from tests.remediators.yarn.projects import YARN
from tests.remediators.yarn.scripted import Bench, ScriptedYarn


@pytest.mark.parametrize(
    ("manager", "lockfile", "package"),
    [
        pytest.param(None, alone(CLASSIC), "yarn@1.22.22", id="classic"),
        pytest.param("yarn@1.19.0", alone(CLASSIC), "yarn@1.19.0", id="classic, named"),
        pytest.param("yarn@4.5.0", alone(CLASSIC), "yarn@1.22.22", id="another kind is named"),
        pytest.param(None, alone(BERRY), "@yarnpkg/cli-dist@4.13.0", id="the last that writes version 8"),
        pytest.param("yarn@4.5.0+sha512.0a", alone(BERRY), "@yarnpkg/cli-dist@4.5.0", id="named with its hash"),
        pytest.param("yarn@file:./evil", alone(BERRY), "@yarnpkg/cli-dist@4.13.0", id="what is no version"),
        pytest.param("pnpm@9.0.0", alone(BERRY), "@yarnpkg/cli-dist@4.13.0", id="another manager"),
    ],
)
def test_the_yarn_of_the_lockfile_is_run(bench: Bench, manager: str | None, lockfile: str, package: str) -> None:
    bench.relock({**ALONE, **({"packageManager": manager} if manager else {})}, lockfile, UP)
    assert {f"--package={package} " in run.argv[2] for run in bench.tools.ran} == {True}


@pytest.mark.parametrize(
    ("version", "cache", "package"),
    [
        (4, "7", "2.4.2"),
        (4, "8", "3.0.2"),
        (5, "8", "3.1.1"),
        (6, "8", "3.8.7"),
        (9, "10c0", "4.14.1"),
        (10, "10c0", "4.18.1"),
    ],
)
def test_a_lockfile_keeps_its_version(bench: Bench, version: int, cache: str, package: str) -> None:
    lockfile = alone(BERRY).replace("version: 8", f"version: {version}").replace("cacheKey: 10c0", f"cacheKey: {cache}")
    lockfile = lockfile if version > 6 else lockfile.replace('"npm:^2.0.0"', "^2.0.0")
    bench.relock(ALONE, lockfile, UP)
    assert {f"--package=@yarnpkg/cli-dist@{package} " in run.argv[2] for run in bench.tools.ran} == {True}


def test_yarn_sees_a_stand_in_and_then_the_project(bench: Bench, yarn: ScriptedYarn) -> None:
    planted = {".yarnrc": 'yarn-path "./evil.js"\n', ".npmrc": "script-shell=./evil\n", ".yarnrc.yml": "yarnPath: x\n"}
    done = bench.relock(ALONE, alone(CLASSIC), UP, index="https://registry.example/own", files=planted)
    first, second = yarn.seen
    assert json.loads(first["package.json"]) == {
        "name": "remediation-stand-in",
        "private": True,
        "dependencies": {"remediation-0": "npm:ms@2.0.5"},
        "resolutions": {},
    }
    assert json.loads(second["package.json"]) == ALONE
    for seen in yarn.seen:
        assert seen.keys() - {"package.json", "yarn.lock"} == {".yarnrc", ".npmrc"}
        assert all(line.startswith("//registry.example/own/:") for line in seen[".npmrc"].splitlines())
        assert seen[".yarnrc"] == '"registry" "https://registry.example/own"\n'
    assert {path: done.text(path) for path in planted} == planted


@pytest.mark.parametrize(
    ("first", "second", "folders"),
    [
        pytest.param({}, {"catalog": {"left": "1"}, "compressionLevel": 0}, 1, id="other settings"),
        pytest.param({}, {"npmRegistryServer": "https://registry.example/b"}, 2, id="another registry"),
        pytest.param({}, {"npmScopes": {"a": {"npmRegistryServer": "https://registry.example/b"}}}, 2, id="of a scope"),
    ],
)
def test_berry_shares_what_it_fetched_among_projects_with_the_same_registries(
    bench: Bench, first: object, second: object, folders: int
) -> None:
    for settings in (first, second):
        bench.relock(ALONE, alone(BERRY), UP, files={".yarnrc.yml": json.dumps(settings)})
    kept = [line for run in bench.tools.ran for line in run.argv[2].splitlines() if "YARN_GLOBAL_FOLDER" in line]
    assert (len(kept), len(set(kept))) == (len(bench.tools.ran), folders)


@LOCKS
def test_npm_has_the_credentials_of_the_registry_that_lends_yarn(
    bench: Bench, yarn: ScriptedYarn, lockfile: str
) -> None:
    own = "npmRegistryServer: https://registry.example:8443/npm\n"
    files = {".npmrc": "registry=https://registry.example:8443/npm\n", ".yarnrc.yml": own}
    bench.relock(ALONE, alone(lockfile), UP, index="https://registry.example/own", files=files)
    lends, theirs = (credential_variables(host) for host in ("registry.example", "registry.example:8443"))
    for npmrc, run in zip(yarn.npmrc, bench.tools.ran, strict=True):
        assert npmrc.splitlines() == [
            "registry=https://registry.example:8443/npm",
            f"//registry.example:8443/npm/:${{{theirs.key}}}=${{{theirs.value}}}",
            f"//registry.example/own/:${{{lends.key}}}=${{{lends.value}}}",
        ]
        assert (run.env[lends.key], run.env[lends.value]) == ("without", "")


def test_yarn_runs_neither_scripts_nor_what_a_repository_names(bench: Bench, yarn: ScriptedYarn) -> None:
    bench.relock(ALONE, alone(CLASSIC), UP)
    assert all("--ignore-scripts" in call for call in yarn.said)
    assert {run.env["YARN_IGNORE_PATH"] for run in bench.tools.ran} == {"1"}
    # npm looks into the folder that it starts in for an installed package called yarn.
    assert all(run.cwd and run.cwd != bench.work for run in bench.tools.ran)


def test_the_folder_of_a_project_is_no_word_of_a_command(bench: Bench, yarn: ScriptedYarn) -> None:
    folder = "a $(touch x); 'b'"
    files = {f"{folder}/package.json": json.dumps(ALONE).encode(), f"{folder}/yarn.lock": alone(CLASSIC).encode()}
    (unit,) = YARN.units(sorted(files))
    for path, content in files.items():
        (bench.work / path).parent.mkdir(exist_ok=True)
        (bench.work / path).write_bytes(content)
    YARN.relock(unit, bench.work, [UP], None, bench.tools)
    assert not [call for call in yarn.said if "touch x" in call]
