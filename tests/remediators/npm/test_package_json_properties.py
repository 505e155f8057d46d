"""Whatever stands around it: an edit of a package.json changes the versions that it must, and no other byte."""

import json
import re
from collections.abc import Callable

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remediators.api import Remediator, Unit, Upgrade
from remediators.errors import ManifestError
from remediators.npm.remediator import Npm

REMEDIATOR: Remediator = Npm()
UNIT = Unit("npm", "package.json", None, ("package.json",))
MS = Upgrade("ms", "2.0.0", "2.0.5", direct=True)
OVERRIDE = Upgrade("ms", "2.0.0", "2.0.5", direct=False, override=True)
deterministic = settings(derandomize=True, max_examples=200)
STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
Pair = tuple[str, str]
"""A piece of a file before and after."""

TARGETS: tuple[Pair, ...] = (
    ('"ms": "2.0.0"', '"ms": "2.0.5"'),
    ('"ms"\t:\r\n"~2.0.0"', '"ms"\t:\r\n"~2.0.5"'),
    ('"\\u006ds":"^2.0.0"', '"\\u006ds":"^2.0.5"'),
    ('"ms" : "\\u0032.0.0"', '"ms" : "2.0.5"'),
    ('"my-ms": "npm:ms@2.0.0"', '"my-ms": "npm:ms@2.0.5"'),
)
OTHERS = (
    '"a": "2.0.0"',
    '"ms-x": "2.0.0"',
    '"@s/ms": "^2.0.0"',
    '"\\ud83d\\udc0d": "ms@2.0.0"',
    '"b": "https://registry.example/ms-2.0.0.tgz"',
    '"c": "npm:@s/ms@2.0.0"',
    '"d" : "latest"',
)
NOISE = (
    '"scripts": {"ms": "2.0.0", "dependencies": "ms@2.0.0"}',
    '"x": [{"dependencies": {"ms": "2.0.0"}}, [[], {}], 1e5, -0, null, true]',
    '"ünïcode \U0001f40d": "\\"ms\\": \\"2.0.0\\" {[,:]}"',
    '"version": "2.0.0"',
    '"description": "dependencies\\\\"',
)

gaps = st.sampled_from(("", " ", "\t", "\n", "\r\n  ", "\n\n\t\t"))
sections = st.sampled_from(("dependencies", "devDependencies", "optionalDependencies"))


def as_pairs(texts: tuple[str, ...]) -> st.SearchStrategy[Pair]:
    return st.sampled_from(texts).map(lambda text: (text, text))


def key_of(member: Pair) -> str:
    return str(json.loads("{" + member[0] + "}").popitem()[0])


def objects(members: st.SearchStrategy[Pair], key: Callable[[Pair], str] = key_of) -> st.SearchStrategy[Pair]:
    """JSON objects with any space between their members."""

    def written(drawn: tuple[list[Pair], list[str]]) -> Pair:
        found, spaces = drawn
        space = [spaces[place % len(spaces)] for place in range(2 * len(found) + 1)]
        sides = []
        for side in (0, 1):
            inside = ",".join(
                f"{space[2 * place]}{member[side]}{space[2 * place + 1]}" for place, member in enumerate(found)
            )
            sides.append("{" + (inside or space[0]) + "}")
        return (sides[0], sides[1])

    return st.tuples(st.lists(members, max_size=5, unique_by=key), st.lists(gaps, min_size=1, max_size=7)).map(written)


requirements = objects(st.sampled_from(TARGETS) | as_pairs(OTHERS))
members = st.tuples(sections, requirements).map(
    lambda drawn: (f'"{drawn[0]}": {drawn[1][0]}', f'"{drawn[0]}": {drawn[1][1]}')
) | as_pairs(NOISE)
marks = st.sampled_from(("", "\ufeff"))


def edited(text: str, upgrade: Upgrade) -> str:
    raw = text.encode()
    return REMEDIATOR.edit(UNIT, {"package.json": raw}, [upgrade]).get("package.json", raw).decode()


@given(objects(members), marks, gaps, gaps)
@deterministic
def test_only_the_versions_differ(file: Pair, mark: str, start: str, end: str) -> None:
    before, after = (mark + start + text + end for text in file)
    assert edited(before, MS) == after


@given(objects(members), marks, gaps, gaps)
@deterministic
def test_an_override_only_adds(file: Pair, mark: str, start: str, end: str) -> None:
    # The space inside an empty object is nobody's layout.
    assume(json.loads(file[0]))
    before = mark + start + file[0] + end
    after = edited(before, OVERRIDE)
    remaining = iter(after)
    assert all(sign in remaining for sign in before), "every byte of before is there, in order"
    written = json.loads(after.removeprefix("\ufeff"))
    assert list(written.pop("overrides")) == ["ms@2.0.0"]
    assert written == json.loads(before.removeprefix("\ufeff"))


@given(objects(members), st.integers(0, 400), st.text(max_size=2), st.integers(0, 2))
@deterministic
def test_a_damaged_file_is_edited_nowhere_else_or_refused(file: Pair, place: int, new: str, cut: int) -> None:
    damaged = file[0][:place] + new + file[0][place + cut :]
    try:
        after = edited(damaged, MS)
    except ManifestError:
        return
    assert STRING.sub("", after) == STRING.sub("", damaged)
    pairs = zip(STRING.findall(damaged), STRING.findall(after), strict=True)
    assert all("2.0.5" in new for old, new in pairs if old != new)
