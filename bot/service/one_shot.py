"""`bot run` and `bot scan`: one look, a report, an exit status."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.app import App
from bot.errors import ConfigError
from bot.pipeline import fleet
from bot.pipeline import scan as scanning
from bot.pipeline.outcome import exit_status
from bot.pipeline.workplace import Run
from bot.reports import run as run_report
from bot.reports import scan as scan_report
from bot.service.progress import progress


def run(app: App, paths: Sequence[str], everything: bool, dry: bool, as_json: bool) -> int:
    """Run the named projects, the CI job's own, or all; print what became of them."""
    chosen = tuple(paths) or (() if everything else app.default_projects())
    if everything and paths:
        raise ConfigError("name projects or pass --all, not both")
    if not everything and not chosen:
        raise ConfigError("which project? Name one by its full path, or pass --all")
    started = app.now()
    with progress(sys.stderr) as told:
        shared = Run(app.adapters(), app.config.policy, app.now, told, dry)
        workers = app.config.workers
        outcomes = fleet.run_all(shared, workers) if everything else fleet.run_named(chosen, shared, workers)
    if as_json:
        _print_json(run_report.as_json(outcomes, app.calls(), started, app.now()))
    else:
        print(run_report.as_text(outcomes, app.calls()))
    return exit_status(outcomes)


def scan(app: App, folder: Path, fix: bool, outdated: bool, as_json: bool) -> int:
    """Scan a folder, with `fix` mend it; print what was found. Exit status 1 when anything could not be judged."""
    place, toolbox, policy = app.folder(folder), app.toolbox, app.config.policy
    if fix:
        report = scanning.scan_and_fix(place, policy, toolbox, app.now(), outdated)
    else:
        report = scanning.scan(place, policy, toolbox, app.now())
    if as_json:
        _print_json(scan_report.as_json(report))
    else:
        print(scan_report.as_text(report, app.now()))
    return 0 if report.audited and not report.faults else 1


def _print_json(document: object) -> None:
    print(json.dumps(document, indent=2, ensure_ascii=False))
