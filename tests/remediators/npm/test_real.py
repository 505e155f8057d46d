"""What npm itself makes of a relock: small projects against a real registry."""

import difflib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from remediators.api import Upgrade
from remediators.errors import BlockedError
from tests.remediators.npm.projects import NPM, encoded, unit_of
from tests.remediators.real_tools import RealTools

pytestmark = pytest.mark.registry

EXAMPLE = "https://registry.example/npm"
# The same everywhere; npm looks at it only when it installs.
MINIMIST_120 = "sha512-7Wl+Jz+IGWuSdgsQEJ4JunV0si/iMhg42MnQQG6h1R6TNeVenp4U9x5CC5v/gYqz/fENLQITAWXidNtVL0NNbw=="


def flat(**packages: Any) -> str:
    folders = {"": packages.pop("root", {})} | {f"node_modules/{key}": entry for key, entry in packages.items()}
    return json.dumps({"name": "web", "lockfileVersion": 3, "requires": True, "packages": folders}, indent=4)


def relocked(tmp_path: Path, files: dict[str, Any], *upgrades: Upgrade) -> dict[str, str]:
    """The files after an edit and a relock by the npm of this machine."""
    content = encoded(files)
    unit = unit_of(files)
    work = tmp_path / "work"
    for path, raw in {**content, **NPM.edit(unit, content, upgrades)}.items():
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).write_bytes(raw)
    home = tmp_path / "home"
    home.mkdir(parents=True)
    NPM.relock(unit, work, upgrades, None, RealTools(home))
    assert sorted(str(p.relative_to(work)) for p in work.rglob("*") if p.is_file()) == sorted(files)
    return {path: (work / path).read_bytes().decode() for path in files}


def versions(lock: str) -> dict[str, str]:
    document = json.loads(lock)
    copies = document.get("packages") or document["dependencies"]
    return {
        name.removeprefix("node_modules/"): entry["version"]
        for name, entry in copies.items()
        if name and "version" in entry
    }


@pytest.mark.parametrize(
    ("range_before", "range_after"),
    [
        pytest.param("^1.2.0", "^1.2.0", id="the range admits it"),
        pytest.param("1.2.5", "1.2.6", id="the pin follows"),
        pytest.param("~0.2.1 || 1.2.5", "1.2.6", id="alternatives"),
    ],
)
def test_a_direct_dependency_moves_to_exactly_that_version(tmp_path: Path, range_before: str, range_after: str) -> None:
    manifest = {"name": "web", "dependencies": {"minimist": range_before}}
    lock = flat(root=manifest, minimist={"version": "1.2.5"})
    files = {"package.json": manifest, "package-lock.json": lock}
    after = relocked(tmp_path, files, Upgrade("minimist", "1.2.5", "1.2.6", direct=True))
    assert json.loads(after["package.json"])["dependencies"] == {"minimist": range_after}
    assert versions(after["package-lock.json"]) == {"minimist": "1.2.6"}
    assert json.loads(after["package-lock.json"])["packages"][""]["dependencies"] == {"minimist": range_after}


