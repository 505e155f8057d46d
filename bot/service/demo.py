"""`bot demo` and `bot sandbox`: the embedded GitLab, and the main job shown on it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
import threading
from pathlib import Path

from bot.app import App
from bot.config import load
from bot.errors import ConfigError
from bot.sandbox.server import Sandbox
from bot.service import demo_fleet, one_shot
from remediators.errors import ToolError
from remediators.uv.run import executable as uv_executable

BOT_USER = "remediation-bot"


def serve(port: int, data: Path | None, token: str | None) -> int:
    """Serve an embedded GitLab until interrupted. `token` belongs to its administrator `root`."""
    try:
        sandbox = Sandbox(data, token or "")
    except (OSError, sqlite3.Error) as error:
        raise ConfigError(
            f"{data} cannot hold the embedded GitLab: {error}; choose another folder with --data"
        ) from error

    def ready() -> None:
        print(f"GitLab at {sandbox.url}  (in {data or 'memory'}; stop with Ctrl-C)", flush=True)
        if token is None:
            print(f"root's token: {sandbox.token}", flush=True)

    try:
        sandbox.serve_forever(port, ready)
    except OSError as error:
        raise _port_taken(port, error) from error
    return 0


def run(port: int, keep: bool) -> int:
    """Seed a fleet, run the bot on it twice, and say what to look at. With `keep` serve it afterwards."""
    with tempfile.TemporaryDirectory(prefix="bot-demo-") as folder, contextlib.ExitStack() as stack:
        sandbox = _started(port)
        stack.callback(sandbox.stop)
        status = _show(sandbox, Path(folder))
        if keep:
            with contextlib.suppress(KeyboardInterrupt):
                print(f"\nServing {sandbox.url} until Ctrl-C: look at the merge requests and issues.", flush=True)
                threading.Event().wait()
        else:
            print("\nThe embedded GitLab ends here; `bot demo --serve` keeps it running, to look at what was made.")
        return status


def _started(port: int) -> Sandbox:
    try:
        return Sandbox().start(port)
    except OSError as error:
        raise _port_taken(port, error) from error


def _port_taken(port: int, error: OSError) -> ConfigError:
    return ConfigError(f"port {port} on 127.0.0.1: {error.strerror}; choose another with --port")


def _show(sandbox: Sandbox, folder: Path) -> int:
    user = sandbox.add_user(BOT_USER, "Remediation Bot")
    demo_fleet.write_advisories(folder / "advisories")
    token = folder / "token"
    token.write_text(sandbox.add_token(user))
    token.chmod(0o600)
    settings = {
        "url": sandbox.url,
        "token_file": token,
        "database": f"sqlite:///{folder / 'bot.db'}",
        "cache": folder / "cache",
        "advisories": {"dumps": [str(folder / "advisories")], "max_age_days": None},
    }
    # Nothing from the user's own set-up: the demo talks to the embedded GitLab only.
    with App.start(load(settings, {}, None), os.environ) as app:
        print(f"An embedded GitLab runs at {sandbox.url}. Making sample projects.", flush=True)
        for sample in demo_fleet.samples(_reports_lock(app), npm=_has_npm(app)):
            sandbox.add_project(sample.path, sample.files, members={BOT_USER: sample.access_level}, visibility="public")
        print("\n$ bot run --all", flush=True)
        first = one_shot.run(app, (), everything=True, dry=False, as_json=False)
    with App.start(load(settings, {}, None), os.environ) as app:
        print("\n$ bot run --all   (again: nothing has changed)", flush=True)
        second = one_shot.run(app, (), everything=True, dry=False, as_json=False)
    return max(first, second)


def _has_npm(app: App) -> bool:
    with app.workshop.scratch() as work:
        try:
            app.workshop.run(("npm", "--version"), work)
        except ToolError as error:
            print(f"The npm sample is left out: {error}")
            return False
    return True


def _reports_lock(app: App) -> str | None:
    """The uv sample's lock, made now: a lock names the registry that it came from."""
    with app.workshop.scratch() as work:
        manifest = work / "pyproject.toml"
        try:
            for text in (demo_fleet.REPORTS + demo_fleet.REPORTS_HELD, demo_fleet.REPORTS):
                manifest.write_text(text)
                app.workshop.run((uv_executable(), "lock", "--no-progress"), work)
        except ToolError as error:
            print(f"The uv sample goes without a lock: {error}: {error.stderr}")
            return None
        return (work / "uv.lock").read_text()
