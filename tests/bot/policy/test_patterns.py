"""What patterns match."""

from __future__ import annotations

import pytest

from bot.policy import patterns


@pytest.mark.parametrize(
    ("pattern", "ecosystem", "name", "matches"),
    [
        ("django", "PyPI", "django", True),
        ("Django_REST.framework", "PyPI", "django-rest-framework", True),
        ("django", "PyPI", "django-filter", False),
        ("django*", "PyPI", "django-filter", True),
        ("@types/*", "npm", "@types/node", True),
        ("a.b", "npm", "a-b", False),
    ],
)
def test_packages(pattern: str, ecosystem: str, name: str, matches: bool) -> None:
    assert patterns.package(pattern, ecosystem, name) is matches


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("legacy", "legacy/app/package.json", True),
        ("legacy/", "legacy/package.json", True),
        ("/legacy/**", "legacy/app/package.json", True),
        ("legacy", "legacy-2/package.json", False),
        ("*/test/*", "web/test/package.json", True),
        ("requirements.txt", "sub/requirements.txt", False),
    ],
)
def test_paths(pattern: str, name: str, matches: bool) -> None:
    assert patterns.path(pattern, name) is matches


def test_the_first_group_that_fits_has_the_package() -> None:
    groups = {"one": ("a*",), "two": ("ab", "c")}
    assert [patterns.group(groups, "npm", name) for name in ("ab", "c", "d")] == ["one", "two", None]
