"""Whatever a repository holds, nothing but a ManifestError (or a block) comes out."""

import contextlib
import dataclasses
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from remediators.api import Upgrade
from remediators.errors import BlockedError, ManifestError
from tests.remediators.npm.projects import encoded
from tests.remediators.pnpm.projects import PNPM, unit_of

KEYS = ["a", "@s/a", "a@1.0.0", "/a@1.0.0", "/a/1.0.0", "a@1.0.0(b@1.0.0)", "", "@", "/", "..", "../x", "\x1b[31m"]
WORDS = ["1.0.0", "^1.0.0", "catalog:", "catalog:x", "workspace:*", "link:../x", "npm:b@1", "$a", ">", "a>b"]
FIELDS = ["dependencies", "devDependencies", "peerDependencies", "specifier", "version", "specifiers", "resolution"]
keys = st.sampled_from([*KEYS, *FIELDS])
leaves = st.sampled_from(WORDS) | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(keys, inner, max_size=4), max_leaves=16
)
objects = st.dictionaries(keys, values, max_size=4)
lines = st.dictionaries(keys, leaves, max_size=4)
manifests = values | st.fixed_dictionaries(
    {},
    optional={
        "dependencies": lines,
        "devDependencies": lines,
        "pnpm": objects,
        "resolutions": lines,
        "engines": values,
    },
)
locks = values | st.fixed_dictionaries(
    {"lockfileVersion": st.sampled_from(["5.4", "6.0", "9.0"])},
    optional={
        "importers": st.dictionaries(st.sampled_from([".", "x", "../y"]), objects | values, max_size=2),
        "packages": st.dictionaries(keys, objects | values, max_size=4),
        "snapshots": st.dictionaries(keys, objects | values, max_size=4),
        "settings": values,
        "dependencies": lines,
    },
)
workspaces = values | st.fixed_dictionaries(
    {}, optional={"catalog": lines | values, "catalogs": objects, "overrides": lines | values, "packages": values}
)
UPS = [
    Upgrade("a", "1.0.0", "2.0.0", direct=True),
    Upgrade("a", "1.0.0", "2.0.0", direct=False, override=True),
    Upgrade("@s/a", "1.0.0", "2.0.0", direct=False, override=True),
]


@given(manifests, locks, workspaces, st.binary(max_size=20))
def test_nothing_but_a_manifest_error_comes_out(manifest: Any, lock: Any, workspace: Any, npmrc: bytes) -> None:
    # JSON is YAML, too.
    files = {
        "package.json": json.dumps(manifest),
        "pnpm-lock.yaml": json.dumps(lock),
        "pnpm-workspace.yaml": json.dumps(workspace),
        "x/package.json": json.dumps(manifest),
    }
    content = {**encoded(files), ".npmrc": npmrc}
    with contextlib.suppress(ManifestError):
        unit = unit_of({**files, ".npmrc": ""})
        parsed = PNPM.parse(unit, content.get)
        for text in (text for d in parsed.dependencies for text in dataclasses.astuple(d)):
            str(text).encode()
        for problem in parsed.problems:
            problem.reason.encode()
        PNPM.requirers(unit, content.get, "a", "1.0.0")
        for upgrade in UPS:
            with contextlib.suppress(ManifestError, BlockedError):
                PNPM.edit(unit, content, [upgrade])


@given(st.binary(max_size=40), st.binary(max_size=60), st.binary(max_size=60))
def test_bytes_of_any_kind_are_refused_in_the_same_way(manifest: bytes, lock: bytes, workspace: bytes) -> None:
    content = {"package.json": manifest, "pnpm-lock.yaml": lock, "pnpm-workspace.yaml": workspace}
    with contextlib.suppress(ManifestError):
        (unit,) = PNPM.units(sorted(content))
        PNPM.parse(PNPM.expand(unit, content.get), content.get)
