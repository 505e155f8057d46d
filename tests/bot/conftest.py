"""The fleet and the warm process of the end-to-end tests, for the tests of single commands."""

from __future__ import annotations

from tests.end_to_end.conftest import fleet, runner

__all__ = ["fleet", "runner"]
