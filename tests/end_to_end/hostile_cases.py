"""The repositories of the hostile fleet."""

from __future__ import annotations

from tests.end_to_end.hostile_files import BOMBS, INCLUDES, LINKS
from tests.end_to_end.hostile_names import NAMES
from tests.end_to_end.hostile_places import ELSEWHERE
from tests.end_to_end.hostile_programs import PROGRAMS
from tests.end_to_end.hostile_references import REFERENCES

CASES = (*LINKS, *INCLUDES, *REFERENCES, *BOMBS, *ELSEWHERE, *PROGRAMS, *NAMES)
