"""The floor: what a first run of one project asks of GitLab, git and the index, by a script that decides nothing.

Run as `python floor.py GITLAB INDEX PROJECT`, with the token in $TOKEN. Imports nothing of the bot.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import subprocess
import sys
from urllib.parse import quote, urlencode, urlsplit

OUTDATED = re.compile(rb"^(package-1[5-9])==1\.39$", re.MULTILINE)


class Site:
    """One connection to one server."""

    def __init__(self, url: str, token: str = "") -> None:
        parts = urlsplit(url)
        self._prefix = parts.path
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        self._headers = {"PRIVATE-TOKEN": token} if token else {"Accept": "application/vnd.pypi.simple.v1+json"}

    def ask(self, method: str, path: str, body: dict[str, str] | None = None) -> object:
        """One request; its JSON."""
        payload = None if body is None else json.dumps(body)
        headers = {**self._headers, **({"Content-Type": "application/json"} if body else {})}
        self._connection.request(method, self._prefix + path, payload, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status >= 400:
            sys.exit(f"{method} {path}: {answer.status} {content!r}")
        return json.loads(content)


def git(*args: str, stdin: bytes = b"", **environ: str) -> bytes:
    """One git command in the bare repository of this folder."""
    done = subprocess.run(["git", *args], input=stdin, capture_output=True, env={**os.environ, **environ}, check=False)
    if done.returncode:
        sys.exit(f"git {args}: {done.stderr!r}")
    return done.stdout


def main() -> None:
    """The calls, one after the other."""
    server, index, path = sys.argv[1:]
    token = os.environ["TOKEN"]
    api, registry = Site(f"{server}/api/v4", token), Site(index)
    where = f"/projects/{quote(path, safe='')}"
    api.ask("GET", where)
    api.ask("GET", f"{where}/repository/branches/main")
    header = "Authorization: Basic " + base64.b64encode(f"oauth2:{token}".encode()).decode()
    origin = f"{server}/{path}.git"
    os.environ |= {
        "GIT_DIR": "repository.git",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": header,
        "GIT_AUTHOR_NAME": "Floor",
        "GIT_AUTHOR_EMAIL": "floor@bench.example",
        "GIT_COMMITTER_NAME": "Floor",
        "GIT_COMMITTER_EMAIL": "floor@bench.example",
    }
    git("init", "--bare", "--quiet", "repository.git")
    git("fetch", "--quiet", "--depth=1", origin, "+refs/heads/main:refs/heads/main")
    git("ls-tree", "-r", "-z", "main")
    manifest = git("cat-file", "blob", "main:requirements.txt")
    for name in re.findall(rb"^([a-z0-9-]+)==", manifest, re.MULTILINE):
        registry.ask("GET", f"/{name.decode()}/")
    for name in OUTDATED.findall(manifest):
        _open(api, where, origin, name.decode(), manifest)


def _open(api: Site, where: str, origin: str, name: str, manifest: bytes) -> None:
    branch, title = f"floor/{name}", f"Update {name}"
    moved = manifest.replace(f"{name}==1.39".encode(), f"{name}==2.0".encode())
    git("read-tree", "main", GIT_INDEX_FILE="floor.index")
    blob = git("hash-object", "-w", "--stdin", stdin=moved).decode().strip()
    git("update-index", "--cacheinfo", f"100644,{blob},requirements.txt", GIT_INDEX_FILE="floor.index")
    tree = git("write-tree", GIT_INDEX_FILE="floor.index").decode().strip()
    commit = git("commit-tree", tree, "-p", "main", "-m", title).decode().strip()
    api.ask("GET", f"{where}/merge_requests?{urlencode({'source_branch': branch, 'state': 'all'})}")
    api.ask("GET", f"{where}/issues?{urlencode({'search': branch, 'in': 'description'})}")
    issue = api.ask("POST", f"{where}/issues", {"title": title, "description": title})
    git("ls-remote", origin, f"refs/heads/{branch}")
    git("push", "--quiet", origin, f"{commit}:refs/heads/{branch}")
    closes = f"Closes #{issue['iid']}" if isinstance(issue, dict) else ""
    request = {"source_branch": branch, "target_branch": "main", "title": title, "description": closes}
    api.ask("POST", f"{where}/merge_requests", request)


if __name__ == "__main__":
    main()
