"""What git's complaints mean: whether another try can help, and what a person can do."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.errors import CheckoutError

WORDS_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Symptom:
    """A kind of failure, known by `pattern` in git's words. `passing` ones may be gone at the next try."""

    pattern: re.Pattern[str]
    remedy: str
    passing: bool = False


def _symptom(pattern: str, remedy: str, passing: bool = False) -> Symptom:
    return Symptom(re.compile(pattern, re.IGNORECASE), remedy, passing)


STALE = _symptom(
    r"stale info|non-fast-forward|fetch first|but expected|reference already exists",
    "the branch moved since it was read; the next run looks again",
)
GONE = _symptom(
    r"not our ref|couldn't find remote ref",
    "the commit is no longer in GitLab (the branch was rewritten); the next run takes the new one",
)
REFUSED = _symptom(
    r"remote rejected|pre-receive hook declined|not allowed to (?:force )?push",
    "GitLab refused the push: the token needs the Developer role and the scope api, and the branch must not be "
    "protected against it",
)

SYMPTOMS = (
    STALE,
    REFUSED,
    GONE,
    _symptom(
        r"error: 401|HTTP 401|authentication failed|could not read (?:username|password)|access denied",
        "GitLab refused the token: check that it is valid and not expired, with the scope api",
    ),
    _symptom(
        r"error: 403|HTTP 403",
        "the token may not do this: it needs the Developer role and the scope api",
    ),
    _symptom(
        r"error: 404|HTTP 404|repository '.*' not found|project you were looking for could not be found",
        "there is no such repository, or the token may not see it",
    ),
    _symptom(r"error: 30\d", "GitLab answers from another address: set the GitLab URL to that one"),
    _symptom(r"no space left on device|disk quota", "free some disk space, or move the cache folder (BOT_CACHE)"),
    _symptom(r"signal 25|file too large", "the repository is over the size limit"),
    _symptom(r"certificate", "the certificate of GitLab is not trusted: pass its authority with --ca-bundle"),
    _symptom(r"took longer than", "the repository is too large, or GitLab too slow, for the time limit"),
    _symptom(r"mismatched algorithms", "the repository changed its object format; the next run starts over"),
    _symptom(
        r"error: (?:429|5\d\d)|HTTP (?:429|5\d\d)", "GitLab is overloaded; the next run tries again", passing=True
    ),
    _symptom(
        r"could not resolve|failed to connect|couldn't connect|connection (?:refused|reset|timed out)|empty reply"
        r"|hung up|early eof|RPC failed|unexpected disconnect|operation too slow|timed out|transfer closed",
        "GitLab cannot be reached: check its URL, the network and HTTPS_PROXY",
        passing=True,
    ),
)


class GitError(CheckoutError):
    """git ended with an error. `symptom` is None when its words say nothing that we know."""

    def __init__(self, subject: str, action: str, words: str) -> None:
        self.symptom = next((symptom for symptom in SYMPTOMS if symptom.pattern.search(words)), None)
        remedy = self.symptom.remedy if self.symptom else "the cached copy may be damaged; the next run starts over"
        super().__init__(f"{subject}: git {action} failed ({_short(words)}): {remedy}")

    @property
    def passing(self) -> bool:
        """Whether another try may do."""
        return self.symptom is not None and self.symptom.passing


def _short(words: str) -> str:
    lines = (line.strip() for line in words.splitlines())
    return "; ".join(line for line in lines if line and not line.startswith("hint:"))[:WORDS_SHOWN] or "no words"
