"""Whatever a repository holds, npm's files are read or refused with a ManifestError; nothing else comes out."""

import contextlib
import dataclasses
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from remediators.api import Upgrade
from remediators.errors import ManifestError
from tests.remediators.npm.projects import NPM, encoded, unit_of

KEYS = (
    "",
    "a",
    "@s/a",
    "node_modules/a",
    "node_modules/a/node_modules/b",
    "packages/x",
    "../y",
    "lockfileVersion",
    "packages",
    "dependencies",
    "devDependencies",
    "peerDependencies",
    "requires",
    "version",
    "resolved",
    "name",
    "link",
    "dev",
    "engines",
    "node",
    "\ud800",
)
LEAVES = (
    None,
    True,
    False,
    0,
    1,
    3,
    4,
    -1,
    1.5,
    "",
    "1.0.0",
    "^1.0.0",
    "npm:a@1",
    "npm:",
    "latest",
    "file:x",
    "\x00",
    "\ud800",
)

keys = st.sampled_from(KEYS)
leaves = st.sampled_from(LEAVES) | st.text(max_size=4)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(keys, inner, max_size=4), max_leaves=20
)
objects = st.dictionaries(keys, values, max_size=4)
copies = st.dictionaries(keys, objects | values, max_size=4)
lines = st.dictionaries(keys, leaves, max_size=4)
manifests = (
    st.fixed_dictionaries({}, optional={"dependencies": lines, "peerDependencies": lines, "engines": values}) | values
)
locks = (
    st.fixed_dictionaries(
        {"lockfileVersion": st.sampled_from([1, 2, 3])}, optional={"packages": copies, "dependencies": copies}
    )
    | values
)


@given(manifests, locks | st.none(), st.binary(max_size=20))
def test_nothing_but_a_manifest_error_comes_out(manifest: Any, lock: Any, npmrc: bytes) -> None:
    files = {"package.json": json.dumps(manifest)} | ({} if lock is None else {"package-lock.json": json.dumps(lock)})
    content = {**encoded(files), ".npmrc": npmrc}
    with contextlib.suppress(ManifestError):
        unit = unit_of({**files, ".npmrc": ""})
        parsed = NPM.parse(unit, content.get)
        for text in (text for d in parsed.dependencies for text in dataclasses.astuple(d)):
            str(text).encode()
        for problem in parsed.problems:
            problem.reason.encode()
    with contextlib.suppress(ManifestError):
        NPM.edit(unit_of(files), content, [Upgrade("a", "1.0.0", "2.0.0", direct=True)])


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_bytes_of_any_kind_are_refused_in_the_same_way(manifest: bytes, lock: bytes) -> None:
    content = {"package.json": manifest, "package-lock.json": lock}
    for paths in (["package.json"], ["package.json", "package-lock.json"]):
        with contextlib.suppress(ManifestError):
            (unit,) = NPM.units(paths)
            NPM.parse(NPM.expand(unit, content.get), content.get)
