"""The keys of fixes, and the branch of a remediation from its key. Pure."""

from __future__ import annotations

import hashlib
import re

from state.model import Kind

BRANCH_PREFIX = "remediation/"
# Git keeps a branch as a file, and file systems take 255 bytes for a name.
LONGEST = 170


def fix_key(ecosystem: str, package: str) -> str:
    """The key of what fixes a vulnerable package: without a version, so that a newer fix is the same remediation."""
    return f"{Kind.VULNERABLE.value}/{ecosystem}/{package}"


def kind_of(key: str) -> Kind:
    """What a remediation with that key is for."""
    return Kind.VULNERABLE if key.startswith(f"{Kind.VULNERABLE.value}/") else Kind.OUTDATED


def branch_name(key: str) -> str:
    """The branch of a remediation: its key, in characters that a git reference may have, at most LONGEST of them.

    A scope's slash becomes a plus: `babel` and `@babel/core` cannot be a file and a folder of one name. Where more
    has to change, a digest of the key keeps two branches apart.
    """
    flat = re.sub(r"@([^/]+)/", r"\1+", key)
    safe = re.sub(r"[^A-Za-z0-9._/+-]+", "-", flat)
    parts = (re.sub(r"\.{2,}", ".", part).strip(".-").removesuffix(".lock") for part in safe.split("/"))
    name = "/".join(part or "_" for part in parts)
    if name == flat and len(name) <= LONGEST:
        return BRANCH_PREFIX + name
    return f"{BRANCH_PREFIX}{name[:LONGEST].rstrip('./')}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
