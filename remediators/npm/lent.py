"""Programs that npm installs in its cache and lends: started from there without npm, which would stay beside them.

`npm exec` starts npm first (0.5 s, 80 MB) and keeps it until the program ends. It installs into a folder of its cache
that is named after what was asked for (libnpmexec 10, index.js), so the program is looked for there; npm is asked only
where it is not, or may be newer, and tells then where it is.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from remediators.api import Completed, Tools
from remediators.errors import ToolError

_FOLDER_DIGITS = 16
_EXACT = re.compile(r".+@\d+\.\d+\.\d+(?:[-+].*)?")
_START = """caches=${{npm_config_cache:-$HOME/.npm}}
folder="$caches/_npx/{folder}"
program="$folder/node_modules/.bin/{name}"
if ! {{ [ -x "$program" ]{fresh}; }}; then
if ! command -v npm >/dev/null; then echo "npm is not on PATH: install it where the bot runs" >&2; exit 127; fi
if asked=$({ask}); then program=$asked; touch "$folder/asked" 2>/dev/null; else status=$?; fi
[ -x "$program" ] || exit "${{status:-127}}"
fi
{prepare}exec "$program" {options}"$@"
"""
# The newest of a range changes; where npm cannot tell it, the one that is there will do.
_FRESH = ' && [ -n "$(find "$folder/asked" -mtime -1 2>/dev/null)" ]'


@dataclass(frozen=True, slots=True)
class Lent:
    """The program `name` of a package as npm is asked for it (`pnpm@8`, whose newest is at most a day old).

    `registry` is npm's own option for where from. `prepare` is shell that goes before, line by line, and `options` are
    words of the shell before the arguments; both may name `$caches`, npm's cache, where a program may keep things too.
    """

    package: str
    name: str
    registry: Sequence[str] = ()
    prepare: str = ""
    options: str = ""

    def run(self, arguments: Sequence[str], cwd: Path, tools: Tools, env: Mapping[str, str]) -> Completed:
        """Run it. Raises ToolError when it fails or cannot be had, which npm's words tell."""
        start = ("sh", "-c", self.script)
        try:
            return tools.run((*start, self.name, *arguments), cwd, env)
        except ToolError as error:
            raise ToolError(str(error).replace(f"{' '.join(start)} ", "", 1), error.stderr) from error

    @property
    def script(self) -> str:
        """What the shell does, given the arguments."""
        ask = ("npm", "exec", *self.registry, "--yes", f"--package={self.package}", f"--call=command -v {self.name}")
        return _START.format(
            folder=hashlib.sha512(self.package.encode()).hexdigest()[:_FOLDER_DIGITS],
            name=self.name,
            fresh="" if _EXACT.fullmatch(self.package) else _FRESH,
            ask=shlex.join(ask),
            prepare=self.prepare,
            options=f"{self.options} " if self.options else "",
        )
