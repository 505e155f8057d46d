"""Differences as the API shows them."""

from __future__ import annotations

from typing import Any

from bot.sandbox.git.diffs import FileDiff

# What GitLab's Linguist takes for written by a tool (generated_file), as far as a dependency bot meets it.
_GENERATED = frozenset(
    {
        "package-lock.json",
        "npm-shrinkwrap.json",
        "pnpm-lock.yaml",
        "yarn.lock",
        "poetry.lock",
        "pdm.lock",
        "uv.lock",
        "Pipfile.lock",
        "Cargo.lock",
        "composer.lock",
        "Gopkg.lock",
        "go.sum",
    }
)


def whole(diff: FileDiff, *, unified: bool = False) -> dict[str, Any]:
    """API::Entities::Diff."""
    return {
        "diff": diff.unified() if unified else diff.patch,
        "collapsed": False,
        "too_large": diff.too_large,
        "new_path": diff.new_path,
        "old_path": diff.old_path,
        "a_mode": diff.old_mode,
        "b_mode": diff.new_mode,
        "new_file": diff.added,
        "renamed_file": diff.renamed,
        "deleted_file": diff.deleted,
        "generated_file": diff.new_path.rpartition("/")[2] in _GENERATED,
    }
