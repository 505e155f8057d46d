import tomllib
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediators.api import Remediator, Unit, Upgrade
from remediators.errors import BlockedError, ManifestError
from remediators.uv.remediator import Uv

REMEDIATOR: Remediator = Uv()
FLASK = Upgrade("flask", "2.0.1", "2.3.2", direct=True)


def edited(before: str, *upgrades: Upgrade, lockfile: str | None = None) -> str:
    files = {"pyproject.toml": before.encode(), **({lockfile: b"untouched"} if lockfile else {})}
    unit = Unit("uv", "pyproject.toml", lockfile, tuple(files))
    after: Mapping[str, bytes] = REMEDIATOR.edit(unit, files, upgrades or (FLASK,))
    assert set(after) <= {"pyproject.toml"}
    return {**files, **after}["pyproject.toml"].decode()


def project(*requirements: str) -> str:
    listed = "".join(f"    {requirement},\n" for requirement in requirements)
    return f'[project]\nname = "demo"\ndependencies = [\n{listed}]\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(['"flask==2.0.1"'], ['"flask==2.3.2"'], id="pin"),
        pytest.param(["'Flask[async] ~= 2.0.1'"], ["'Flask[async] ~= 2.3.2'"], id="literal string"),
        pytest.param(['"flask>=2"'], ['"flask>=2.3.2"'], id="floor that admits both"),
        pytest.param(['"flask"'], ['"flask>=2.3.2"'], id="bare"),
        pytest.param(['"flask>=1,<2.1" # "flask"'], ['"flask>=2.3.2,<2.4" # "flask"'], id="range and comment"),
        pytest.param(
            ["\"flask==2.0.1 ; os_name == 'nt'\"", '"six==2.0.1"'],
            ["\"flask==2.3.2 ; os_name == 'nt'\"", '"six==2.0.1"'],
            id="marker and neighbour",
        ),
        pytest.param(
            ['"flask==2.0.1 ; os_name == \\"nt\\""'], ['"flask==2.3.2 ; os_name == \\"nt\\""'], id="escapes in a marker"
        ),
        pytest.param(['"""flask==2.0.1"""'], ['"""flask==2.3.2"""'], id="multi-line string"),
        pytest.param(['"flask==1.0"', '"flask==2.0.1"'], ['"flask==1.0"', '"flask==2.3.2"'], id="only the old version"),
        pytest.param(['"flask==2.3.2"'], ['"flask==2.3.2"'], id="there already"),
    ],
)
def test_only_the_version_is_rewritten(before: list[str], after: list[str]) -> None:
    assert edited(project(*before)) == project(*after)
    assert edited(project(*before).replace("\n", "\r\n")) == project(*after).replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param('"flask>=2"', '"flask>=2"', id="range that admits both stays"),
        pytest.param('"flask"', '"flask"', id="bare stays"),
        pytest.param('"flask==2.0.1"', '"flask==2.3.2"', id="pin moves"),
        pytest.param('"flask>=2,<2.1"', '"flask>=2.3.2,<2.4"', id="range that refuses moves"),
        pytest.param('"six==1.0"', '"six==1.0"', id="what is not named is the lock's alone"),
    ],
)
def test_with_a_lockfile_only_what_refuses_is_rewritten(before: str, after: str) -> None:
    assert edited(project(before), lockfile="uv.lock") == project(after)


EVERYWHERE = """\
[project]
dependencies = ["flask==2.0.1"]
[project.optional-dependencies]
x = ["flask==2.0.1"]
[dependency-groups]
dev = ["flask==2.0.1", { include-group = "x" }]
[tool.uv]
dev-dependencies = ["flask==2.0.1"]
constraint-dependencies = ["flask<2.1"]
override-dependencies = ["flask==2.0.1"]
[tool.other]
dependencies = ["flask==2.0.1"]
"""


def test_every_place_that_names_the_package_moves() -> None:
    after = tomllib.loads(edited(EVERYWHERE))
    expected = tomllib.loads(EVERYWHERE.replace("flask==2.0.1", "flask==2.3.2").replace("<2.1", "<2.4,>=2.3.2"))
    assert after == {**expected, "tool": {**expected["tool"], "other": {"dependencies": ["flask==2.0.1"]}}}


def test_several_upgrades_meet_in_one_file() -> None:
    before, after = project('"flask==2.0.1"', '"six==1.0"'), project('"flask==2.3.2"', '"six==1.16"')
    assert edited(before, FLASK, Upgrade("Six", "1.0", "1.16", direct=True)) == after


