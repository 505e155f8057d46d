"""The `# /// script` block at the top of a Python script (PEP 723): its TOML, and edits that keep its comment signs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from remediators.bounds import SCRIPT, TOML_MANIFEST
from remediators.documents.text_edits import Edit, Text, decoded
from remediators.documents.toml_document import TomlDocument, read_toml
from remediators.documents.toml_spans import Path
from remediators.errors import ManifestError

_BEGIN, _END = "# /// script", "# ///"


@dataclass(frozen=True, slots=True)
class ScriptBlock:
    """A block: its TOML (named like the script), where each of its lines begins in the file, and the file.

    `first` is the 1-based line of the file in which the TOML begins.
    """

    document: TomlDocument
    text: Text
    starts: tuple[int, ...]
    first: int

    def spliced(self, edits: Mapping[Path, Edit]) -> bytes:
        """The script with an edit made inside each of these strings. Raises ManifestError as `TomlDocument` does."""
        after = self.document.spliced(edits).decode().split("\n")
        before = self.document.text.content.split("\n")
        changed = (
            Edit(start, start + len(old), new)
            for start, old, new in zip(self.starts, before, after, strict=False)
            if old != new
        )
        raw = self.text.spliced(changed)
        again = read_block(self.document.name, raw)
        if len(after) != len(before) or again is None or again.document.text.content.split("\n") != after:
            raise ManifestError(f"{self.document.name}: its script block cannot be edited alone; change it by hand")
        return raw


def read_block(path: str, raw: bytes) -> ScriptBlock | None:
    """The block of a script; None for a file without one.

    Raises ManifestError for a block that does not end, that stands twice, or whose TOML is broken.
    """
    if _BEGIN.encode() not in raw:
        return None
    SCRIPT.check(path, raw)
    text = decoded(path, raw)
    lines = text.content.splitlines(keepends=True)
    begins = [place for place, line in enumerate(lines) if line.rstrip("\r\n") == _BEGIN]
    if not begins:
        return None
    if len(begins) > 1:
        raise ManifestError(f"{path} has two script blocks (lines {begins[0] + 1} and {begins[1] + 1}); keep one")
    end = _end(lines, begins[0] + 1)
    if end is None:
        raise ManifestError(f'{path}: the script block of line {begins[0] + 1} does not end; close it with "{_END}"')
    content, starts = [], []
    offset = sum(map(len, lines[: begins[0] + 1]))
    for line in lines[begins[0] + 1 : end]:
        sign = 2 if line.startswith("# ") else 1
        content.append(line.rstrip("\r\n")[sign:])
        starts.append(offset + sign)
        offset += len(line)
    document = read_toml(path, "\n".join(content).encode(), TOML_MANIFEST)
    return ScriptBlock(document, text, tuple(starts), begins[0] + 2)


def _end(lines: list[str], start: int) -> int | None:
    """The last closing line among the comment lines from `start` on, as PEP 723 wants it."""
    found = None
    for place in range(start, len(lines)):
        line = lines[place].rstrip("\r\n")
        if line != "#" and not line.startswith("# "):
            break
        found = place if line == _END else found
    return found
