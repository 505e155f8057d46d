from collections.abc import Mapping
from typing import Any

import pytest

from remediators.api import Unit
from remediators.errors import ManifestError, Requirer
from state.model import Scope
from tests.remediators.npm.projects import encoded
from tests.remediators.pnpm.projects import PNPM, lock_9, parsed, unit_of

MANIFEST = {
    "engines": {"node": ">=18"},
    "dependencies": {"debug": "^4.0.0", "old": "npm:ms@^2.0.0"},
    "devDependencies": {"react-dom": "^18.0.0"},
}
LOCK_54 = """lockfileVersion: 5.4
specifiers:
  debug: ^4.0.0
  old: npm:ms@^2.0.0
  react-dom: ^18.0.0
dependencies:
  debug: 4.1.0
  old: /ms/2.0.0
devDependencies:
  react-dom: 18.2.0_react@18.2.0
packages:
  /@s/x/1.0.0:
    resolution: {integrity: sha512-AAAA}
  /debug/4.1.0:
    resolution: {integrity: sha512-AAAA}
    dependencies:
      '@s/x': 1.0.0
  /ms/2.0.0:
    resolution: {integrity: sha512-AAAA}
  /react-dom/18.2.0_react@18.2.0:
    resolution: {integrity: sha512-AAAA}
    peerDependencies:
      react: ^18.2.0
    dependencies:
      react: 18.2.0
  /react/18.2.0:
    resolution: {integrity: sha512-AAAA}
"""
LOCK_60 = """lockfileVersion: '6.0'
dependencies:
  debug:
    specifier: ^4.0.0
    version: 4.1.0
  old:
    specifier: npm:ms@^2.0.0
    version: /ms@2.0.0
devDependencies:
  react-dom:
    specifier: ^18.0.0
    version: 18.2.0(react@18.2.0)
packages:
  /@s/x@1.0.0:
    resolution: {integrity: sha512-AAAA}
  /debug@4.1.0:
    resolution: {integrity: sha512-AAAA}
    dependencies:
      '@s/x': 1.0.0
  /ms@2.0.0:
    resolution: {integrity: sha512-AAAA}
  /react-dom@18.2.0(react@18.2.0):
    resolution: {integrity: sha512-AAAA}
    peerDependencies:
      react: ^18.2.0
    dependencies:
      react: 18.2.0
  /react@18.2.0:
    resolution: {integrity: sha512-AAAA}
"""
LOCK_90 = """lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      debug:
        specifier: ^4.0.0
        version: 4.1.0
      old:
        specifier: npm:ms@^2.0.0
        version: ms@2.0.0
    devDependencies:
      react-dom:
        specifier: ^18.0.0
        version: 18.2.0(react@18.2.0)
packages:
  '@s/x@1.0.0':
    resolution: {integrity: sha512-AAAA}
  debug@4.1.0:
    resolution: {integrity: sha512-AAAA}
  ms@2.0.0:
    resolution: {integrity: sha512-AAAA}
  react-dom@18.2.0:
    resolution: {integrity: sha512-AAAA}
    peerDependencies:
      react: ^18.2.0
  react@18.2.0:
    resolution: {integrity: sha512-AAAA}
snapshots:
  '@s/x@1.0.0': {}
  debug@4.1.0:
    dependencies:
      '@s/x': 1.0.0
  ms@2.0.0: {}
  react-dom@18.2.0(react@18.2.0):
    dependencies:
      react: 18.2.0
  react@18.2.0: {}
"""
LOCKS = [pytest.param(LOCK_54, id="5.4"), pytest.param(LOCK_60, id="6.0"), pytest.param(LOCK_90, id="9.0")]


@pytest.mark.parametrize("lock", LOCKS)
def test_each_version_of_the_lockfile_tells_the_same(lock: str) -> None:
    files = {"package.json": MANIFEST, "pnpm-lock.yaml": lock}
    found = parsed(files)
    assert found.problems == ()
    assert {(d.package, d.version, d.requirement, d.direct, d.scope) for d in found.dependencies} == {
        ("debug", "4.1.0", "^4.0.0", True, Scope.RUNTIME),
        ("ms", "2.0.0", "^2.0.0", True, Scope.RUNTIME),
        ("react-dom", "18.2.0", "^18.0.0", True, Scope.DEV),
        ("@s/x", "1.0.0", "", False, Scope.RUNTIME),
        ("react", "18.2.0", "", False, Scope.DEV),
    }
    assert {d.platform for d in found.dependencies} == {">=18"}
    scoped = next(d for d in found.dependencies if d.package == "@s/x")
    assert lock.splitlines()[scoped.line - 1].strip().startswith(("/@s/x", "'@s/x"))


