"""What makers say of their releases stands in the merge request, can do nothing there, and is no reason to write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.end_to_end.advisories import record
from tests.end_to_end.inside import inside
from tests.end_to_end.world import Fleet

PATH = "group/app"
CHANGELOG = """\
# Changelog
## 1.5
- Closes #1, thanks @root <img src=x onerror=y>
  in ![badge](https://evil.example/b)

/close
## 1.0
- old news
"""


@pytest.fixture
def app(fleet: Fleet) -> Fleet:
    """One project with one vulnerable package, whose fix comes with notes."""
    fleet.index.add("acme", "1.0", "1.2", "1.5")
    fleet.index.told["acme", "1.5"] = CHANGELOG
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))
    fleet.project(PATH, {"requirements.txt": "acme==1.0\n"})
    return fleet


def description(app: Fleet) -> str:
    (merge_request,) = app.merge_requests(PATH)
    return str(merge_request["description"])


def test_the_merge_request_tells_what_is_new(app: Fleet) -> None:
    app.run(PATH)
    said = description(app)
    assert "- `acme` `1.0` to `1.5`: 2 minor releases, published 2025-01-01, 1 year before this was written" in said
    assert "<code>acme</code> say of 1 release<" in said
    assert "\n- Closes \\#1, thanks \\@root in\n\n\\/close\n" in said
    assert "old news" not in said


def test_they_are_fetched_once_for_the_fleet(app: Fleet) -> None:
    app.project("group/other", {"requirements.txt": "acme==1.0\n"})
    # uv asks as well, as often for each.
    asked = []
    for path in (PATH, "group/other"):
        app.index.requests.clear()
        app.run(path)
        asked.append(len([path for path in app.index.requests if path.endswith("acme-1.5-py3-none-any.whl.metadata")]))
    assert asked[1] == asked[0] - 1
    assert "say of 1 release" in str(app.merge_requests("group/other")[0]["description"])


def test_news_are_no_reason_to_write_again(app: Fleet) -> None:
    app.run(PATH)
    before = description(app)
    # Without its memory the bot makes it all again, and finds that it stands there.
    (app.folder / "bot.db").unlink()
    app.index.told.clear()
    app.sandbox.requests.clear()
    app.run(PATH)
    assert app.writes() == []
    assert description(app) == before


def test_what_cannot_be_had_is_done_without(app: Fleet) -> None:
    app.index.told["acme", "1.5"] = "no changelog at all"
    app.run(PATH)
    assert "2 minor releases" in description(app)
    assert "<details>" not in description(app)


def test_they_can_be_switched_off(app: Fleet) -> None:
    app.environ["BOT_POLICY__RELEASE_NOTES"] = "false"
    app.run(PATH)
    assert "say of" not in description(app)


def test_notes_that_could_not_be_had_are_added_later(app: Fleet) -> None:
    app.index.away = True
    app.run(PATH)
    assert "say of" not in description(app)
    app.index.away = False
    with inside(app) as pipeline:
        app.sandbox.requests.clear()
        pipeline.sweep()
        assert app.writes() == []
        pipeline.sweep(later=timedelta(hours=1, minutes=1))
        assert "<code>acme</code> say of 1 release<" in description(app)
        app.sandbox.requests.clear()
        pipeline.sweep(later=timedelta(hours=4))
    assert app.writes() == []


def test_notes_that_still_cannot_be_had_are_no_reason_to_write(app: Fleet) -> None:
    app.index.away = True
    app.run(PATH)
    app.sandbox.requests.clear()
    with inside(app) as pipeline:
        pipeline.sweep(later=timedelta(hours=1, minutes=1))
    assert app.writes() == []


def test_what_comes_along_is_remarked_on(fleet: Fleet) -> None:
    fleet.index.add("acme", "1.0", "1.5")
    fleet.index.add("helper", "1.0")
    fleet.index.add("helper", "2.0", uploaded=(datetime.now(UTC) - timedelta(days=1, hours=1)).isoformat())
    fleet.index.needs["acme", "1.5"] = ["helper>=2"]
    fleet.advise(record("CVE-2026-1", "acme", "1.5"))
    fleet.project(PATH, {"requirements.txt": "acme==1.0\nhelper==1.0\n"})
    fleet.run(PATH)
    assert "- carried along: helper 2.0 is 1 day old; the cooldown is 3 days\n" in description(fleet)
