"""The environment that tools run with: where they keep things, whom they trust, and nothing else of the bot's own."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

# Network settings that tools may need; nothing else of the bot's environment reaches them.
NETWORK = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy")
# What a machine behind a proxy that breaks TLS open sets, for every tool to trust it; ours, when configured, wins.
CA_BUNDLE = ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE")
CA_FOLDER = "SSL_CERT_DIR"


def base_environment(caches: Path, environ: Mapping[str, str], ca_bundle: Path | None) -> dict[str, str]:
    """What every run has in common."""
    # The tools that come with the bot (uv, pip-audit) stand beside its interpreter.
    path = os.pathsep.join((str(Path(sys.executable).parent), environ.get("PATH", os.defpath)))
    return {
        "PATH": path,
        "LANG": "C.UTF-8",
        "UV_CACHE_DIR": str(caches / "uv"),
        "PIP_CACHE_DIR": str(caches / "pip"),
        "npm_config_cache": str(caches / "npm"),
        "npm_config_logs_max": "0",
        **{name: environ[name] for name in (*NETWORK, CA_FOLDER, *CA_BUNDLE) if name in environ},
        **({name: str(ca_bundle) for name in CA_BUNDLE} if ca_bundle is not None else {}),
    }


def private_environment(scratch: Path) -> dict[str, str]:
    """A home of the run's own."""
    home = scratch / "home"
    return {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local/share"),
        "XDG_STATE_HOME": str(home / ".local/state"),
        "TMPDIR": str(scratch / "tmp"),
    }


def confined_environment(given: Mapping[str, str], way_out: str) -> dict[str, str]:
    """The same for a sandbox whose only way out is a proxy at that address; nothing goes around it."""
    kept = {name: value for name, value in given.items() if name not in NETWORK}
    proxies = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), way_out)
    # Yarn from version 2 on reads settings of its own only.
    yarn = dict.fromkeys(("YARN_HTTPS_PROXY", "YARN_HTTP_PROXY"), way_out)
    return {**kept, **proxies, **yarn, "TMPDIR": "/tmp"}  # noqa: S108 -- the sandbox's own


def trusted_files(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """The certificates that an environment names."""
    folders = environment.get(CA_FOLDER, "").split(os.pathsep)
    named = (*(environment.get(name, "") for name in CA_BUNDLE), *folders)
    return tuple(Path(each) for each in dict.fromkeys(named) if each)
