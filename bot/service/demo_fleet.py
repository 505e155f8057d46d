"""The demo's sample projects and advisories. The texts are our own; the packages and what ails them are real."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEVELOPER, REPORTER = 30, 20
PUBLISHED = "2026-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample project: the files of its first commit, and the role that the bot has on it."""

    path: str
    files: Mapping[str, str]
    access_level: int = DEVELOPER


SHOP = """\
# The web shop's runtime dependencies
jinja2==3.1.2          # templates
requests[socks]==2.30.0
packaging==23.1
itsdangerous>=2.1,<3
"""

REPORTS = """\
[project]
name = "reports"
version = "1.0.0"
requires-python = ">=3.10"
dependencies = [
    "requests>=2.32.4",  # brings urllib3
]
"""
# What the lock of `reports` is held at while it is made: the vulnerable package comes with another one.
REPORTS_HELD = '\n[tool.uv]\nconstraint-dependencies = ["urllib3==2.0.5"]\n'

LODASH_INTEGRITY = "sha512-PlhdFcillOINfeV7Ni6oF1TAEayyZBoZ8bcshTHqOYJYlrqzRK5hagpagky5o4HfCzzd1TRkXPMFq6cKk9rGmA=="
FRONTEND = {
    "name": "frontend",
    "version": "1.0.0",
    "private": True,
    "dependencies": {"lodash": "^4.17.20"},
}
FRONTEND_LOCK = {
    "name": "frontend",
    "version": "1.0.0",
    "lockfileVersion": 3,
    "requires": True,
    "packages": {
        "": {"name": "frontend", "version": "1.0.0", "dependencies": {"lodash": "^4.17.20"}},
        "node_modules/lodash": {
            "version": "4.17.20",
            "integrity": LODASH_INTEGRITY,
            "license": "MIT",
        },
    },
}


def samples(reports_lock: str | None, npm: bool) -> tuple[Sample, ...]:
    """Every sample project: the uv project without its lock where that could not be made, the npm project with npm."""
    reports = {"pyproject.toml": REPORTS} | ({} if reports_lock is None else {"uv.lock": reports_lock})
    frontend = {
        "package.json": json.dumps(FRONTEND, indent=2) + "\n",
        "package-lock.json": json.dumps(FRONTEND_LOCK, indent=2) + "\n",
    }
    return (
        Sample("demo/shop", {"README.md": "# Shop\n", "requirements.txt": SHOP}),
        Sample("demo/reports", {"README.md": "# Reports\n", **reports}),
        *((Sample("demo/frontend", {"README.md": "# Frontend\n", **frontend}),) if npm else ()),
        Sample("demo/clean", {"README.md": "# Clean\n", "requirements.txt": "packaging>=24\n"}),
        Sample("demo/read-only", {"requirements.txt": "jinja2==3.1.2\n"}, REPORTER),
    )


@dataclass(frozen=True, slots=True)
class _Text:
    """One advisory: every version below `fixed` from `introduced` on is affected."""

    cve: str
    ecosystem: str
    package: str
    introduced: str
    fixed: str
    vector: str
    summary: str


ADVISORIES = (
    _Text(
        "CVE-2024-22195",
        "PyPI",
        "jinja2",
        "0",
        "3.1.3",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N",
        "Keys with spaces given to the xmlattr filter become attributes of their own: cross-site scripting",
    ),
    _Text(
        "CVE-2025-27516",
        "PyPI",
        "jinja2",
        "0",
        "3.1.6",
        "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
        "A template can leave its sandbox by way of the attr filter",
    ),
    _Text(
        "CVE-2023-32681",
        "PyPI",
        "requests",
        "2.3.0",
        "2.31.0",
        "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:C/C:H/I:N/A:N",
        "The password for the proxy is sent on to the server after a redirect to https",
    ),
    _Text(
        "CVE-2024-37891",
        "PyPI",
        "urllib3",
        "2.0.0",
        "2.2.2",
        "CVSS:3.1/AV:N/AC:H/PR:H/UI:N/S:U/C:H/I:N/A:N",
        "The password for the proxy is kept when a redirect leads to another host",
    ),
    _Text(
        "CVE-2023-45803",
        "PyPI",
        "urllib3",
        "2.0.0",
        "2.0.7",
        "CVSS:3.1/AV:A/AC:H/PR:H/UI:N/S:U/C:H/I:N/A:N",
        "The body of a request is kept when a redirect turns it into a GET",
    ),
    _Text(
        "CVE-2021-23337",
        "npm",
        "lodash",
        "0",
        "4.17.21",
        "CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H",
        "The name given to a template's variable option is run as code",
    ),
)


def write_advisories(folder: Path) -> None:
    """The advisories as OSV dumps: one zip for each ecosystem, one JSON document for each record."""
    folder.mkdir(parents=True, exist_ok=True)
    for ecosystem in sorted({a.ecosystem for a in ADVISORIES}):
        with zipfile.ZipFile(folder / f"{ecosystem}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for number, text in enumerate(ADVISORIES, 1):
                if text.ecosystem == ecosystem:
                    record = _record(f"DEMO-{number}", text)
                    archive.writestr(f"{record['id']}.json", json.dumps(record))


def _record(id_: str, text: _Text) -> dict[str, object]:
    events = [{"introduced": text.introduced}, {"fixed": text.fixed}]
    kind = "SEMVER" if text.ecosystem == "npm" else "ECOSYSTEM"
    return {
        "schema_version": "1.7.0",
        "id": id_,
        "aliases": [text.cve],
        "summary": text.summary,
        "modified": PUBLISHED,
        "published": PUBLISHED,
        "severity": [{"type": "CVSS_V3", "score": text.vector}],
        "affected": [
            {
                "package": {"ecosystem": text.ecosystem, "name": text.package},
                "ranges": [{"type": kind, "events": events}],
            }
        ],
    }
