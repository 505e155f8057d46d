"""Whatever stands around it: an edit of a requirements file changes the specifiers that it must, and no other byte."""

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from remediators.api import Remediator, Unit, Upgrade
from remediators.errors import ManifestError
from remediators.requirements.remediator import Requirements

REMEDIATOR: Remediator = Requirements()
UNIT = Unit("requirements", "requirements.txt", None, ("requirements.txt",))
FLASK = Upgrade("flask", "2.0.1", "2.3.2", direct=True)
LINE_ENDS = ("\n", "\r\n", "\r")
deterministic = settings(derandomize=True, max_examples=300)

TARGETS = (
    ("flask==2.0.1", "flask==2.3.2"),
    ("\tFlask [async]\t== 2.0.1 # flask==2.0.1", "\tFlask [async]\t== 2.3.2 # flask==2.0.1"),
    ("flask>=1 , <2.1;python_version>'3'", "flask>=2.3.2 , <2.4;python_version>'3'"),
    ("flask (~=2.0.1)", "flask (~=2.3.2)"),
    (
        "FLASK===2.0.1 \\\n    --hash=sha256:00 \\\n\t--hash=sha256:11",
        "FLASK===2.3.2 \\\n    --hash=sha256:00 \\\n\t--hash=sha256:11",
    ),
)
"""What is written, and what has to become of it; one package may stand in a file many times."""

others = st.sampled_from(
    (
        "",
        "  \t",
        "# flask==2.0.1",
        "six==2.0.1  # flask==2.0.1",
        "flask==1.0",
        "flask>3",
        "flask-x==2.0.1",
        "# ünïcode \U0001f40d \u2028# another line to pip",
        "\x0c",
        "--index-url https://registry.example/flask==2.0.1",
        "-r flask==2.0.1.txt",
        "-e .",
        "flask @ https://registry.example/flask-2.0.1.whl",
        "flask==2.0.1 ???",
        "six \\\n  ==1.0 # why",
        "${FLASK}==2.0.1",
    )
)
pieces = others.map(lambda text: (text, text)) | st.sampled_from(TARGETS)
encodings = st.sampled_from(("utf-8", "utf-8-sig", "utf-16"))


def edited(raw: bytes) -> bytes:
    after = REMEDIATOR.edit(UNIT, {"requirements.txt": raw}, [FLASK])
    return after.get("requirements.txt", raw)


@given(st.lists(pieces, min_size=1), st.lists(st.sampled_from(LINE_ENDS), min_size=1), st.booleans(), encodings)
@deterministic
def test_only_the_specifiers_differ(
    lines: list[tuple[str, str]], line_ends: list[str], final: bool, encoding: str
) -> None:
    assume(any(line in TARGETS for line in lines))
    files = ["", ""]
    for place, both in enumerate(lines):
        end = line_ends[place % len(line_ends)]
        last = place == len(lines) - 1
        for which, line in enumerate(both):
            files[which] += line.replace("\n", end) + ("" if last and not final else end)
    before, after = (file.encode(encoding) for file in files)
    assert edited(before) == after


@given(st.lists(pieces, min_size=1), st.integers(0, 500), st.text(max_size=2), st.integers(0, 2))
@example([("flask==2.0.1", "")], 5, "=", 1)
@deterministic
def test_a_damaged_file_is_edited_nowhere_else_or_refused(
    lines: list[tuple[str, str]], place: int, new: str, cut: int
) -> None:
    text = "\n".join(line for line, _ in lines)
    damaged = text[:place] + new + text[place + cut :]
    try:
        after = edited(damaged.encode()).decode()
    except ManifestError:
        return
    before_lines, after_lines = damaged.splitlines(keepends=True), after.splitlines(keepends=True)
    assert len(before_lines) == len(after_lines)
    changed = [old for old, new in zip(before_lines, after_lines, strict=True) if old != new]
    assert all("flask" in line.lower() for line in changed)
