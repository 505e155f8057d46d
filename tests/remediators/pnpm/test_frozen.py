import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from remediators.documents.yaml_spans import read
from remediators.pnpm.frozen import doubts
from remediators.pnpm.pins import Pins
from remediators.pnpm.units import project
from tests.remediators.npm.projects import encoded
from tests.remediators.pnpm.projects import lock_9, unit_of
from tests.remediators.pnpm.test_inventory import LOCK_54, LOCK_60, LOCK_90, LOCKS, MANIFEST

Files = dict[str, Any]

IMPORTERS = """  .:
    dependencies:
      a:
        specifier: workspace:*
        version: link:a
    devDependencies:
      ms:
        specifier: 'catalog:'
        version: 2.0.5

  a:
    dependencies:
      debug:
        specifier: ^4.0.0
        version: 4.1.0(ms@2.0.5)
    optionalDependencies:
      ms:
        specifier: ~2.0.0
        version: 2.0.5
"""
TOP = """settings:
  autoInstallPeers: true
  excludeLinksFromLockfile: false

catalogs:
  default:
    ms:
      specifier: ^2.0.0
      version: 2.0.5

overrides:
  x>y: 1.0.0

packageExtensionsChecksum: sha256-AAAA

patchedDependencies:
  ms: {hash: aaaa, path: ms.patch}

importers:"""
LOCK = lock_9(
    IMPORTERS, {"debug@4.1.0(ms@2.0.5)": "\n    dependencies:\n      ms: 2.0.5", "ms@2.0.5": "", "y@1.0.0": ""}
).replace("importers:", TOP, 1)
PROJECT: Mapping[str, Any] = {
    "package.json": {
        "dependencies": {"a": "workspace:*"},
        "devDependencies": {"ms": "catalog:"},
        "pnpm": {"overrides": {"x>y": "1.0.0"}},
    },
    "a/package.json": {
        "name": "a",
        "dependencies": {"debug": "^4.0.0"},
        "devDependencies": {"ms": "2.x"},
        "optionalDependencies": {"ms": "~2.0.0"},
        "peerDependencies": {"debug": "*"},
    },
    "pnpm-workspace.yaml": "packages: [a]\ncatalog:\n  ms: ^2.0.0\n",
    "pnpm-lock.yaml": LOCK,
}
PINNED = Pins(
    lines={("a", "dependencies", "debug"): ("4.1.0", "^4.0.0")},
    catalogs={("catalog", "ms"): ("2.0.5", "^2.0.0")},
    overrides={"debug@4.1.0>ms": "2.0.5"},
)
WRITTEN = (
    LOCK.replace("specifier: ^4.0.0", "specifier: 4.1.0")
    .replace("specifier: ^2.0.0", "specifier: 2.0.5")
    .replace("overrides:\n", "overrides:\n  debug@4.1.0>ms: 2.0.5\n")
)


def doubted(files: Mapping[str, Any], written: str, used: Pins = PINNED) -> list[str]:
    found = project(unit_of(files), encoded(files).get)
    return list(doubts(found, read(written.encode(), "pnpm-lock.yaml").value, used))


def test_a_lockfile_that_says_what_the_manifests_say_is_taken() -> None:
    assert doubted(PROJECT, WRITTEN) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_version_of_the_lockfile_is_understood(lock: str) -> None:
    files = {"package.json": MANIFEST, "pnpm-lock.yaml": lock}
    assert doubted(files, lock.replace("^4.0.0", "4.1.0"), Pins()) == []


