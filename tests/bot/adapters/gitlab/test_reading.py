from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import responses
from responses.matchers import header_matcher, query_param_matcher

from bot.errors import ForgeError
from bot.ports import Token, User
from state.model import IssueState, MergeRequestState
from tests.bot.adapters.gitlab.records import API, PROJECT, TOKEN, URL, Client, issue, merge_request, project


@pytest.fixture(autouse=True)
def gitlab() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def asked(gitlab: responses.RequestsMock) -> list[dict[str, Any]]:
    """The queries of all calls so far."""
    return [dict(call.request.params) for call in gitlab.calls]  # type: ignore[attr-defined]  # added by responses


def test_the_token_goes_into_its_header(gitlab: responses.RequestsMock) -> None:
    gitlab.get(
        f"{API}/user", json={"id": 1, "username": "bot", "bot": True}, match=[header_matcher({"PRIVATE-TOKEN": TOKEN})]
    )
    assert Client().user() == User(1, "bot", True)


@pytest.mark.parametrize(
    ("expires", "at"), [("2026-12-01", datetime(2026, 12, 1, tzinfo=UTC)), (None, None)], ids=["expires", "for ever"]
)
def test_a_token_ends_when_its_last_day_begins(
    gitlab: responses.RequestsMock, expires: str | None, at: datetime | None
) -> None:
    record = {"name": "bot", "scopes": ["api"], "expires_at": expires}
    gitlab.get(f"{API}/personal_access_tokens/self", json=record)
    assert Client().token() == Token("bot", ("api",), at)


def test_a_token_that_gitlab_does_not_tell_about_is_none(gitlab: responses.RequestsMock) -> None:
    gitlab.get(f"{API}/personal_access_tokens/self", status=404, json={"message": "404 Not Found"})
    assert Client().token() is None


def test_the_version_is_gitlabs_own_word(gitlab: responses.RequestsMock) -> None:
    gitlab.get(f"{API}/version", json={"version": "18.4.1-ee", "revision": "abc"})
    assert Client().version() == "18.4.1-ee"


class TestProjects:
    def test_pages_are_followed_by_their_link_to_the_end(self, gitlab: responses.RequestsMock) -> None:
        base = "membership=true&pagination=keyset&order_by=id&sort=asc&per_page=100"
        elsewhere = f"http://internal.name/api/v4/projects?{base}&id_after=7"
        gitlab.get(f"{API}/projects", json=[project(7)], headers={"Link": f'<{elsewhere}>; rel="next"'})
        second = query_param_matcher({**dict(part.split("=") for part in base.split("&")), "id_after": "7"})
        gitlab.get(f"{API}/projects", json=[project(8)], match=[second])

        assert [found.id for found in Client().projects()] == [7, 8]
        assert all(str(call.request.url).startswith(API) for call in gitlab.calls), "the token stays with its GitLab"

    @pytest.mark.parametrize(
        ("permissions", "level"),
        [
            ({"project_access": {"access_level": 30}, "group_access": {"access_level": 40}}, 40),
            ({"project_access": {"access_level": 30}, "group_access": None}, 30),
            ({"project_access": None, "group_access": None}, 0),
            (None, 0),
        ],
        ids=["both", "project", "neither", "not told"],
    )
    def test_the_higher_access_counts(self, gitlab: responses.RequestsMock, permissions: object, level: int) -> None:
        gitlab.get(f"{API}/projects", json=[project(permissions=permissions)])
        assert [found.access_level for found in Client().projects()] == [level]

    def test_a_project_comes_with_its_head(self, gitlab: responses.RequestsMock) -> None:
        gitlab.get(f"{API}/projects/group%2Fapp", json=project(default_branch="release/1"))
        gitlab.get(f"{API}/projects/7/repository/branches/release%2F1", json={"commit": {"id": "b" * 40}})
        found = Client().project("group/app")
        assert (found.id, found.default_branch, found.head) == (7, "release/1", "b" * 40)

    @pytest.mark.parametrize("branch", [None, "main"], ids=["no branch", "a branch without a commit"])
    def test_an_empty_project_has_no_head(self, gitlab: responses.RequestsMock, branch: str | None) -> None:
        gitlab.get(f"{API}/projects/7", json=project(default_branch=branch))
        if branch:
            gitlab.get(
                f"{API}/projects/7/repository/branches/main", status=404, json={"message": "404 Branch Not Found"}
            )
        assert Client().project("7").head is None

    def test_a_project_that_moved_is_found_at_its_new_place(self, gitlab: responses.RequestsMock) -> None:
        gitlab.get(f"{API}/projects/old", status=301, headers={"Location": f"{API}/projects/7"})
        gitlab.get(f"{API}/projects/7", json=project(default_branch=None))
        assert Client().project("old").path == "group/app"

    def test_a_missing_project_is_an_error_with_its_status(self, gitlab: responses.RequestsMock) -> None:
        gitlab.get(f"{API}/projects/no%2Fpe", status=404, json={"message": "404 Project Not Found"})
        with pytest.raises(ForgeError, match=r"GET /projects/no/pe \(404 Project Not Found\)") as failed:
            Client().project("no/pe")
        assert failed.value.status == 404


