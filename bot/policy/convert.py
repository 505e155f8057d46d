"""Other bots' configuration turned into a policy file, with a comment for what has no counterpart. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

from bot.policy import dependabot, renovate
from bot.policy.document import FILE, PolicyError, Problem
from bot.policy.draft import Draft
from bot.policy.resolve import settings
from bot.policy.yaml_document import read

# Where each bot looks for its configuration, in its own order; `package.json` holds Renovate's under one key.
PACKAGE = "package.json"
RENOVATE_FILES = (
    "renovate.json",
    ".github/renovate.json",
    ".gitlab/renovate.json",
    ".renovaterc",
    ".renovaterc.json",
    PACKAGE,
)
DEPENDABOT_FILES = (
    ".gitlab/dependabot.yml",
    ".gitlab/dependabot.yaml",
    ".github/dependabot.yml",
    ".github/dependabot.yaml",
)
KNOWN_FILES = (*RENOVATE_FILES, *DEPENDABOT_FILES)

_HEAD = f"# {FILE}: a start, made from %s. Read it through; `bot config validate` checks it.\n"


def convert(files: Mapping[str, bytes]) -> str | None:
    """The text of a policy file for what these files (by their path) say; None when none of them says anything.

    Raises PolicyError for one that cannot be read.
    """
    draft = Draft()
    sources = [path for path in KNOWN_FILES if path in files and _take(path, files[path], draft)]
    if not sources:
        return None
    lines = [_HEAD % " and ".join(sources), *(f"# not taken over: {_one_line(note)}\n" for note in draft.notes)]
    body = yaml.safe_dump(draft.settings, sort_keys=False, allow_unicode=True, width=1000) if draft.settings else ""
    text = "".join((*lines, body))
    settings(text.encode(), FILE)
    return text


def _take(path: str, data: bytes, draft: Draft) -> bool:
    """Whether a file holds a configuration; what it says goes into the draft."""
    if path in DEPENDABOT_FILES:
        dependabot.take(read(data, path).values, draft)
        return True
    whole = _json(path, data)
    config = whole.get("renovate") if path == PACKAGE else whole
    if not isinstance(config, dict):
        return False
    renovate.take(config, draft)
    return True


def _json(path: str, data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except RecursionError as error:
        raise PolicyError(path, Problem(1, "nested too deep")) from error
    except json.JSONDecodeError as error:
        words = f"not plain JSON: {error.msg}; take comments and trailing commas out"
        raise PolicyError(path, Problem(error.lineno, words)) from error
    except UnicodeDecodeError as error:
        raise PolicyError(path, Problem(1, "this is not UTF-8")) from error
    except ValueError as error:
        raise PolicyError(path, Problem(1, "a number is too long to be one")) from error
    if not isinstance(found, dict):
        raise PolicyError(path, Problem(1, "an object is expected"))
    return found


def _one_line(note: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in note).split())[:300]