@pytest.mark.parametrize(
    ("requirement", "message"),
    [
        pytest.param('"six==1.0"', "has no requirement of flask at 2.0.1", id="absent"),
        pytest.param('"flask==1.0"', "has no requirement of flask at 2.0.1", id="pinned elsewhere"),
        pytest.param('"flask>=1,!=2.3.2"', "cannot be rewritten to admit 2.3.2", id="excluded by a person"),
        pytest.param('"flask\\u003d=2.0.1"', "line 4: project.dependencies.0 is written with escapes", id="escapes"),
        pytest.param('"""\nflask==2.0.1"""', "is written with escapes", id="leading line end"),
    ],
)
def test_what_cannot_be_moved_is_refused(requirement: str, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        edited(project(requirement))


above = st.sampled_from(["", "# ünïcode \U0001f40d\n", '[tool.x]\na = """\n[project]\n"flask==2.0.1"\n"""\n'])
below = st.sampled_from(["", "[[tool.y]]\nb = 1979-05-27 07:32:00 # ]\n", "[tool.z]\nflask = 'flask==2.0.1'"])
neighbours = st.lists(st.sampled_from(["'six'", '"flask-x==2.0.1"', "\"a[b]>=1 ; os_name == 'nt'\""]), max_size=3)
targets = st.sampled_from(
    [
        ("'flask==2.0.1'", "'flask==2.3.2'"),
        ('"flask[a] <2.1 , >1"', '"flask[a] <2.4 , >=2.3.2"'),
        ("'''flask ; os_name=='nt' '''", "'''flask>=2.3.2 ; os_name=='nt' '''"),
    ]
)


@given(above, neighbours, targets, neighbours, below, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\ufeff"]))
def test_an_edit_changes_nothing_but_its_target(
    top: str, before: list[str], target: tuple[str, str], after: list[str], end: str, line_end: str, mark: str
) -> None:
    def text(requirement: str) -> str:
        return mark + (top + project(*before, requirement, *after) + end).replace("\n", line_end)

    assert edited(text(target[0])) == text(target[1])


URLLIB3 = Upgrade("urllib3", "1.26.5", "2.2.2", direct=False, override=True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            project('"flask"'),
            project('"flask"') + '\n[tool.uv]\noverride-dependencies = ["urllib3>=2.2.2"]\n',
            id="no settings yet",
        ),
        pytest.param(
            "[tool.uv]\r\n# ours\r\npackage = false # app\r\n\r\n[x]\r\n",
            '[tool.uv]\r\n# ours\r\npackage = false # app\r\noverride-dependencies = ["urllib3>=2.2.2"]\r\n\r\n[x]\r\n',
            id="no overrides yet",
        ),
        pytest.param(
            "[tool.uv]\noverride-dependencies = [\n    'six==1.0',  # why\n]\n",
            "[tool.uv]\noverride-dependencies = [\n    'six==1.0',  # why\n    'urllib3>=2.2.2',\n]\n",
            id="others",
        ),
        pytest.param(
            "[tool.uv]\noverride-dependencies = ['urllib3==1.26.5']\n",
            "[tool.uv]\noverride-dependencies = ['urllib3==2.2.2']\n",
            id="one of it that refuses the version",
        ),
        pytest.param(
            "[tool.uv]\noverride-dependencies = ['Urllib3>1']\n",
            "[tool.uv]\noverride-dependencies = ['Urllib3>1']\n",
            id="one of it that admits the version",
        ),
        pytest.param(
            '[project]\ndependencies = ["urllib3<2"]\n[tool.uv]\noverride-dependencies = []\n',
            '[project]\ndependencies = ["urllib3<3,>=2.2.2"]\n[tool.uv]\noverride-dependencies = ["urllib3>=2.2.2"]\n',
            id="what the project itself asks for moves as well",
        ),
    ],
)
def test_an_override_is_written_where_uv_reads_it(before: str, after: str) -> None:
    assert edited(before, URLLIB3, lockfile="uv.lock") == after


def test_an_override_without_a_lock_would_bind_nobody() -> None:
    with pytest.raises(BlockedError, match=r"pyproject\.toml has no uv\.lock: an override of urllib3 would bind"):
        edited(project('"urllib3>=1"'), URLLIB3)


def test_an_override_that_cannot_be_spliced_in_is_refused() -> None:
    with pytest.raises(ManifestError, match=r"urllib3>=2\.2\.2 cannot be added to \[tool\.uv\] override-dependencies"):
        edited("[tool.uv]\noverride-dependencies = 1\n", URLLIB3, lockfile="uv.lock")