def test_a_transitive_dependency_moves_alone(tmp_path: Path) -> None:
    manifest = {"name": "web", "dependencies": {"mkdirp": "^0.5.6"}}
    mkdirp = {"version": "0.5.6", "dependencies": {"minimist": "^1.2.6"}, "bin": {"mkdirp": "bin/cmd.js"}}
    before = flat(root=manifest, minimist={"version": "1.2.6"}, mkdirp=mkdirp)
    files = {"package.json": manifest, "package-lock.json": before}
    after = relocked(tmp_path, files, Upgrade("minimist", "1.2.6", "1.2.7", direct=False))
    assert after["package.json"] == json.dumps(manifest)
    assert versions(after["package-lock.json"]) == {"minimist": "1.2.7", "mkdirp": "0.5.6"}
    entry = re.compile(r'"node_modules/minimist": \{.*?\n        \}', re.DOTALL)
    assert entry.sub("", after["package-lock.json"]).strip() == entry.sub("", before).strip()


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_lockfile_keeps_its_version(tmp_path: Path, version: int) -> None:
    manifest = {"name": "web", "dependencies": {"mkdirp": "^0.5.6", "ms": "2.0.0"}}
    packages = {
        "": manifest,
        "node_modules/minimist": {"version": "1.2.6"},
        "node_modules/mkdirp": {"version": "0.5.6", "dependencies": {"minimist": "^1.2.6"}},
        "node_modules/ms": {"version": "2.0.0"},
    }
    tree = {
        "minimist": {"version": "1.2.6"},
        "mkdirp": {"version": "0.5.6", "requires": {"minimist": "^1.2.6"}},
        "ms": {"version": "2.0.0"},
    }
    parts = {1: {"dependencies": tree}, 2: {"packages": packages, "dependencies": tree}, 3: {"packages": packages}}
    lock = json.dumps({"name": "web", "lockfileVersion": version, "requires": True, **parts[version]}, indent="\t")
    lock = lock.replace("\n", "\r\n")
    after = relocked(
        tmp_path,
        {"package.json": manifest, "package-lock.json": lock},
        Upgrade("minimist", "1.2.6", "1.2.7", direct=False),
        Upgrade("ms", "2.0.0", "2.1.1", direct=True),
    )["package-lock.json"]
    document = json.loads(after)
    assert (document["lockfileVersion"], sorted(document.keys() & parts[2].keys())) == (version, sorted(parts[version]))
    assert versions(after) == {"minimist": "1.2.7", "mkdirp": "0.5.6", "ms": "2.1.1"}
    if version < 3:
        assert document["dependencies"]["mkdirp"]["requires"] == {"minimist": "^1.2.6"}
    assert after.startswith('{\r\n\t"name"')
    assert after.count("\n") == after.count("\r\n")


def test_archives_keep_the_registry_that_the_lockfile_names(tmp_path: Path) -> None:
    manifest = {"name": "web", "dependencies": {"minimist": "^1.2.0"}}
    entry = {"version": "1.2.0", "resolved": f"{EXAMPLE}/minimist/-/minimist-1.2.0.tgz", "integrity": MINIMIST_120}
    files = {"package.json": manifest, "package-lock.json": flat(root=manifest, minimist=entry)}
    after = relocked(tmp_path, files, Upgrade("minimist", "1.2.0", "1.2.6", direct=True))
    found = json.loads(after["package-lock.json"])["packages"]["node_modules/minimist"]
    assert found["resolved"] == f"{EXAMPLE}/minimist/-/minimist-1.2.6.tgz"
    assert found["integrity"].startswith("sha512-")


def test_a_workspace_gets_its_own_copy(tmp_path: Path) -> None:
    manifest = {"name": "web", "private": True, "workspaces": ["packages/*"], "dependencies": {"minimist": "^1.2.8"}}
    member = {"name": "x", "version": "1.0.0", "dependencies": {"minimist": "0.2.1"}}
    packages = {
        "": manifest,
        "node_modules/minimist": {"version": "1.2.8"},
        "node_modules/x": {"resolved": "packages/x", "link": True},
        "packages/x": {"version": "1.0.0", "dependencies": {"minimist": "0.2.1"}},
        "packages/x/node_modules/minimist": {"version": "0.2.1"},
    }
    lock = {"name": "web", "lockfileVersion": 3, "requires": True, "packages": packages}
    files = {"package.json": manifest, "package-lock.json": lock, "packages/x/package.json": member}
    after = relocked(tmp_path, files, Upgrade("minimist", "0.2.1", "0.2.4", direct=True))
    assert json.loads(after["packages/x/package.json"])["dependencies"] == {"minimist": "0.2.4"}
    found = json.loads(after["package-lock.json"])["packages"]
    assert found["packages/x/node_modules/minimist"]["version"] == "0.2.4"
    assert found["node_modules/minimist"]["version"] == "1.2.8"


def test_a_peer_that_would_be_left_without_blocks(tmp_path: Path) -> None:
    manifest = {"name": "web", "dependencies": {"react": "^16.14.0", "react-test-renderer": "^16.14.0"}}
    renderer = {"version": "16.14.0", "peerDependencies": {"react": "^16.14.0"}}
    lock = flat(root=manifest, react={"version": "16.14.0"}, **{"react-test-renderer": renderer})
    files = {"package.json": manifest, "package-lock.json": lock}
    with pytest.raises(BlockedError, match=r"blocked.* react-test-renderer .*react"):
        relocked(tmp_path, files, Upgrade("react", "16.14.0", "17.0.2", direct=True))


