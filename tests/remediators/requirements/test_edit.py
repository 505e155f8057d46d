from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediators.api import Remediator, Unit, Upgrade
from remediators.errors import ManifestError
from remediators.requirements.remediator import Requirements

REMEDIATOR: Remediator = Requirements()
FLASK = Upgrade("flask", "2.0.1", "2.3.2", direct=True)


def edited(files: Mapping[str, bytes], *upgrades: Upgrade) -> Mapping[str, bytes]:
    unit = Unit("requirements", next(iter(files)), None, tuple(files))
    return REMEDIATOR.edit(unit, files, upgrades)


def edited_text(before: str, *upgrades: Upgrade) -> str:
    files = {"requirements.txt": before.encode()}
    return {**files, **edited(files, *(upgrades or (FLASK,)))}["requirements.txt"].decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("flask==2.0.1\n", "flask==2.3.2\n", id="pin"),
        pytest.param("Flask == 2.0.1\n", "Flask == 2.3.2\n", id="spelling and spaces"),
        pytest.param("flask===2.0.1\n", "flask===2.3.2\n", id="arbitrary equality"),
        pytest.param("flask~=2.0.1\n", "flask~=2.3.2\n", id="compatible"),
        pytest.param("flask==2.0.*\n", "flask==2.3.*\n", id="wildcard"),
        pytest.param("flask>=1.0\n", "flask>=2.3.2\n", id="floor that admits both"),
        pytest.param("flask>=1.0,<2.1\n", "flask>=2.3.2,<2.4\n", id="range that refuses"),
        pytest.param("flask <3, >= 1.0\n", "flask <3, >= 2.3.2\n", id="range that admits both"),
        pytest.param("flask<=2.0.1\n", "flask<=2.3.2,>=2.3.2\n", id="ceiling"),
        pytest.param("flask\n", "flask>=2.3.2\n", id="bare"),
        pytest.param("flask (==2.0.1)\n", "flask (==2.3.2)\n", id="parentheses"),
        pytest.param("flask[async,dotenv]==2.0.1\n", "flask[async,dotenv]==2.3.2\n", id="extras"),
        pytest.param(
            "flask==2.0.1 ; python_version >= '3.8'\n", "flask==2.3.2 ; python_version >= '3.8'\n", id="marker"
        ),
        pytest.param("flask==2.0.1  # 2.0.1 is fine\n", "flask==2.3.2  # 2.0.1 is fine\n", id="comment"),
        pytest.param("\tflask==2.0.1\t\n", "\tflask==2.3.2\t\n", id="tabs"),
        pytest.param("# für\r\nflask==2.0.1\r\nsix\r\n", "# für\r\nflask==2.3.2\r\nsix\r\n", id="CRLF and umlauts"),
        pytest.param("\ufeffflask==2.0.1", "\ufeffflask==2.3.2", id="mark, no final newline"),
        pytest.param(
            "flask==2.0.1 \\\n    --hash=sha256:aa\nsix==1.0\n",
            "flask==2.3.2 \\\n    --hash=sha256:aa\nsix==1.0\n",
            id="hashes wait for the relock",
        ),
        pytest.param(
            "flask==2.0.1\n    # via -r x.in\nflask-cors==2.0.1\n",
            "flask==2.3.2\n    # via -r x.in\nflask-cors==2.0.1\n",
            id="a longer name stays",
        ),
        pytest.param(
            "flask==1.1 ; python_version < '3.7'\nflask==2.0.1 ; python_version >= '3.7'\n",
            "flask==1.1 ; python_version < '3.7'\nflask==2.3.2 ; python_version >= '3.7'\n",
            id="only the line at the old version",
        ),
        pytest.param(
            "flask==2.0.1 ; os_name == 'nt'\nflask==2.0.1 ; os_name != 'nt'\n",
            "flask==2.3.2 ; os_name == 'nt'\nflask==2.3.2 ; os_name != 'nt'\n",
            id="both lines at the old version",
        ),
        pytest.param("flask==2.3.2\n", "flask==2.3.2\n", id="there already"),
        pytest.param(
            "this is prose\nflask==2.0.1\n-e .\n", "this is prose\nflask==2.3.2\n-e .\n", id="beside problems"
        ),
    ],
)
def test_only_the_version_is_rewritten(before: str, after: str) -> None:
    assert edited_text(before) == after


def test_utf_16_stays_utf_16() -> None:
    before = "\ufeffflask==2.0.1\r\n".encode("utf-16-le")
    assert edited({"requirements.txt": before}, FLASK) == {
        "requirements.txt": "\ufeffflask==2.3.2\r\n".encode("utf-16-le")
    }


def test_only_files_that_change_are_returned() -> None:
    files = {
        "requirements.txt": b"-r base.pip\nsix==1.0\n",
        "base.pip": b"flask==2.0.1\n",
        "more.pip": b"flask==2.3.2\n",
    }
    assert edited(files, FLASK) == {"base.pip": b"flask==2.3.2\n"}


def test_several_upgrades_meet_in_one_file() -> None:
    before = "flask==1.1 ; python_version < '3.7'\nflask==2.0.1 ; python_version >= '3.7'\nsix==1.0\n"
    upgrades = (FLASK, Upgrade("flask", "1.1", "1.1.4", direct=True), Upgrade("six", "1.0", "1.16.0", direct=False))
    assert edited_text(before, *upgrades) == (
        "flask==1.1.4 ; python_version < '3.7'\nflask==2.3.2 ; python_version >= '3.7'\nsix==1.16.0\n"
    )


@pytest.mark.parametrize(
    ("before", "message"),
    [
        pytest.param("six==1.0\n", "has no requirement of flask at 2.0.1", id="absent"),
        pytest.param("flask==1.0\n", "has no requirement of flask at 2.0.1", id="pinned elsewhere"),
        pytest.param("flask>=1.0,!=2.3.2\n", "cannot be rewritten to admit 2.3.2", id="excluded by a person"),
        pytest.param(
            "flask>=1.0, \\\n  <2.1\n", "cannot be edited without touching anything else", id="broken over lines"
        ),
    ],
)
def test_what_cannot_be_moved_is_refused(before: str, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        edited_text(before)


others = st.lists(
    st.sampled_from(
        [
            "",
            "# flask==2.0.1",
            "six==1.16.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb",
            "django>=2 ; python_version > '3'\t# naïve ☃",
            "-r base.txt",
            "flask-login==2.0.1",
            "    # via flask",
            "prose that is no requirement",
            "\x0cform feed",
        ]
    ),
    max_size=6,
)
line_ends = st.sampled_from(["\n", "\r\n"])
targets = st.sampled_from(
    [
        ("flask==2.0.1", "flask==2.3.2"),
        ("Flask[async] ~= 2.0.1 ; os_name == 'nt'  # why", "Flask[async] ~= 2.3.2 ; os_name == 'nt'  # why"),
        ("flask>=1,<2.1", "flask>=2.3.2,<2.4"),
        ("flask==2.0.1 \\\n  --hash=sha256:cc", "flask==2.3.2 \\\n  --hash=sha256:cc"),
    ]
)


@given(others, targets, others, line_ends, st.sampled_from(["", "\ufeff"]), st.booleans())
def test_an_edit_changes_nothing_but_its_target(
    above: list[str], target: tuple[str, str], below: list[str], end: str, mark: str, final: bool
) -> None:
    def text(line: str) -> str:
        body = "\n".join([*above, line, *below])
        return mark + (body + "\n" * final).replace("\n", end)

    assert edited_text(text(target[0])) == text(target[1])
