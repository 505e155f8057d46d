"""`bot projects` and `bot status`: what the token reaches, and where it stands."""

from __future__ import annotations

from bot.app import App
from bot.errors import BotError
from bot.reports import status as report
from bot.reports.status import Standing
from bot.reports.text import document


def projects(app: App, as_json: bool) -> int:
    """Every project that the token is a member of, with its role and why it is left out."""
    rows = [report.reached(project) for project in app.forge.projects()]
    print(document(rows) if as_json else report.reached_text(rows))
    return 0


def status(app: App, project: str | None, as_json: bool) -> int:
    """The fleet, or one project with its remediations and history. Reads the database only."""
    if project is None:
        fleet = _fleet(app)
        print(document([report.line(standing) for standing in fleet]) if as_json else report.fleet_text(fleet))
    else:
        standing = _project(app, project)
        print(document(report.whole(standing)) if as_json else report.project_text(standing))
    return 0


def _fleet(app: App) -> list[Standing]:
    store = app.store
    scans, findings, remediations = store.last_scans(), store.all_findings(), store.all_remediations()
    return [
        Standing(project, scans.get(project.id), findings.get(project.id, ()), remediations.get(project.id, ()))
        for project in store.projects()
    ]


def _project(app: App, path: str) -> Standing:
    store = app.store
    known = store.project(path)
    if known is None:
        raise BotError(f"{path}: not in the database; run `bot run {path}` first")
    return Standing(
        known, store.last_scan(known.id), store.findings(known.id), store.remediations(known.id), store.events(known.id)
    )
