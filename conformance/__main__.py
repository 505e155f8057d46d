"""Tells the stories of foreign clients, all or those named: python -m conformance [STORY ...]."""

from __future__ import annotations

import argparse
import importlib
import sys
from functools import partial

from conformance.story import Abandoned, Outcome, Step, Story

# Each is a module of this package with `tell(story)`.
STORIES = ("git_client", "python_gitlab", "gitbeaker", "semantic_release", "marge", "renovate")


def main() -> int:
    """1 when a step failed, else 0; a skipped story says why and fails nothing."""
    parser = argparse.ArgumentParser(prog="python -m conformance", description=__doc__)
    parser.add_argument("stories", nargs="*", metavar="STORY", help=f"one of: {', '.join(STORIES)}")
    chosen = parser.parse_args().stories or STORIES
    unknown = [name for name in chosen if name not in STORIES]
    if unknown:
        parser.error(f"no such story: {', '.join(unknown)}; there are {', '.join(STORIES)}")
    steps = [step for name in chosen for step in tell(name)]
    counts = {outcome: sum(step.outcome is outcome for step in steps) for outcome in Outcome}
    print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    return 1 if counts[Outcome.FAILED] else 0


def tell(name: str) -> list[Step]:
    """The steps of that story, reported as they end."""
    story = Story(name, _report)
    try:
        importlib.import_module(f"conformance.{name}").tell(story)
    except Abandoned:
        pass
    except Exception as error:  # noqa: BLE001 -- one story that breaks between its steps does not silence the others
        story.attempt("what comes between its steps", partial(_again, error))
    return story.steps


def _again(error: Exception) -> None:
    raise error


def _report(step: Step) -> None:
    detail = f": {step.detail}" if step.detail else ""
    print(f"{step.outcome:<8}{step.story:<18}{step.title} ({step.seconds:.1f} s){detail}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