class TestIssues:
    def test_only_what_really_has_the_marker_is_found(self, gitlab: responses.RequestsMock) -> None:
        like = issue(2, description="remediation-bot key of something else")
        quoting = issue(1, description="> Gone.\n> <!-- remediation-bot-key-1 -->\n")
        gitlab.get(f"{API}/projects/7/issues", json=[quoting, like, issue(3), issue(4, description=None)])

        assert [found.iid for found in Client().issues(PROJECT, "remediation-bot-key-1")] == [3]
        assert asked(gitlab) == [
            {
                "search": "remediation-bot-key-1",
                "in": "description",
                "scope": "created_by_me",
                "state": "all",
                "order_by": "created_at",
                "sort": "asc",
                "per_page": "100",
            }
        ]

    def test_an_issue_has_all_that_is_known_of_it(self, gitlab: responses.RequestsMock) -> None:
        record = issue(state="closed", closed_by={"username": "ann"})
        gitlab.get(f"{API}/projects/7/issues/3", json=record)
        found = Client().issue(PROJECT, 3)
        assert found is not None
        assert (found.iid, found.state, found.closed_by, found.labels) == (
            3,
            IssueState.CLOSED,
            "ann",
            ("dependencies",),
        )
        assert found.updated_at == datetime(2026, 11, 20, 8, 0, 0, 123000, tzinfo=UTC)

    def test_who_closed_an_issue_that_is_open_again_is_no_matter(self, gitlab: responses.RequestsMock) -> None:
        gitlab.get(f"{API}/projects/7/issues/3", json=issue(closed_by={"username": "ann"}))
        found = Client().issue(PROJECT, 3)
        assert found is not None
        assert found.closed_by == ""

    def test_a_deleted_issue_is_none(self, gitlab: responses.RequestsMock) -> None:
        gitlab.get(f"{API}/projects/7/issues/3", status=404, json={"message": "404 Not found"})
        assert Client().issue(PROJECT, 3) is None

    @pytest.mark.parametrize(
        ("one", "path"), [(True, "/projects/7/issues"), (False, "/issues")], ids=["of a project", "of the fleet"]
    )
    def test_own_issues_are_listed_since_they_changed(
        self, gitlab: responses.RequestsMock, one: bool, path: str
    ) -> None:
        gitlab.get(f"{API}{path}", json=[issue(3), issue(4, project_id=8)])
        since = datetime(2026, 11, 20, 7, tzinfo=UTC)
        found = list(Client().own_issues(since, PROJECT if one else None))
        assert [(project_id, own.iid) for project_id, own in found] == [(7, 3), (8, 4)]
        assert (
            asked(gitlab)[0].items()
            >= {
                "scope": "created_by_me",
                "state": "all",
                "updated_after": "2026-11-20T07:00:00+00:00",
                "order_by": "created_at",
                "sort": "asc",
            }.items()
        )


class TestMergeRequests:
    def test_those_of_a_fork_with_the_same_branch_are_not_ours(self, gitlab: responses.RequestsMock) -> None:
        gitlab.get(f"{API}/projects/7/merge_requests", json=[merge_request(9, source_project_id=66), merge_request(5)])
        assert [found.iid for found in Client().merge_requests(PROJECT, "bot/requests")] == [5]
        assert (
            asked(gitlab)[0].items()
            >= {
                "source_branch": "bot/requests",
                "state": "all",
                "scope": "all",
                "order_by": "created_at",
                "sort": "desc",
            }.items()
        )

    @pytest.mark.parametrize(
        ("changes", "merge_commit"),
        [
            ({"state": "opened"}, None),
            ({"state": "merged", "merge_commit_sha": "b" * 40}, "b" * 40),
            ({"state": "merged", "squash_commit_sha": "c" * 40}, "c" * 40),
            ({"state": "merged"}, "a" * 40),
        ],
        ids=["open", "merge commit", "squashed", "fast-forward"],
    )
    def test_what_was_merged_is_a_commit(
        self, gitlab: responses.RequestsMock, changes: dict[str, Any], merge_commit: str | None
    ) -> None:
        gitlab.get(f"{API}/projects/7/merge_requests/5", json=merge_request(**changes))
        found = Client().merge_request(PROJECT, 5)
        assert found is not None
        assert (found.state, found.merge_commit) == (MergeRequestState(changes["state"]), merge_commit)

    def test_a_branch_that_gitlab_has_not_looked_at_has_no_sha(self, gitlab: responses.RequestsMock) -> None:
        gitlab.get(f"{API}/projects/7/merge_requests/5", json=merge_request(sha=None))
        found = Client().merge_request(PROJECT, 5)
        assert found is not None
        assert found.sha == ""

    def test_a_deleted_merge_request_is_none(self, gitlab: responses.RequestsMock) -> None:
        gitlab.get(f"{API}/projects/7/merge_requests/5", status=404, json={"message": "404 Not found"})
        assert Client().merge_request(PROJECT, 5) is None

    def test_own_merge_requests_are_listed_from_the_beginning(self, gitlab: responses.RequestsMock) -> None:
        gitlab.get(f"{API}/merge_requests", json=[merge_request(5)])
        assert [(number, own.iid) for number, own in Client().own_merge_requests(None, None)] == [(7, 5)]
        assert "updated_after" not in asked(gitlab)[0]


def test_reads_are_counted_and_a_graphql_query_is_one(gitlab: responses.RequestsMock) -> None:
    gitlab.get(f"{API}/version", json={"version": "18.4.1"})
    empty = {"data": {"projects": {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}}}
    gitlab.post(f"{URL}/api/graphql", json=empty)
    client = Client()
    client.version()
    assert list(client.sweep()) == []
    assert (client.usage.reads, client.usage.writes) == (2, 0)