@pytest.mark.parametrize("lock", LOCKS)
def test_who_leads_to_a_package(lock: str) -> None:
    files = {"package.json": MANIFEST, "pnpm-lock.yaml": lock}
    unit, read = unit_of(files), encoded(files).get
    assert PNPM.requirers(unit, read, "@s/x", "1.0.0") == (Requirer("debug", "4.1.0", "", direct=True),)
    assert PNPM.requirers(unit, read, "ms", "2.0.0") == (Requirer("package.json", "", "npm:ms@^2.0.0", direct=True),)
    assert PNPM.requirers(unit, read, "react", "18.2.0") == (Requirer("react-dom", "18.2.0", "^18.2.0", direct=True),)
    assert PNPM.requirers(unit, read, "react", "1.0.0") == ()


WORKSPACE = "packages: ['*']\ncatalog:\n  ms: ^2.0.0 # why\ncatalogs:\n  old:\n    ms: ^1.0.0\n"
IMPORTERS = """  .:
    devDependencies:
      ms:
        specifier: 'catalog:'
        version: 2.0.0
  a:
    dependencies:
      b:
        specifier: workspace:*
        version: link:../b
      ms:
        specifier: 'catalog:'
        version: 2.0.0
  b:
    dependencies:
      ms:
        specifier: catalog:old
        version: 1.0.0
"""
MEMBERS: Mapping[str, Any] = {
    "package.json": {"devDependencies": {"ms": "catalog:"}},
    "a/package.json": {"dependencies": {"ms": "catalog:default", "b": "workspace:*"}},
    "b/package.json": {"dependencies": {"ms": "catalog:old"}},
    "pnpm-workspace.yaml": WORKSPACE,
    "pnpm-lock.yaml": lock_9(IMPORTERS, {"ms@2.0.0": "", "ms@1.0.0": ""}),
}


def test_a_catalog_line_is_one_dependency_however_many_use_it() -> None:
    found = parsed(MEMBERS)
    assert found.problems == ()
    assert [(d.manifest, d.line, d.requirement, d.version, d.scope) for d in found.dependencies] == [
        ("pnpm-workspace.yaml", 3, "^2.0.0", "2.0.0", Scope.RUNTIME),
        ("pnpm-workspace.yaml", 6, "^1.0.0", "1.0.0", Scope.RUNTIME),
    ]
    unit, read = unit_of(MEMBERS), encoded(MEMBERS).get
    assert PNPM.requirers(unit, read, "ms", "1.0.0") == (Requirer("pnpm-workspace.yaml", "", "^1.0.0", direct=True),)


@pytest.mark.parametrize(
    ("manifest", "importers", "reason"),
    [
        pytest.param({"dependencies": {"x": "^1"}}, "  .: {}\n", "x is not in pnpm-lock.yaml", id="not locked"),
        pytest.param(
            {"dependencies": {"x": "catalog:"}}, "  .: {}\n", "no catalog in pnpm-workspace.yaml", id="catalog"
        ),
        pytest.param({"dependencies": {"x": "github:a/b"}}, "  .: {}\n", "does not come from a registry", id="git"),
    ],
)
def test_what_is_not_handled_is_said(manifest: Any, importers: str, reason: str) -> None:
    (problem,) = parsed({"package.json": manifest, "pnpm-lock.yaml": lock_9(importers, {})}).problems
    assert reason in problem.reason


@pytest.mark.parametrize(
    "key", ["x@https://codeload.example/a/b/tar.gz/1", "x@file:../x", "x@git+https://example/x.git#1", "x@next"]
)
def test_locked_packages_of_no_registry_are_said(key: str) -> None:
    found = parsed({"package.json": {}, "pnpm-lock.yaml": lock_9("  .: {}\n", {key: ""})})
    assert found.dependencies == ()
    assert ["does not come from a registry" in problem.reason for problem in found.problems] == [True]


