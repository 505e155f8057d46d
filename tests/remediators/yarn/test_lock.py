import time
from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediators.errors import ManifestError
from remediators.yarn.lock import Lock, lock
from remediators.yarn.syntax import blocks
from tests.remediators.yarn.projects import BERRY_HEAD, CLASSIC_HEAD, berry, classic


def read(text: str) -> Lock:
    return lock(text.encode(), "yarn.lock")


def identities(found: Lock) -> dict[str, tuple[str, str]]:
    return {pattern: entry.identity for pattern, entry in found.by_pattern.items()}


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        pytest.param('ms@2.0.0:\n  version "2.0.0"\n', {"ms@2.0.0": ("ms", "2.0.0")}, id="bare"),
        pytest.param(
            '"@a/b@^1.0.0", "@a/b@^1.2.0":\n  version "1.2.3"\n',
            {"@a/b@^1.0.0": ("@a/b", "1.2.3"), "@a/b@^1.2.0": ("@a/b", "1.2.3")},
            id="quoted, two ranges",
        ),
        pytest.param('"ms@>= 1 < 3":\n  version "2.0.0"\n', {"ms@>= 1 < 3": ("ms", "2.0.0")}, id="blanks in a range"),
        pytest.param('"old@npm:ms@2.0.0":\n  version "2.0.0"\n', {"old@npm:ms@2.0.0": ("ms", "2.0.0")}, id="renamed"),
        pytest.param('ms@latest:\n  version "2.0.0"\n', {"ms@latest": ("ms", "2.0.0")}, id="a tag"),
        pytest.param(
            'ms@2:\n  name real\n  version "2.0.0"\n', {"ms@2": ("real", "2.0.0")}, id="named otherwise inside"
        ),
        pytest.param(
            '"ms@github:a/ms":\n  version "2.0.0"\n', {"ms@github:a/ms": ("ms", "")}, id="not from a registry"
        ),
        pytest.param('ms@2:\n  version "two"\n', {"ms@2": ("ms", "")}, id="no version"),
        pytest.param('ms@2:\r\n  version "2.0.0"\r\n', {"ms@2": ("ms", "2.0.0")}, id="line ends of Windows"),
    ],
)
def test_entries_of_classic(block: str, expected: dict[str, tuple[str, str]]) -> None:
    found = read(CLASSIC_HEAD + block)
    assert identities(found) == expected
    assert (found.berry, found.version) == (False, 1)


@pytest.mark.parametrize(
    ("header", "resolution", "expected"),
    [
        pytest.param("ms@npm:^2.0.0, ms@npm:2.0.0", "ms@npm:2.0.0", ("ms", "2.0.0"), id="plain"),
        pytest.param("@a/b@npm:^1", "@a/b@npm:1.2.3", ("@a/b", "1.2.3"), id="scoped"),
        pytest.param("old@npm:ms@2.0.0", "ms@npm:2.0.0", ("ms", "2.0.0"), id="renamed"),
        pytest.param("ms@npm:2", "ms@npm:2.0.0::__archiveUrl=x", ("ms", "2.0.0"), id="an archive elsewhere"),
        pytest.param("a@workspace:packages/a", "a@workspace:packages/a", ("a", ""), id="a workspace"),
        pytest.param("ms@patch:ms@npm%3A2#x", "ms@patch:ms@npm%3A2.0.0#x", ("ms", ""), id="a patch"),
        pytest.param("ms@a/ms", "ms@https://git.example/a/ms.git#commit=1", ("ms", ""), id="not from a registry"),
    ],
)
def test_entries_of_berry(header: str, resolution: str, expected: tuple[str, str]) -> None:
    found = read(berry({header: {"version": "2.0.0", "resolution": resolution}}))
    assert set(identities(found).values()) == {expected}
    assert set(found.by_pattern) == set(header.split(", "))


def test_what_is_not_handled_is_said_with_its_line() -> None:
    found = read(CLASSIC_HEAD + '"ms@github:a/ms":\n  version "2.0.0"\n')
    (entry,) = found.entries
    assert entry.problem is not None
    assert entry.problem.reason == (
        "yarn.lock:4: 'ms@github:a/ms' does not come from a registry and is not handled: check it yourself"
    )


def test_needs_tell_what_is_optional() -> None:
    needs = {"dependencies": {"ms": "2.0.0"}, "optionalDependencies": {"@a/b": "^1"}}
    (entry,) = read(classic({"debug@^4": {"version": "4.0.0", **needs}})).entries
    assert entry.needs == {("dependencies", "ms"): "2.0.0", ("optionalDependencies", "@a/b"): "^1"}
    meta = "  dependencies:\n    ms: 2.0.0\n  dependenciesMeta:\n    ms:\n      optional: true\n"
    text = berry({"debug@npm:^4": {"version": "4.0.0"}}).replace("  checksum", f"{meta}  checksum")
    (entry,) = read(text).entries
    assert entry.needs == {("optionalDependencies", "ms"): "2.0.0"}


