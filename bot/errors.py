"""The errors that belong to a project, to the user, or to missing data. Anything else is a bug (exit status 3)."""

from __future__ import annotations


class BotError(Exception):
    """A failure with a message for the user: the thing, the place, the value and what to do."""


class ConfigError(BotError):
    """The configuration is wrong. `problems` holds every one that was found, not just the first."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class ForgeError(BotError):
    """GitLab refused, failed, or could not be reached. `status` is the HTTP status, None without an answer."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status

    @property
    def about_one(self) -> bool:
        """Whether GitLab refused this one thing; else it is away, refuses the token, or has enough of us altogether."""
        return self.status is not None and 400 <= self.status < 500 and self.status not in (401, 429)


class CheckoutError(BotError):
    """git failed, or a repository holds something that is not to be trusted."""


class AdvisoryError(BotError):
    """Advisory data is missing, stale or broken: nothing may be called clean."""