def test_npm_tells_its_version(tmp_path: Path) -> None:
    files: dict[str, Any] = {"package.json": {}, "package-lock.json": {}}
    found = NPM.tool_versions(unit_of(files), encoded(files).get, RealTools(tmp_path))
    assert [bool(re.fullmatch(r"\d+\.\d+\.\d+.*", found[name])) for name in ("npm", "node")] == [True, True]


def test_a_routine_update_leaves_the_copy_that_another_package_needs(tmp_path: Path) -> None:
    manifest = {"name": "web", "dependencies": {"minimist": "^0.2.1", "old": "npm:mkdirp@0.5.2"}}
    packages = {
        "": manifest,
        "node_modules/minimist": {"version": "0.2.1"},
        "node_modules/old": {"name": "mkdirp", "version": "0.5.2", "dependencies": {"minimist": "0.2.1"}},
    }
    lock = json.dumps({"name": "web", "lockfileVersion": 3, "requires": True, "packages": packages}, indent=2)
    files = {"package.json": manifest, "package-lock.json": lock}
    after = relocked(tmp_path, files, Upgrade("minimist", "0.2.1", "1.2.8", direct=True, everywhere=False))
    assert json.loads(after["package.json"])["dependencies"]["minimist"] == "^1.2.8"
    assert versions(after["package-lock.json"]) == {
        "minimist": "1.2.8",
        "old": "0.5.2",
        "old/node_modules/minimist": "0.2.1",
    }


def test_an_override_sets_aside_what_others_require(tmp_path: Path) -> None:
    manifest = {"name": "web", "dependencies": {"minimist": "^1.2.5", "mkdirp": "0.5.1"}}
    packages = {
        "": manifest,
        "node_modules/minimist": {"version": "1.2.5"},
        "node_modules/mkdirp": {"version": "0.5.1", "dependencies": {"minimist": "0.0.8"}},
        "node_modules/mkdirp/node_modules/minimist": {"version": "0.0.8"},
    }
    lock = {"name": "web", "lockfileVersion": 3, "requires": True, "packages": packages}
    files = {"package.json": json.dumps(manifest, indent=2), "package-lock.json": json.dumps(lock, indent=2)}
    without = Upgrade("minimist", "0.0.8", "0.2.4", direct=False)
    with pytest.raises(BlockedError) as caught:
        relocked(tmp_path / "refused", files, without)
    assert [(b.package, b.version, b.requirement) for b in caught.value.blockers] == [("mkdirp", "0.5.1", "0.0.8")]
    after = relocked(tmp_path, files, replace(without, override=True))
    assert json.loads(after["package.json"]) == {**manifest, "overrides": {"minimist@0.0.8": "0.2.4"}}
    found = json.loads(after["package-lock.json"])["packages"]
    assert found["node_modules/minimist"]["version"] == "1.2.5"
    assert found["node_modules/mkdirp/node_modules/minimist"]["version"] == "0.2.4"
    assert found["node_modules/mkdirp"]["dependencies"] == {"minimist": "0.0.8"}


def test_a_parent_and_what_it_asks_for_move_together(tmp_path: Path) -> None:
    manifest = {"name": "web", "dependencies": {"mkdirp": "0.5.1"}}
    mkdirp = {"version": "0.5.1", "dependencies": {"minimist": "0.0.8"}, "bin": {"mkdirp": "bin/cmd.js"}}
    files = {
        "package.json": manifest,
        "package-lock.json": flat(root=manifest, minimist={"version": "0.0.8"}, mkdirp=mkdirp),
    }
    parent = Upgrade("mkdirp", "0.5.1", "0.5.5", direct=True)
    after = relocked(tmp_path, files, parent, Upgrade("minimist", "0.0.8", "1.2.6", direct=False))
    assert json.loads(after["package.json"])["dependencies"] == {"mkdirp": "0.5.5"}
    # 1.2.6 is not the newest that mkdirp 0.5.5 admits.
    assert versions(after["package-lock.json"]) == {"minimist": "1.2.6", "mkdirp": "0.5.5"}
    assert json.loads(after["package-lock.json"])["packages"]["node_modules/mkdirp"]["dependencies"] == {
        "minimist": "^1.2.5"
    }