def test_a_header_that_berry_breaks_is_one() -> None:
    long = ", ".join(f"ms@npm:^2.0.{number}" for number in range(100))
    text = berry({long: {"version": "2.1.0"}}).replace(f'"{long}":', f'? "{long}"\n:')
    assert len(read(text).by_pattern) == 100


@pytest.mark.parametrize("version", [4, 5, 6, 8, 10])
def test_versions_of_berry(version: int) -> None:
    assert read(berry({"ms@npm:2": {"version": "2.0.0"}}, version)).version == version


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("<<<<<<< HEAD\n", "yarn.lock:1: there is an unresolved merge conflict", id="a conflict"),
        pytest.param("ms@2\n", "yarn.lock:1: 'ms@2' is not what yarn writes", id="no colon"),
        pytest.param('ms@2:\n   version "2"\n', "yarn.lock:2: ", id="three blanks"),
        pytest.param('ms@2:\n\tversion "2"\n', "yarn.lock:2: ", id="a tab"),
        pytest.param('  version "2"\n', "yarn.lock:1: ", id="a field of nothing"),
        pytest.param('ms@2:\n      version "2"\n', "yarn.lock:2: ", id="too deep at once"),
        pytest.param('ms@2:\n  version "2\n', "yarn.lock:2: ", id="an open quote"),
        pytest.param('ms@2:\n  version "2" "3"\n', "yarn.lock:2: ", id="two values"),
        pytest.param('ms@2:\n  version "2"\n  version "3"\n', "yarn.lock:3: ", id="a field twice"),
        pytest.param('"ms@\\u0007":\n  version "2"\n', "yarn.lock:1: ", id="a control character"),
        pytest.param('"ms@\\ud800":\n  version "2"\n', "yarn.lock:1: ", id="half a character"),
        pytest.param(
            'ms@2:\n  version "2"\nms@2:\n  version "3"\n', "yarn.lock:3: 'ms@2' stands there twice", id="twice"
        ),
        pytest.param("__metadata:\n  version: 11\n", "version 11 is newer", id="newer than known"),
        pytest.param("__metadata:\n  version: 3\n", "an unfinished Yarn 2", id="older than known"),
        pytest.param("__metadata:\n  version: four\n", "__metadata has no version", id="no version"),
        pytest.param(f"__metadata:\n  version: {'9' * 5000}\n", "__metadata has no version", id="a huge version"),
        pytest.param('__metadata:\n  version: 8\n\n"ms@npm:2": {}\n', "yarn.lock:4: ", id="other YAML"),
        pytest.param("__metadata:\n  version: 8\n\nms: &a\n  b: *a\n", "yarn.lock:4: ", id="an anchor"),
    ],
)
def test_what_yarn_does_not_write_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ManifestError) as error:
        read(text)
    assert reason in str(error.value)


def test_what_is_not_text_is_refused() -> None:
    with pytest.raises(ManifestError, match=r"yarn.lock is not UTF-8 text \(byte 0\)"):
        lock(b"\xc0", "yarn.lock")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('"' * 1_000_000, id="quotes"),
        pytest.param('"' + "\\" * 1_000_000, id="backslashes"),
        pytest.param("a," * 500_000, id="commas"),
        pytest.param("a " * 500_000, id="blanks"),
        pytest.param("\n".join("  " * depth + "a:" for depth in range(1_000)), id="ever deeper"),
        pytest.param("__metadata:\n  version: 8\n" + "a" * 1_000_000, id="a long word of berry"),
        pytest.param("__metadata:\n" + "? " * 500_000, id="question marks"),
        pytest.param("x" * (17 * 2**20), id="too large"),
    ],
)
def test_hostile_text_is_refused_quickly(text: str) -> None:
    started = time.monotonic()
    with pytest.raises(ManifestError):
        read(text)
    assert time.monotonic() - started < 1


@given(st.text(alphabet='ab@^1.:",\\ \n#_?[]{}&*!|>%-', max_size=200), st.booleans())
def test_any_text_is_read_or_refused(text: str, is_berry: bool) -> None:
    try:
        found = read((BERRY_HEAD + "__metadata:\n  version: 8\n" if is_berry else "") + text)
    except ManifestError as error:
        assert str(error).startswith(PurePath("yarn.lock").name)
    else:
        assert all(entry.patterns for entry in found.entries)


def test_blocks_cover_the_text_in_order() -> None:
    text = classic({"a@1": {"version": "1.0.0"}, "b@1": {"version": "1.0.0", "dependencies": {"a": "1"}}})
    first, second = blocks(text, "yarn.lock")
    assert text[first.start :].startswith("a@1:")
    assert text[first.body :].startswith('  version "1.0.0"')
    assert text[second.start : second.end] == text[text.index("b@1") :]
    assert (first.line, second.line) == (5, 9)