@pytest.mark.parametrize(
    ("lock", "there", "put", "reason"),
    [
        pytest.param(LOCK_54, "  debug: ^4", "  debug: ~4", "it asks for something else", id="5.4: a specifier"),
        pytest.param(LOCK_54, "  debug: ^4.0.0\n", "", "it asks for something else", id="5.4: no specifier"),
        pytest.param(LOCK_54, "  debug: ^4", "  x: '1'\n  debug: ^4", "it asks for others", id="5.4: one too many"),
        pytest.param(LOCK_54, "old: /ms/2.0.0", "old: /ms/2.0.1", "needs old, which leads to", id="5.4: an alias"),
        pytest.param(LOCK_54, "'@s/x': 1.0.0", "'@s/x': 1.0.1", "needs @s/x, which leads to", id="5.4: of a package"),
        pytest.param(LOCK_60, "specifier: ^4", "specifier: ~4", "it asks for something else", id="6.0: a specifier"),
        pytest.param(LOCK_60, "version: 4.1.0", "version: 4.1.1", "needs debug, which leads to", id="6.0: a version"),
        pytest.param(LOCK_60, "'@s/x': 1.0.0", "'@s/x': 1.0.1", "needs @s/x, which leads to", id="6.0: of a package"),
        pytest.param(LOCK_90, "specifier: ^4", "specifier: ~4", "it asks for something else", id="9.0: a specifier"),
        pytest.param(LOCK_90, "version: ms@2.0.0", "version: 2.0.0", "needs old, which leads to", id="9.0: an alias"),
        pytest.param(LOCK_90, "'@s/x': 1.0.0", "'@s/x': 1.0.1", "needs @s/x, which leads to", id="9.0: of a package"),
    ],
)
def test_no_version_with_a_mistake_in_it_is_taken(lock: str, there: str, put: str, reason: str) -> None:
    assert there in lock
    files = {"package.json": MANIFEST, "pnpm-lock.yaml": lock.replace(there, put, 1)}
    assert any(reason in doubt for doubt in doubted(files, lock, Pins()))


def lock(before: str, after: str) -> Callable[[Files], None]:
    """A change of the lockfile, that pnpm did not make."""

    def change(files: Files) -> None:
        assert before in files["pnpm-lock.yaml"]
        files["pnpm-lock.yaml"] = files["pnpm-lock.yaml"].replace(before, after, 1)

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(lock("specifier: ^4.0.0", "specifier: 4.1.0"), "a/package.json: it asks", id="a pin stays"),
        pytest.param(lock("specifier: ~2.0.0", "specifier: 2.x"), "a/package.json: it asks", id="of another section"),
        pytest.param(lock("specifier: 'catalog:'", "specifier: ^2.0.0"), "package.json: it asks", id="catalog gone"),
        pytest.param(
            lock("        specifier: ^4.0.0\n", ""), "a/package.json: it asks for something else", id="no specifier"
        ),
        pytest.param(
            lock("      specifier: ^2.0.0\n", "      specifier: 2.0.5\n"),
            "ms is not in the catalog default like that",
            id="a pin stays in the catalog",
        ),
        pytest.param(
            lock("  default:\n    ms:", "  default:\n    mz:"),
            "not what the catalog default has",
            id="not in the catalog",
        ),
        pytest.param(
            lock("      version: 2.0.5\n\noverrides", "      version: 2.0.4\n\noverrides"),
            "not what the catalog default has",
            id="another version in the catalog",
        ),
        pytest.param(
            lock("overrides:\n", "overrides:\n  debug@4.1.0>ms: 2.0.5\n"),
            "overrides are not",
            id="a pin stays as override",
        ),
        pytest.param(
            lock("overrides:\n  x>y: 1.0.0\n\n", ""), "overrides are not the project's", id="overrides are gone"
        ),
        pytest.param(lock("x>y: 1.0.0", "x>y: 1.0.1"), "overrides are not the project's", id="another override"),
        pytest.param(lock("sha256-AAAA", "sha256-BBBB"), "more than words", id="checksum of packageExtensions"),
        pytest.param(lock("hash: aaaa", "hash: bbbb"), "more than words", id="hash of a patch"),
        pytest.param(lock("autoInstallPeers: true", "autoInstallPeers: false"), "more than words", id="a setting"),
        pytest.param(lock("integrity: sha512-AAAA", "integrity: sha512-BBBB"), "more than words", id="a hash"),
        pytest.param(lock("lockfileVersion: '9.0'\n", "lockfileVersion: '9.0'\nx: y\n"), "more than words", id="more"),
        pytest.param(lock("  'ms@2.0.5': {}\n", ""), "debug@4.1.0(ms@2.0.5) needs ms, which leads", id="no snapshot"),
        pytest.param(
            lock("  'y@1.0.0':\n    resolution: {integrity: sha512-AAAA}\n", ""), "y@1.0.0 has only one half", id="half"
        ),
        pytest.param(lock("version: 4.1.0(ms@2.0.5)", "version: 4.1.0"), "leads to nothing", id="without its peer"),
        pytest.param(lock("link:a", "link:b"), "leads to a folder that is not known", id="a link elsewhere"),
        pytest.param(lock("\n  a:\n", "\n  b:\n"), "folders are not those of the lockfile", id="another folder"),
    ],
)
def test_a_lockfile_put_back_wrongly_is_not_taken(change: Callable[[Files], None], reason: str) -> None:
    files = {**PROJECT}
    change(files)
    assert any(reason in doubt for doubt in doubted(files, WRITTEN))


