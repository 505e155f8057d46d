import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediators.documents.text_edits import Edit, decoded
from remediators.errors import ManifestError
from remediators.requirements.file import Entry, read_items
from remediators.requirements.lines import Include, Index, Problem, Setting


def entries(text: str) -> list[tuple[int, str, str]]:
    return [(item.line, item.name, item.specifier) for item in read_items(text) if isinstance(item, Entry)]


@pytest.mark.parametrize(
    ("line", "name", "specifier", "rest"),
    [
        pytest.param("django==4.2.1", "django", "==4.2.1", "[];", id="pin"),
        pytest.param("Zope.Interface", "zope-interface", "", "[];", id="bare, normalised"),
        pytest.param("  flask >= 2 , <3  ", "flask", ">= 2 , <3", "[];", id="spaces"),
        pytest.param("flask\t~=2.0", "flask", "~=2.0", "[];", id="tab"),
        pytest.param("flask (>=2.0)", "flask", ">=2.0", "[];", id="parentheses"),
        pytest.param("celery[redis, auth]==5.2", "celery", "==5.2", "[auth,redis];", id="extras"),
        pytest.param("celery [redis] == 5.2", "celery", "== 5.2", "[redis];", id="extras with spaces"),
        pytest.param(
            "tomli>=1;python_version<'3.11'", "tomli", ">=1", '[];python_version < "3.11"', id="marker without spaces"
        ),
        pytest.param("tomli ; os_name=='nt'", "tomli", "", '[];os_name == "nt"', id="bare with a marker"),
        pytest.param("legacy===2004d", "legacy", "===2004d", "[];", id="arbitrary equality"),
        pytest.param("flask==2.0 # the last one", "flask", "==2.0", "[];", id="comment"),
        pytest.param("flask==2.0 --config-settings=a=b", "flask", "==2.0", "[];", id="option of the requirement"),
    ],
)
def test_a_requirement_is_read_with_its_place(line: str, name: str, specifier: str, rest: str) -> None:
    text = f"# first\r\n{line}\r\n"
    (entry,) = read_items(text)
    assert isinstance(entry, Entry)
    assert (entry.line, entry.name, entry.specifier, entry.rest) == (2, name, specifier, rest)
    assert text[slice(*entry.specifier_span)] == specifier


@pytest.mark.parametrize(
    ("line", "edited"),
    [
        pytest.param("flask", "flask>=9", id="bare"),
        pytest.param("flask # comment", "flask>=9 # comment", id="comment"),
        pytest.param("flask[async] ; os_name=='nt'", "flask[async]>=9 ; os_name=='nt'", id="extras and marker"),
        pytest.param("flask --hash=sha256:aa", "flask>=9 --hash=sha256:aa", id="hash"),
    ],
)
def test_a_bare_requirement_has_a_place_for_a_specifier(line: str, edited: str) -> None:
    (entry,) = read_items(line)
    assert isinstance(entry, Entry)
    assert decoded("requirements.txt", line.encode()).spliced([Edit(*entry.specifier_span, ">=9")]) == edited.encode()


def test_continued_lines_are_one_and_keep_their_places() -> None:
    text = "flask==2.0 \\\n    --hash=sha256:aa \\\r\n    --hash sha256:bb\n# note\ndjango==4.2\n"
    flask, django = read_items(text)
    assert isinstance(flask, Entry)
    assert isinstance(django, Entry)
    assert (flask.line, flask.hashes) == (1, ("sha256:aa", "sha256:bb"))
    assert [text[slice(*span)] for span in flask.hash_spans] == ["--hash=sha256:aa", "--hash sha256:bb"]
    assert (django.line, text[slice(*django.specifier_span)]) == (5, "==4.2")


def test_a_comment_line_ends_a_continuation() -> None:
    assert entries("flask==2.0 \\\n# comment \\\ndjango==4.2\n") == [(1, "flask", "==2.0"), (3, "django", "==4.2")]


def test_a_last_line_may_be_left_open() -> None:
    assert entries("flask==2.0 \\") == [(1, "flask", "==2.0")]


@pytest.mark.parametrize(
    ("text", "via"),
    [
        pytest.param("a==1\n    # via flask\n", ("flask",), id="one"),
        pytest.param("a==1\n    # via\n    #   -r x.in\n    #   flask\n", ("-r x.in", "flask"), id="several"),
        pytest.param("a==1  # via flask, jinja2\n", ("flask", "jinja2"), id="on the line"),
        pytest.param("a==1 \\\n    --hash=sha256:aa\n    # via flask\n", ("flask",), id="after hashes"),
        pytest.param("a==1\n# viable\n", (), id="another comment"),
        pytest.param("a==1\n\n# via flask\n", (), id="not right below"),
    ],
)
def test_compiled_files_say_who_asked_for_a_requirement(text: str, via: tuple[str, ...]) -> None:
    (entry,) = read_items(text)
    assert isinstance(entry, Entry)
    assert entry.via == via