def test_a_shrinkwrap_is_relocked_as_well(tmp_path: Path) -> None:
    manifest = {"name": "web", "dependencies": {"minimist": "^1.2.0"}}
    files = {"package.json": manifest, "npm-shrinkwrap.json": flat(root=manifest, minimist={"version": "1.2.0"})}
    after = relocked(tmp_path, files, Upgrade("minimist", "1.2.0", "1.2.6", direct=True))
    assert versions(after["npm-shrinkwrap.json"]) == {"minimist": "1.2.6"}


def test_an_override_of_a_workspace_stands_at_its_root(tmp_path: Path) -> None:
    manifest = {"name": "web", "private": True, "workspaces": ["packages/*"]}
    member = {"name": "x", "version": "1.0.0", "dependencies": {"minimist": "^1.2.5", "mkdirp": "0.5.1"}}
    packages = {
        "": manifest,
        "node_modules/minimist": {"version": "1.2.5"},
        "node_modules/mkdirp": {"version": "0.5.1", "dependencies": {"minimist": "0.0.8"}},
        "node_modules/mkdirp/node_modules/minimist": {"version": "0.0.8"},
        "node_modules/x": {"resolved": "packages/x", "link": True},
        "packages/x": {"version": "1.0.0", "dependencies": member["dependencies"]},
    }
    lock = {"name": "web", "lockfileVersion": 3, "requires": True, "packages": packages}
    files = {"package.json": manifest, "package-lock.json": lock, "packages/x/package.json": member}
    up = Upgrade("minimist", "0.0.8", "0.2.4", direct=False, override=True)
    after = relocked(tmp_path, files, up)
    assert json.loads(after["package.json"]) == {**manifest, "overrides": {"minimist@0.0.8": "0.2.4"}}
    assert json.loads(after["packages/x/package.json"]) == member
    found = versions(after["package-lock.json"])
    assert (found["minimist"], found["mkdirp/node_modules/minimist"]) == ("1.2.5", "0.2.4")


def test_an_override_of_a_workspace_reaches_the_only_copy(tmp_path: Path) -> None:
    manifest = {"name": "web", "private": True, "workspaces": ["packages/*"]}
    member = {"name": "x", "version": "1.0.0", "dependencies": {"mkdirp": "0.5.1"}}
    packages = {
        "": manifest,
        "node_modules/minimist": {"version": "0.0.8"},
        "node_modules/mkdirp": {"version": "0.5.1", "dependencies": {"minimist": "0.0.8"}},
        "node_modules/x": {"resolved": "packages/x", "link": True},
        "packages/x": {"version": "1.0.0", "dependencies": member["dependencies"]},
    }
    lock = {"name": "web", "lockfileVersion": 3, "requires": True, "packages": packages}
    files = {"package.json": manifest, "package-lock.json": lock, "packages/x/package.json": member}
    up = Upgrade("minimist", "0.0.8", "0.2.4", direct=False, override=True)
    assert versions(relocked(tmp_path, files, up)["package-lock.json"])["minimist"] == "0.2.4"


def test_the_lockfile_changes_no_more_than_with_npm_alone(tmp_path: Path) -> None:
    manifest = {"name": "web", "dependencies": {"mkdirp": "^0.5.6"}}
    mkdirp = {"version": "0.5.6", "dependencies": {"minimist": "^1.2.6"}, "bin": {"mkdirp": "bin/cmd.js"}}
    before = flat(root=manifest, minimist={"version": "1.2.6"}, mkdirp=mkdirp)
    files = {"package.json": json.dumps(manifest, indent=4), "package-lock.json": before}
    ours = relocked(tmp_path, files, Upgrade("minimist", "1.2.6", "1.2.8", direct=False))["package-lock.json"]
    alone = tmp_path / "alone"
    alone.mkdir()
    for path, content in encoded(files).items():
        (alone / path).write_bytes(content)
    RealTools(tmp_path / "home").run(
        ("npm", "update", "minimist", "--package-lock-only", "--ignore-scripts", "--omit-lockfile-registry-resolved"),
        alone,
    )
    theirs = (alone / "package-lock.json").read_text()
    assert versions(ours) == versions(theirs)
    assert 0 < changed(before, ours) <= changed(before, theirs)


def changed(before: str, after: str) -> int:
    """How many lines differ."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return sum(line[0] in "+-" and not line.startswith(("+++", "---")) for line in lines)
