"""Files and folders of our own beside those of a repository, under names that it does not use."""

from __future__ import annotations

import itertools
import os
from pathlib import Path


def unused(folder: Path, name: str) -> Path:
    """The place of `name` in `folder`, or of the first of name-2, name-3, … that is not there.

    The same in each run, as what a tool says can name it and ends up in an issue.
    """
    names = itertools.chain((name,), (f"{name}-{number}" for number in itertools.count(2)))
    return next(place for place in map(folder.joinpath, names) if not os.path.lexists(place))