@pytest.mark.parametrize(
    ("line", "items"),
    [
        pytest.param("-r base.txt", (Include(1, "base.txt"),), id="include"),
        pytest.param("-rbase.txt", (Include(1, "base.txt"),), id="include without a space"),
        pytest.param("--requirement=base.txt", (Include(1, "base.txt"),), id="long include"),
        pytest.param("--requirement 'the base.txt'", (Include(1, "the base.txt"),), id="quoted include"),
        pytest.param("-c ../limits.txt  # shared", (Include(1, "../limits.txt", constrains=True),), id="constraint"),
        pytest.param("-i https://registry.example/a", (Index(1, "https://registry.example/a"),), id="index"),
        pytest.param(
            "--index-url=https://${USER}:${TOKEN}@registry.example/a?x=1 --pre",
            (Index(1, "https://registry.example/a"), Setting(1, "--pre", "")),
            id="index without its credentials",
        ),
        pytest.param(
            "--extra-index-url https://me:secret@registry.example/b --no-binary :all:",
            (Setting(1, "--extra-index-url", "https://registry.example/b"),),
            id="another index, and an option that changes nothing here",
        ),
        pytest.param("--require-hashes", (), id="flag"),
        pytest.param("-f ./wheels", (Setting(1, "--find-links", "./wheels"),), id="find links"),
    ],
)
def test_options_are_understood(line: str, items: tuple[object, ...]) -> None:
    assert read_items(line) == items


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param("-e .", "editable requirement", id="editable"),
        pytest.param("git+https://registry.example/x.git#egg=x", "VCS requirement", id="VCS"),
        pytest.param("x @ git+ssh://git@registry.example/x.git", "VCS requirement", id="named VCS"),
        pytest.param("https://registry.example/x-1.0.tar.gz", "URL requirement", id="URL"),
        pytest.param("x @ https://registry.example/x.whl ; os_name=='nt'", "URL requirement", id="named URL"),
        pytest.param("./libs/x", "local path", id="path"),
        pytest.param("x-1.0-py3-none-any.whl", "local path", id="file"),
        pytest.param("django==${DJANGO_VERSION}", "environment variable", id="variable in a version"),
        pytest.param("-r ${NAME}.txt", "environment variable", id="variable in an include"),
        pytest.param("-i https://${HOST}/simple", "environment variable", id="variable in an index"),
        pytest.param("--frobnicate", "option --frobnicate is not known", id="unknown option"),
    ],
)
def test_what_is_left_out_by_design_is_said(line: str, reason: str) -> None:
    (problem,) = read_items(f"\n{line}\n")
    assert isinstance(problem, Problem)
    assert (problem.line, problem.fault) == (2, False)
    assert reason in problem.reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param("this is prose", "not a valid requirement", id="prose"),
        pytest.param("django=4.2", "not a valid requirement", id="single equals sign"),
        pytest.param("django>=4.2.*", "not a valid requirement", id="wildcard floor"),
        pytest.param("django==4.2 --hash=sha256", "a --hash cannot be read", id="hash without a digest"),
        pytest.param("-r 'base.txt", "quotes cannot be read", id="open quote"),
        pytest.param("-r", "option -r needs a value", id="include of nothing"),
    ],
)
def test_a_broken_line_is_a_problem_and_the_rest_goes_on(line: str, reason: str) -> None:
    problem, entry = read_items(f"{line}\nflask==2.0\n")
    assert isinstance(problem, Problem)
    assert isinstance(entry, Entry)
    assert (problem.line, problem.fault) == (1, True)
    assert reason in problem.reason


def test_a_problem_shows_its_line_short_and_without_credentials() -> None:
    (problem,) = read_items("-e git+https://user:secret@registry.example/x.git?token=secret#egg=" + "x" * 100)
    assert isinstance(problem, Problem)
    assert "secret" not in problem.reason
    assert "git+https://registry.example/x.git#egg=" in problem.reason
    assert problem.reason.endswith("xx…")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("django" + " " * 50_000 + "===1(2", id="spaces before a specifier"),
        pytest.param("django" + " " * 50_000 + "!", id="spaces before nothing"),
        pytest.param("django==1 " + "--hash=" * 5_000, id="many hashes"),
        pytest.param("\\\n" * 20_000, id="many continuations"),
        pytest.param("django ; " + "(" * 20_000 + "os_name == 'nt'", id="nested marker"),
        pytest.param("-i http://[", id="broken URL"),
    ],
)
def test_a_hostile_line_costs_no_more_than_its_length(line: str) -> None:
    assert len(read_items(line)) <= 1


SYNTAX = "flask|==2.0|>=1,<2|===|[a,b]|(|)|;|@| |\t|\\\n|\n|\r|\x0c|# via x|#|python_version > '3'"
OPTIONS = "--hash=sha256:aa|--hash|-r |-e |-i |http://u:p@[|$|${A}|'|é|*"
pieces = st.sampled_from([*SYNTAX.split("|"), *OPTIONS.split("|")])


@given(st.lists(pieces | st.text(max_size=3), max_size=12).map("".join))
def test_no_text_is_too_strange(text: str) -> None:
    for item in read_items(text):
        assert 1 <= item.line <= len(text.splitlines())
        if isinstance(item, Entry):
            start, end = item.specifier_span
            assert 0 <= start <= end <= len(text)


@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        pytest.param(b"", "utf-8", id="UTF-8"),
        pytest.param(codecs.BOM_UTF8, "utf-8", id="UTF-8 with a mark"),
        pytest.param(codecs.BOM_UTF16_LE, "utf-16-le", id="UTF-16 of Windows"),
        pytest.param(codecs.BOM_UTF16_BE, "utf-16-be", id="UTF-16, big endian"),
    ],
)
def test_a_file_is_written_back_as_it_came(mark: bytes, codec: str) -> None:
    raw = mark + "# für später\r\nflask==2.0".encode(codec)
    text = decoded("requirements.txt", raw)
    assert entries(text.content) == [(2, "flask", "==2.0")]
    assert text.spliced([]) == raw
    assert text.spliced([Edit(0, 0, "é\n")]) == mark + "é\n# für später\r\nflask==2.0".encode(codec)


def test_a_file_that_is_no_text_is_refused() -> None:
    with pytest.raises(ManifestError, match=r"^requirements\.txt is not UTF-8 text \(byte 3\); save it as UTF-8$"):
        decoded("requirements.txt", b"# f\xfcr\n")
