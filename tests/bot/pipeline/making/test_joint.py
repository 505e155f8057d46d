"""Several fixes, made one upon the other, as one change set."""

from __future__ import annotations

import re

from bot.pipeline.making.joint import union
from bot.pipeline.writing import render
from bot.pipeline.writing.render import Joined, Subject
from state.model import Remediation
from tests.bot.pipeline.builders import change, finding, remediation
from tests.bot.pipeline.writing.test_render import PROOF


def fix(package: str, after: str, before: str = "1.0") -> Remediation:
    key = f"vulnerable/PyPI/{package}"
    moved = (change(package, before, after),)
    return remediation(key=key, branch=f"remediation/{key}", findings=(f"PyPI:{package}:CVE-1",), changes=moved)


def moves(whole: Remediation) -> list[tuple[str, str, str]]:
    return [(c.package, c.before, c.after) for c in whole.changes]


def test_it_goes_by_the_first_and_is_for_the_findings_of_all() -> None:
    whole = union([fix("beta", "1.5"), fix("alpha", "2.0")], [fix("alpha", "2.0"), fix("beta", "1.5")], ())
    assert (whole.key, whole.branch) == ("vulnerable/PyPI/beta", "remediation/vulnerable/PyPI/beta")
    assert whole.findings == ("PyPI:beta:CVE-1", "PyPI:alpha:CVE-1")
    assert moves(whole) == [("alpha", "1.0", "2.0"), ("beta", "1.0", "1.5")]
    assert whole.title == "Update alpha to 2.0, beta to 1.5 together against 2 vulnerabilities"


def test_a_package_that_moves_twice_goes_from_where_it_stood() -> None:
    whole = union([fix("alpha", "2.0"), fix("beta", "1.5")], [fix("beta", "1.2"), fix("beta", "1.5", "1.2")], ())
    assert moves(whole) == [("beta", "1.0", "1.5")]


def test_what_one_fix_carried_along_for_another_is_named() -> None:
    carried = [change("beta", "1.0", "2.0"), change("other", "1.0", "1.1"), change("alpha", "1.0", "2.0")]
    whole = union([fix("alpha", "2.0"), fix("beta", "1.5")], [fix("alpha", "2.0")], carried)
    assert moves(whole) == [("alpha", "1.0", "2.0"), ("beta", "1.0", "2.0")]


def test_a_title_does_not_name_many() -> None:
    fixes = [fix(name, "2.0") for name in ("a", "b", "c", "d")]
    assert union(fixes, fixes, ()).title == "Update 4 packages together against 4 vulnerabilities"


def test_its_merge_request_carries_the_marks_of_each_and_closes_their_issues() -> None:
    one, other = fix("alpha", "2.0"), fix("beta", "1.5")
    subject = Subject(one, (finding(),), PROOF, joined=(Joined(other, 9),), left_out=("gamma",))
    draft = render.merge_request(subject, 7, ())
    assert re.search(r"^Closes #7\n+Closes #9$", draft.description, re.MULTILINE)
    assert {"joint-fix", "partial-fix"} <= set(draft.labels)
    assert "**Not part of it**: `gamma`" in draft.description