def said(path: str, **members: Any) -> Callable[[Files], None]:
    """Another package.json; a member that is None is taken out."""

    def change(files: Files) -> None:
        document = json.loads(json.dumps({**files[path], **members}))
        files[path] = {key: value for key, value in document.items() if value is not None}

    return change


A = "a/package.json"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(said(A, dependencies={"debug": "^4.0.1"}), "it asks for something else", id="another range"),
        pytest.param(
            said(A, dependencies=None, devDependencies={"debug": "^4.0.0"}), "it asks for something", id="section"
        ),
        pytest.param(said(A, optionalDependencies=None), "it asks for something else", id="the other section decides"),
        pytest.param(said(A, dependencies={"debug": "^4.0.0", "z": "1"}), "it asks for something else", id="one more"),
        pytest.param(said(A, peerDependencies={"z": "1"}), "it asks for something else", id="a peer that is installed"),
        pytest.param(said(A, dependencies={"debug": 4}), "it asks for something else", id="no string"),
        pytest.param(said(A, dependenciesMeta={"ms": {"injected": True}}), "another dependenciesMeta", id="injected"),
        pytest.param(said(A, publishConfig={"directory": "dist"}), "directory to publish", id="publishConfig"),
        pytest.param(said("package.json", pnpm=None), "overrides are not the project's", id="no overrides"),
        pytest.param(said("package.json", resolutions={"z": "1"}), "overrides in several places", id="resolutions"),
        pytest.param(said(A, name="debug"), "a: debug is in the workspace as well", id="a name of the workspace"),
        pytest.param(said("package.json", packageManager="pnpm@11.0.0"), "pnpm 11 may look at more", id="a newer pnpm"),
    ],
)
def test_other_manifests_are_not_those_of_the_lockfile(change: Callable[[Files], None], reason: str) -> None:
    files = {**PROJECT}
    change(files)
    assert any(reason in doubt for doubt in doubted(files, WRITTEN))


@pytest.mark.parametrize(
    ("workspace", "reason"),
    [
        pytest.param("packages: [a]\ncatalog:\n  ms: ^2.0.1\n", "not in the catalog default like that", id="another"),
        pytest.param("packages: [a]\ncatalogs:\n  x:\n    ms: ^2.0.0\n", "not in the catalog default", id="gone"),
        pytest.param(
            "packages: [a]\ncatalog:\n  ms: ^2.0.0\noverrides: {z: '1'}\n", "in several places", id="overrides"
        ),
    ],
)
def test_another_workspace_is_not_that_of_the_lockfile(workspace: str, reason: str) -> None:
    assert any(reason in doubt for doubt in doubted({**PROJECT, "pnpm-workspace.yaml": workspace}, WRITTEN))


ONE = lock_9(
    "  .:\n    dependencies:\n      ms:\n        specifier: ^2.0.0\n        version: 2.0.5\n", {"ms@2.0.5": ""}
)


