"""Answers of registries at their limits are read in a moment, those beyond them are refused with size and limit."""

import time
from collections.abc import Callable

import pytest

from benchmarks.fuzz.answer_shapes import Answering, shapes
from benchmarks.fuzz.shape import Shape
from remediators import bounds
from remediators.errors import RegistryError
from remediators.registries.npm import NpmRegistry
from remediators.registries.project_files import MOST_FILES, MOST_VERSIONS
from remediators.registries.pypi import PypiRegistry

INDEX = "https://registry.example/simple"
PEP_691 = "application/vnd.pypi.simple.v1+json"

# Alone on a machine they take less than one; tests share theirs.
SECONDS = 5.0


def of_files(number: int, name: str) -> str:
    files = ",".join(f'{{"filename":"{name % n}","url":"x","hashes":{{}}}}' for n in range(number))
    return f'{{"meta":{{"api-version":"1.0"}},"files":[{files}]}}'


def of_pythons(number: int) -> str:
    files = ",".join(
        f'{{"filename":"app-{n}.zip","url":"x","hashes":{{}},"requires-python":">={n}"}}' for n in range(number)
    )
    return f'{{"meta":{{"api-version":"1.0"}},"files":[{files}]}}'


def releases_of_index(body: str) -> int:
    return len(PypiRegistry().releases("app", INDEX, Answering(body.encode(), PEP_691)).releases)


def releases_of_page(body: str) -> int:
    return len(PypiRegistry().releases("app", INDEX, Answering(body.encode(), "text/html")).releases)


def releases_of_npm(body: str) -> int:
    return len(NpmRegistry().releases("app", INDEX, Answering(body.encode(), "")).releases)


def requirements_of_npm(body: str) -> int:
    return len(NpmRegistry().requirements("app", "1", INDEX, Answering(body.encode(), "")))


@pytest.mark.parametrize("shape", [pytest.param(each, id=f"{each.kind}, {each.what}") for each in shapes()])
def test_the_largest_that_is_read_takes_a_moment(shape: Shape) -> None:
    raw = shape.raw()
    begun = time.process_time()
    shape.read(raw)
    assert time.process_time() - begun < SECONDS


@pytest.mark.parametrize(
    ("read", "body", "message"),
    [
        pytest.param(
            releases_of_index,
            " " * (bounds.PROJECT_PAGE.largest + 1),
            r"app: https://registry\.example/simple/app/ answers with a page that has 67,108,865 bytes, and at most "
            r"67,108,864 of such a file are read: look after it by hand",
            id="bytes of an index's JSON",
        ),
        pytest.param(releases_of_index, "[," * 1_250_001, "has 2,500,002 lines, values and sep", id="pieces of JSON"),
        pytest.param(releases_of_page, "<" * 250_001, "has 250,001 lines, values", id="tags of HTML"),
        pytest.param(
            releases_of_index, of_files(MOST_FILES + 1, "app-1-%d.whl"), "lists more than 55,000 files", id="files"
        ),
        pytest.param(
            releases_of_index, of_files(MOST_VERSIONS + 1, "app-%d.zip"), "more than 15,000 versions", id="versions"
        ),
        pytest.param(
            releases_of_index,
            of_pythons(3_000),
            r"asks for Pythons in 16,\d\d\d characters, and at most 10,000",
            id="pythons",
        ),
        pytest.param(releases_of_npm, "[," * 1_500_001, "has 3,000,002 lines, values", id="pieces of a package"),
        pytest.param(
            releases_of_npm,
            '{"versions":{' + ",".join(f'"{n}":{{}}' for n in range(25_001)) + "}}",
            "lists more than 25,000 versions",
            id="versions of a package",
        ),
        pytest.param(
            releases_of_npm,
            "{" + ",".join(f'"{n}":0' for n in range(100_001)) + "}",
            "has more than 100,000 values",
            id="other values of a package",
        ),
        pytest.param(
            requirements_of_npm,
            '{"versions":{'
            + ",".join(
                f'"{version}":{{"version":"1","dist":{{}},"dependencies":{{{needs}}}}}'
                for needs in [",".join(f'"p{n}":"1"' for n in range(20_000))]
                for version in range(21)
            )
            + "}}",
            "its releases require more than 400,000 packages",
            id="what releases of a package require",
        ),
    ],
)
def test_more_is_refused(read: Callable[[str], int], body: str, message: str) -> None:
    begun = time.process_time()
    with pytest.raises(RegistryError, match=message):
        read(body)
    assert time.process_time() - begun < SECONDS


def test_the_tags_of_a_wheel_are_not_multiplied_out() -> None:
    tags = "-".join(".".join(letter + str(n) for n in range(20)) for letter in "abc")
    assert releases_of_index(of_files(1, f"app-1.%d-{tags}.whl")) == 1


def test_a_name_that_no_file_system_takes_is_no_file() -> None:
    assert releases_of_index(of_files(1, f"app-1.%d{'.0' * 130}.zip")) == 0