@pytest.mark.parametrize(
    ("lock", "reason"),
    [
        pytest.param("{}", "there is no lockfileVersion", id="an empty document"),
        pytest.param("- a\n", "there is no lockfileVersion", id="a sequence"),
        pytest.param("lockfileVersion: 5.3\n", "lockfile version 5.3 is not handled", id="older"),
        pytest.param("lockfileVersion: '10.0'\n", "lockfile version 10.0 is not handled", id="newer"),
        pytest.param("lockfileVersion: &a '9.0'\n", "anchors are not handled", id="an anchor"),
        pytest.param("lockfileVersion: '9.0'\nimporters: " + "[" * 999, "nested over 60 deep", id="deep"),
    ],
)
def test_a_lockfile_that_cannot_be_read_is_an_error(lock: str, reason: str) -> None:
    with pytest.raises(ManifestError, match=reason):
        parsed({"package.json": {}, "pnpm-lock.yaml": lock})


@pytest.mark.parametrize(
    "lock",
    [
        "lockfileVersion: '9.0'\nimporters: x\npackages: [1]\nsnapshots: y\n",
        "lockfileVersion: '9.0'\nimporters:\n  .: [x]\nsnapshots:\n  '@': {}\n  a@1.0.0: z\n",
        "lockfileVersion: 5.4\ndependencies:\n  a: {b: c}\npackages:\n  /: {}\n  //: {}\n  /a/1.0.0: x\n",
        "lockfileVersion: '6.0'\ndependencies:\n  a: b\npackages:\n  /@: {}\n  '': {dependencies: {a: {b: c}}}\n",
    ],
)
def test_odd_shapes_do_no_harm(lock: str) -> None:
    for problem in parsed({"package.json": {}, "pnpm-lock.yaml": lock}).problems:
        assert problem.reason


@pytest.mark.parametrize("folder", ["../x", "a/../../x", "/etc"])
def test_a_folder_outside_the_repository_is_refused(folder: str) -> None:
    with pytest.raises(ManifestError, match="is outside the repository"):
        unit_of({"package.json": {}, "pnpm-lock.yaml": f"lockfileVersion: '9.0'\nimporters:\n  {folder}: {{}}\n"})


def test_units_hold_what_pnpm_reads() -> None:
    patched = {**MEMBERS, "pnpm-workspace.yaml": f"{WORKSPACE}patchedDependencies: {{ms: patches/ms.patch}}\n"}
    files = {**patched, "patches/ms.patch": "x", ".npmrc": "", "c/package.json": {}}
    assert set(unit_of(files).files) == set(files) - {"c/package.json"}
    assert [unit.manifest for unit in PNPM.units(["pnpm-lock.yaml", "pnpm-workspace.yaml"])] == ["pnpm-workspace.yaml"]
    assert PNPM.units(["pnpm-lock.yaml", "node_modules/a/package.json", "node_modules/a/pnpm-lock.yaml"]) == ()


@pytest.mark.parametrize("beside", ["package-lock.json", "npm-shrinkwrap.json", "yarn.lock"])
def test_another_managers_lockfile_beside_it_decides(beside: str) -> None:
    (unit,) = PNPM.units(sorted(["package.json", "pnpm-lock.yaml", beside]))
    assert unit == Unit("pnpm", "pnpm-lock.yaml", None, ("pnpm-lock.yaml",))
    read = encoded({}).get
    (problem,) = PNPM.parse(PNPM.expand(unit, read), read).problems
    assert "stands beside it and decides; delete the one that is not used" in problem.reason
    assert not problem.fault


def test_registries_of_the_npmrc_count() -> None:
    npmrc = "registry=https://u:p@registry.example/npm/\n@s:registry=https://own.example/\n"
    found = parsed({"package.json": MANIFEST, "pnpm-lock.yaml": LOCK_90, ".npmrc": npmrc}).dependencies
    assert {d.package: d.index for d in found}["@s/x"] == "https://own.example/"
    assert {d.package: d.index for d in found}["debug"] == "https://registry.example/npm/"
