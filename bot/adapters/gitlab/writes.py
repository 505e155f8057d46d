"""Writes to GitLab that happen once: after a failure with an unknown outcome, look before trying again."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from bot.adapters.backoff import Backoff, Sleep
from bot.adapters.gitlab.refusal import RefusalError

if TYPE_CHECKING:
    from bot.adapters.gitlab.transport import Transport

TRIES = 4
FIRST_WAIT = 1.0

# Right after a push, GitLab may not know the branch yet.
_BRANCH_NOT_YET = re.compile(r"source.?branch.*does not exist", re.IGNORECASE | re.DOTALL)

Look = Callable[[], Any]
"""Reads whether a write happened: the record that it made or changed, None when there is none."""


class Writes:
    """Sends writes through `gitlab`."""

    def __init__(self, gitlab: Transport, sleep: Sleep) -> None:
        self._gitlab = gitlab
        self._sleep = sleep

    def once(self, method: str, path: str, body: Mapping[str, Any], look: Look) -> Any:
        """The record that the write leaves, whether this call made it or an earlier one whose answer was lost."""
        backoff = Backoff(self._sleep, TRIES, first=FIRST_WAIT)
        while True:
            try:
                return self._gitlab.write(method, path, body)
            except RefusalError as refusal:
                if not (refusal.passing or _too_early(refusal)):
                    raise
                waited = backoff.wait(refusal.asked)
                if refusal.unknown and (found := look()) is not None:
                    return found
                if not waited:
                    raise

    def update(self, path: str, body: Mapping[str, Any], labels: Iterable[str], unlike: Collection[str] = ()) -> Any:
        """Set fields of an issue or merge request, add labels, take away `unlike`; those that people added stay.

        Labels of ours that exclude each other (`severity::high`, `severity::low`) do so only on GitLab
        Premium: the old one is taken away.
        """
        labels = tuple(labels)

        def changed() -> Any:
            record = self._gitlab.get(path)
            there = all(record.get(name) == value for name, value in body.items())
            has = set(record["labels"])
            return record if there and set(labels) <= has and not has & set(unlike) else None

        gone = {"remove_labels": ",".join(unlike)} if unlike else {}
        record = self.once("put", path, {**body, "add_labels": ",".join(labels), **gone}, changed)
        if replaced := _siblings(record["labels"], labels):
            record = self.once("put", path, {"remove_labels": ",".join(replaced)}, lambda: None)
        return record

    def set_state(self, path: str, event: str, state: str) -> Any:
        """Close or reopen (`event` is close or reopen, `state` what it leads to)."""

        def changed() -> Any:
            record = self._gitlab.get(path)
            return record if record["state"] == state else None

        return self.once("put", path, {"state_event": event}, changed)


def _too_early(refusal: RefusalError) -> bool:
    return refusal.status == 400 and _BRANCH_NOT_YET.search(refusal.words) is not None


def _siblings(present: Iterable[str], wanted: tuple[str, ...]) -> list[str]:
    scopes = {label.rpartition("::")[0] for label in wanted} - {""}
    return [label for label in present if label.rpartition("::")[0] in scopes and label not in wanted]
