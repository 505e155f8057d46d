"""`Tools` of this machine, for tests that need a real npm and a real registry; they skip where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from remediators.api import Completed, Fetched
from remediators.errors import RegistryError, ToolError

ATTEMPTS = 3
KEPT = ("PATH", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE")
OUT_OF_REACH = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ERR_SOCKET_TIMEOUT", "E50")


@dataclass(frozen=True, slots=True)
class RealTools:
    """Runs programs with nothing of this machine but PATH, proxies and trusted certificates, in a home of their own."""

    home: Path

    def run(self, argv: Sequence[str], cwd: Path | None, env: Mapping[str, str] | None = None) -> Completed:
        if shutil.which(argv[0]) is None:
            pytest.skip(f"{argv[0]} is not installed")
        for _ in range(ATTEMPTS):
            done = subprocess.run(
                argv, cwd=cwd or self.home, env={**self._environment(), **(env or {})}, capture_output=True, text=True
            )
            if not any(code in done.stderr for code in OUT_OF_REACH):
                break
        else:
            pytest.skip(f"the registry is out of reach: {done.stderr[-200:]}")
        if done.returncode:
            raise ToolError(f"{argv[0]} exited with status {done.returncode}", done.stderr)
        return Completed(done.stdout, done.stderr)

    def fetch(self, url: str, accept: str, etag: str = "") -> Fetched:
        request = urllib.request.Request(url, headers={"Accept": accept})
        reason = ""
        for _ in range(ATTEMPTS):
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return Fetched(answer.status, answer.read(), answer.headers.get_content_type(), "", url)
            except urllib.error.HTTPError as error:
                with error:
                    reason = f"HTTP status {error.code}"
                if error.code < 500:
                    raise RegistryError(reason) from error
            except OSError as error:
                reason = str(error)
        pytest.skip(f"the registry is out of reach: {reason}")

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in os.environ if name in KEPT or name.lower().endswith("_proxy")}
        return {**kept, "HOME": str(self.home), "npm_config_cache": str(self.home / "cache")}