@pytest.mark.parametrize(
    ("manifest", "lockfile", "used", "reason"),
    [
        pytest.param({}, ONE.replace("version: 2.0.5", "version: file:x"), Pins(), "ms is a file", id="file"),
        pytest.param(
            {},
            ONE.replace("version: 2.0.5", "version: link:x"),
            Pins(lines={("", "dependencies", "ms"): ("2.0.5", "^2.0.0")}),
            "ms is a package no more",
            id="the workspace has it when the pin is gone",
        ),
        pytest.param(
            {"dependencies": {"ms": "^3.0.0"}},
            ONE.replace("^2.0.0", "^3.0.0"),
            Pins(),
            ".: ms is not in its range",
            id="out of range",
        ),
        pytest.param(
            {"dependencies": {"ms": "%"}},
            ONE.replace("^2.0.0", "'%'"),
            Pins(),
            "asks for what is not understood",
            id="no range",
        ),
        pytest.param(
            {"pnpm": {"overrides": {"ms": "2.0.5"}}},
            ONE.replace("importers:", "overrides:\n  ms: 2.0.5\n\nimporters:", 1),
            Pins(),
            "the override ms is about what a package.json asks for",
            id="an override of what package.json asks for",
        ),
        pytest.param(
            {"pnpm": {"overrides": {"x": "$ms"}}},
            ONE.replace("importers:", "overrides:\n  x: ^2.0.0\n\nimporters:", 1),
            Pins(),
            "the overrides are not the project's",
            id="an override that refers to another line",
        ),
        pytest.param(
            {"peerDependencies": {"z": "1"}}, ONE, Pins(), "what happens to its peers is not known", id="no setting"
        ),
        pytest.param(
            {},
            ONE.replace("importers:", "settings:\n  excludeLinksFromLockfile: true\n\nimporters:", 1),
            Pins(),
            "its links are not locked",
            id="links",
        ),
        pytest.param({}, ONE.replace("version: 2.0.5", "version: []"), Pins(), "of another shape", id="shape"),
    ],
)
def test_what_pnpm_may_see_otherwise_is_left_to_it(manifest: Any, lockfile: str, used: Pins, reason: str) -> None:
    files = {"package.json": {"dependencies": {"ms": "^2.0.0"}, **manifest}, "pnpm-lock.yaml": lockfile}
    assert any(reason in doubt for doubt in doubted(files, lockfile, used))


def test_a_peer_that_was_pinned_is_left_to_pnpm() -> None:
    settings = "settings:\n  autoInstallPeers: true\n\nimporters:"
    lockfile = ONE.replace("importers:", settings, 1)
    files = {"package.json": {"peerDependencies": {"ms": "^2.0.0"}}, "pnpm-lock.yaml": lockfile}
    assert doubted(files, lockfile, Pins()) == []
    used = Pins(lines={("", "peerDependencies", "ms"): ("2.0.5", "^2.0.0")})
    assert doubted(files, lockfile, used) == ["package.json: what happens to its peers is not known"]


@pytest.mark.parametrize(("written", "taken"), [("'2'", True), ("2", False), ("2.x", True), ("0x2", False)])
def test_a_number_in_a_catalog_is_not_the_text_that_was_put_back(written: str, taken: bool) -> None:
    spec = written.strip("'")
    catalogs = f"catalogs:\n  default:\n    ms:\n      specifier: '{spec}'\n      version: 2.0.5\n\nimporters:"
    lockfile = ONE.replace("specifier: ^2.0.0", "specifier: 'catalog:'").replace("importers:", catalogs, 1)
    files = {
        "package.json": {"dependencies": {"ms": "catalog:"}},
        "pnpm-workspace.yaml": f"catalog:\n  ms: {written}\n",
        "pnpm-lock.yaml": lockfile,
    }
    found = doubted(files, lockfile, Pins(catalogs={("catalog", "ms"): ("2.0.5", spec)}))
    assert found == ([] if taken else ["ms in a catalog may be no text"])
