"""`bot scan`: one look at a folder, a report, an exit status."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from bot.app import App
from bot.errors import ConfigError
from bot.pipeline import scan as scanning
from bot.reports import scan as scan_report
from bot.reports.text import document
from bot.service.progress import progress


def scan(app: App, folder: Path, fix: bool, outdated: bool, as_json: bool) -> int:
    """Scan a folder, with `fix` mend it; print what was found.

    Exit status 1 when anything could not be judged, or when a fix that was tried could not be made.
    """
    if outdated and not fix:
        raise ConfigError("--outdated says what --fix should do as well; pass both")
    place, toolbox, policy = app.folder(folder), app.toolbox, app.config.policy
    with progress(sys.stderr) as told:
        told(str(folder), "reading dependencies, looking up advisories and releases")
        if fix:
            report = scanning.scan_and_fix(place, policy, toolbox, app.now(), outdated)
        else:
            report = scanning.scan(place, policy, toolbox, app.now())
    report = replace(report, failed=(*place.failed, *report.failed))
    if as_json:
        print(document(scan_report.as_json(report, fix)))
    else:
        print(scan_report.as_text(report, app.now(), fix))
    return 0 if report.audited and not report.faults and not scan_report.undone(report, fix) else 1
