"""Where a package of a pdm project comes from."""

import pytest

from remediators.documents.toml_document import TomlDocument, read_toml
from remediators.errors import ManifestError
from remediators.pdm.manifest import index

HOUSE = "https://registry.example/house"


def document(patterns: int, sources: int = 1) -> TomlDocument:
    listed = ", ".join(f'"house-{number}*"' for number in range(patterns))
    table = f'[[tool.pdm.source]]\nurl = "{HOUSE}"\ninclude_packages = [{listed}]\n'
    return read_toml("pyproject.toml", (table * sources).encode())


def test_the_source_that_names_it() -> None:
    assert [index(document(99), package) for package in ("house-98-x", "other")] == [HOUSE, None]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param(document(100), "has 1 sources that name 100 packages, and at most 100 of both", id="patterns"),
        pytest.param(document(0, 101), "has 101 sources that name 0 packages", id="sources"),
        pytest.param(document(9, 11), "has 11 sources that name 99 packages", id="both"),
    ],
)
def test_more_than_is_looked_through_for_each_package_is_refused(given: TomlDocument, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        index(given, "app")
