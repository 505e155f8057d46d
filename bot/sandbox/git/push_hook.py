"""The pre-receive hook: how a push is declined inside git, so that the client hears what GitLab's would."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.sandbox.git.repository import Move

# Whether history is rewritten can only be told here, where the pushed objects are in quarantine.
_SCRIPT = """\
#!/bin/sh
decline() {
  echo "GitLab: $1" >&2
  exit 1
}
[ -z "$SANDBOX_REFUSAL" ] || decline "$SANDBOX_REFUSAL"
while read -r before after ref; do
  case " $SANDBOX_GUARDED " in
    *" $ref "*) git merge-base --is-ancestor "$before" "$after" || decline "$SANDBOX_REWRITE_REFUSAL" ;;
  esac
done
"""
_REWRITE_REFUSAL = "You are not allowed to force push code to a protected branch on this project."


def hook_settings(
    folder: Path, refused: str | None, guarded: Sequence[Move]
) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Configuration and environment for receive-pack; both empty when there is nothing to decline."""
    if refused is None and not guarded:
        return [], {}
    _ensure_script(folder / "pre-receive")
    env = {
        "SANDBOX_REFUSAL": refused or "",
        "SANDBOX_GUARDED": " ".join(move.ref for move in guarded),
        "SANDBOX_REWRITE_REFUSAL": _REWRITE_REFUSAL,
    }
    return [("core.hooksPath", str(folder))], env


def _ensure_script(path: Path) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(_SCRIPT, "ascii")
    draft.chmod(0o755)
    draft.replace(path)
