"""Whatever stands around it: an edit of a pyproject.toml changes the specifiers that it must, and no other byte."""

import tomllib
from collections.abc import Mapping

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remediators.api import Remediator, Unit, Upgrade
from remediators.errors import ManifestError
from remediators.uv.remediator import Uv

REMEDIATOR: Remediator = Uv()
UNIT = Unit("uv", "pyproject.toml", "uv.lock", ("pyproject.toml", "uv.lock"))
FLASK = Upgrade("flask", "2.0.1", "2.3.2", direct=True)
OVERRIDE = Upgrade("urllib3", "1.26.5", "2.2.2", direct=False, override=True)
deterministic = settings(derandomize=True, max_examples=200)
Pair = tuple[str, str]
"""A piece of a file before and after."""

TARGETS: tuple[Pair, ...] = (
    ('"flask==2.0.1"', '"flask==2.3.2"'),
    ("'Flask [async] ~= 2.0.1'", "'Flask [async] ~= 2.3.2'"),
    ('"""flask<2.1 , >1 ; os_name == \'nt\'"""', '"""flask<2.4 , >=2.3.2 ; os_name == \'nt\'"""'),
    ("'''FLASK===2.0.1'''", "'''FLASK===2.3.2'''"),
    ('"flask==2.0.1 ; os_name == \\"\\u006et\\""', '"flask==2.3.2 ; os_name == \\"\\u006et\\""'),
)
OTHERS = (
    "'six'",
    '"flask-x==2.0.1"',
    '"flask==1.0"',
    "'flask>=2'",
    '"a[b]>=1"',
    "'flask @ https://registry.example/f.whl'",
)
ARRAYS = (
    "[project]\nname = 'demo'\ndependencies = {}\n",
    '[project.optional-dependencies]\n"ünï.x" = {}\n',
    "[dependency-groups] # groups\n\t'a b'={}\n",
    "[tool.uv]\npackage = false # no\nconstraint-dependencies\t=\t{}\n",
)
"""Tables of which a file has each at most once."""
NOISE = (
    "[tool.x] # [project]\ndependencies = ['flask==2.0.1']\n",
    '[tool.y]\ntext = """\n[project]\ndependencies = ["flask==2.0.1"]\n"""\n',
    "[[tool.z]]\nday = 1979-05-27 07:32:00 # ]\n[[tool.z]]\nx = {a.\"b\" = ['flask==2.0.1'], c = 0x1F}\n",
    "# ünïcode \U0001f40d flask==2.0.1\n\n\n",
    "[tool.uv.sources]\nflask = { index = 'flask==2.0.1' }\n",
)

spaces = st.sampled_from(("", " ", "\t", "\n  ", "\n\n\t\t", ' # ] "flask==2.0.1" ünï, \U0001f40d\n\t'))
elements = st.sampled_from(TARGETS) | st.sampled_from(OTHERS).map(lambda text: (text, text))


@st.composite
def arrays(draw: st.DrawFn) -> Pair:
    """An array of requirements, with any space and comments between them."""
    sides = ["[", "["]
    found = draw(st.lists(elements, max_size=4))
    for place, element in enumerate(found):
        lead, behind = draw(spaces), draw(spaces)
        comma = "," if place < len(found) - 1 or draw(st.booleans()) else ""
        for side in (0, 1):
            sides[side] += f"{lead}{element[side]}{behind}{comma}"
    closing = draw(spaces)
    return (f"{sides[0]}{closing}]", f"{sides[1]}{closing}]")


@st.composite
def files(draw: st.DrawFn) -> Pair:
    """A pyproject.toml with its tables in any order, any line ends, with a byte order mark or without."""
    blocks: list[Pair] = [(text, text) for text in draw(st.lists(st.sampled_from(NOISE), unique=True))]
    for text in draw(st.lists(st.sampled_from(ARRAYS), unique=True)):
        array = draw(arrays())
        blocks.append((text.replace("{}", array[0]), text.replace("{}", array[1])))
    ordered = draw(st.permutations(blocks))
    line_end, mark, final = (
        draw(st.sampled_from(("\n", "\r\n"))),
        draw(st.sampled_from(("", "\ufeff"))),
        draw(st.booleans()),
    )
    both = ("".join(block[side] for block in ordered) for side in (0, 1))
    before, after = (mark + (text if final else text.rstrip("\n")).replace("\n", line_end) for text in both)
    return (before, after)


def edited(text: str, upgrade: Upgrade) -> str:
    raw = text.encode()
    given_files: Mapping[str, bytes] = {"pyproject.toml": raw, "uv.lock": b""}
    return REMEDIATOR.edit(UNIT, given_files, [upgrade]).get("pyproject.toml", raw).decode()


@given(files())
@deterministic
def test_only_the_specifiers_differ(file: Pair) -> None:
    assert edited(file[0], FLASK) == file[1]


@given(files())
@deterministic
def test_an_override_only_adds(file: Pair) -> None:
    before = file[0]
    after = edited(before, OVERRIDE)
    remaining = iter(after)
    assert all(sign in remaining for sign in before), "every byte of before is there, in order"
    written = tomllib.loads(after.removeprefix("\ufeff"))
    assert written["tool"]["uv"].pop("override-dependencies") == ["urllib3>=2.2.2"]
    known = tomllib.loads(before.removeprefix("\ufeff"))
    known.setdefault("tool", {}).setdefault("uv", {})
    assert written == known
    assert after.count("\n") == after.count("\r\n") or "\r\n" not in after, "one kind of line end"


@given(arrays(), spaces)
@deterministic
def test_an_override_is_added_to_others(array: Pair, space: str) -> None:
    before = f"[tool.uv]\noverride-dependencies = {array[0]}{space}\n[tool.x]\n"
    assume("\n" in space or not space.strip())
    after = edited(before, OVERRIDE)
    remaining = iter(after)
    assert all(sign in remaining for sign in before), "every byte of before is there, in order"
    others = tomllib.loads(before)["tool"]["uv"]["override-dependencies"]
    assert tomllib.loads(after)["tool"]["uv"]["override-dependencies"] == [*others, "urllib3>=2.2.2"]


@given(files(), st.integers(0, 400), st.text(max_size=2), st.integers(0, 2))
@deterministic
def test_a_damaged_file_is_edited_nowhere_else_or_refused(file: Pair, place: int, new: str, cut: int) -> None:
    damaged = file[0][:place] + new + file[0][place + cut :]
    try:
        after = edited(damaged, FLASK)
    except ManifestError:
        return
    before_lines, after_lines = damaged.split("\n"), after.split("\n")
    assert len(before_lines) == len(after_lines)
    changed = [old for old, new in zip(before_lines, after_lines, strict=True) if old != new]
    assert all("flask" in line.lower() for line in changed)
