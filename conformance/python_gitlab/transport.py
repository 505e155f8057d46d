"""How python-gitlab talks: errors, limits, retries, uploads, raw requests, GraphQL."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.request import urlopen

import gitlab
from gitlab.v4.objects import Project

from bot.sandbox.faults import CUT_BEFORE, Fault
from conformance.clients import python_packages
from conformance.place import run
from conformance.python_gitlab.ground import DEVELOPER, Ground, refused, told
from conformance.story import equal, expect

_WITH_GRAPHQL = "python-gitlab[graphql]==8.6.0"


def errors(ground: Ground) -> None:
    """Every refusal is an error of the library's own class, with GitLab's status and words."""
    gl, project = ground.root, ground.project("errors", DEVELOPER)
    narrow = ground.client(ground.here.sandbox.add_token(ground.here.sandbox.root, ("read_api",)))
    refused(gitlab.GitlabGetError, 404, "404 Project Not Found", lambda: gl.projects.get("no/such"))
    refused(gitlab.GitlabAuthenticationError, 401, "401 Unauthorized", ground.client("glpat-wrong").auth)
    taken = {"name": "errors", "namespace_id": project.namespace["id"]}
    refused(gitlab.GitlabCreateError, 400, "has already been taken", lambda: gl.projects.create(taken))
    issues = f"/projects/{project.id}/issues"
    refused(gitlab.GitlabHttpError, 400, "title is missing", lambda: gl.http_post(issues, post_data={}))
    refused(gitlab.GitlabCreateError, 403, "403 Forbidden", lambda: project.hooks.create({"url": "http://a.example"}))
    refused(gitlab.GitlabDeleteError, 403, "403 Forbidden", project.delete)
    refused(gitlab.GitlabUpdateError, 403, "403 Forbidden", lambda: _rename(project))
    refused(gitlab.GitlabListError, 404, "404 Not Found", lambda: project.wikis.list(get_all=True))
    refused(gitlab.GitlabCreateError, 403, "insufficient_scope", lambda: narrow.projects.create({"name": "x"}))
    ground.request(project, "twice")
    again = {"source_branch": "twice", "target_branch": "main", "title": "Again"}
    refused(gitlab.GitlabCreateError, 409, "Another open merge request", lambda: project.mergerequests.create(again))


def limits(ground: Ground) -> None:
    """A 429 is waited for, as `Retry-After` says; a client that does not obey hears of it."""
    limited = ground.here.sandbox.rate_limits
    limited.limit, limited.period = 2, 1
    try:
        gl = ground.person(DEVELOPER)
        equal({told(gl.http_get("/version"))["version"][:2] for _ in range(5)}, {"18"}, "major versions")
        expect(any(one.status == 429 for one in ground.here.sandbox.requests), "nothing was ever refused")
        hasty = ground.client(ground.here.sandbox.add_token(ground.here.sandbox.root))
        refused(gitlab.GitlabHttpError, 429, "Retry later", lambda: _hurry(hasty))
    finally:
        limited.limit = None


def failures(ground: Ground) -> None:
    """A 502 and a cut connection are tried again where that is asked for."""
    for fault in (Fault("GET", "*/metadata", status=502), Fault("GET", "*/metadata", cut=CUT_BEFORE)):
        ground.here.sandbox.faults.add(fault)
        expect(ground.root.http_get("/metadata", retry_transient_errors=True), "no answer")
        equal(fault.struck, 1, "faults that struck")
    ground.here.sandbox.faults.add(Fault("GET", "*/metadata", status=500, body={"message": "500 Error"}))
    refused(gitlab.GitlabHttpError, 500, "500 Error", lambda: ground.root.http_get("/metadata"))


def raw(ground: Ground) -> None:
    """Uploads, HEAD requests, another's name, and a list without a class of its own."""
    project, gl = ground.project("raw", DEVELOPER), ground.root
    uploaded = project.upload("notes.txt", filedata=b"hello\n")
    with urlopen(f"{gl.url}{uploaded['full_path']}") as answer:
        equal(answer.read(), b"hello\n", "the uploaded file")
    equal(gl.http_head(f"/projects/{project.id}")["Content-Type"], "application/json", "type")
    equal(told(gl.http_get("/user", sudo=DEVELOPER))["username"], DEVELOPER, "user by sudo")
    issues = gl.http_list("/issues", query_data={"scope": "all", "per_page": 1}, iterator=True)
    equal(sum(1 for _ in issues), gl.issues.list(scope="all", iterator=True).total, "issues")


def graphql(ground: Ground) -> None:
    """Queries, pages, many at once, and the schema."""
    bin_ = python_packages("python-gitlab", _WITH_GRAPHQL)
    environ = {"GITLAB_URL": ground.here.sandbox.url, "GITLAB_TOKEN": ground.root.private_token or ""}
    program = Path(__file__).with_name("graphql_client.py")
    seen = json.loads(run([str(bin_ / "python"), str(program)], ground.here.folder, environ))
    listed = ground.root.projects.list(membership=True, order_by="id", sort="asc", get_all=True)
    equal(seen.pop("projects"), [one.path_with_namespace for one in listed], "projects")
    equal(seen, _SEEN, "answers")


_SEEN = {
    "user": "root",
    "together": ["root"] * 5,
    "wrong": "TransportQueryError",
    # gql reads the errors in the body of a 401 before its status.
    "stranger": "TransportQueryError",
    "checked": "GraphQLError",
}


def _rename(project: Project) -> None:
    project.name = "Other"
    project.save()


def _hurry(client: gitlab.Gitlab) -> None:
    for _ in range(5):
        client.http_get("/metadata", obey_rate_limit=False)
