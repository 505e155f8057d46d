"""What a commit of ours says it changes, so that it is known again when someone had GitLab rebase it.

A rebase makes whoever clicked the committer, as an amended commit does. Only the first leaves the files as they were.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

TRAILER = "Remediation-Files"
_HASHES = {40: hashlib.sha1, 64: hashlib.sha256}


def promised(message: str, changed: Mapping[str, str]) -> str:
    """`message` with a last line that stands for these files: path to the object that it becomes, "" for none."""
    return f"{message.rstrip()}\n{TRAILER}: {_digest(changed)}\n"


def is_kept(message: str, changed: Mapping[str, str]) -> bool:
    """Whether a message promises just this change."""
    said = re.findall(rf"^{TRAILER}: (\w+)$", message, re.MULTILINE)
    return said == [_digest(changed)]


def object_id(content: bytes, digits: int) -> str:
    """The id of a file's content in a repository whose ids have so many digits."""
    return _HASHES[digits](b"blob %d\0%s" % (len(content), content)).hexdigest()


def _digest(changed: Mapping[str, str]) -> str:
    lines = "".join(f"{oid} {path}\0" for path, oid in sorted(changed.items()))
    return hashlib.sha256(lines.encode()).hexdigest()[:32]
