"""The ecosystems in use. A new one is its own module, and its line here."""

from __future__ import annotations

from remediators.ecosystems import Ecosystems
from remediators.late import Late

# In the order in which files are offered to them.
_REMEDIATORS = (
    Late("uv", "PyPI", "remediators.pyproject:Uv", "pyproject.toml"),
    Late("requirements", "PyPI", "remediators.requirements:Requirements", "*"),
    Late("pylock", "PyPI", "remediators.pylock:Pylock", "pylock*.toml"),
    Late("poetry", "PyPI", "remediators.poetry:Poetry", "poetry.lock"),
    Late("pdm", "PyPI", "remediators.pdm:Pdm", "pdm.lock"),
    Late("pipenv", "PyPI", "remediators.pipenv:Pipenv", "Pipfile"),
    Late("setuptools", "PyPI", "remediators.setuptools_manifest:Setuptools", "setup.*"),
    Late("script", "PyPI", "remediators.scripts:Scripts", "*.py"),
    Late("yarn", "npm", "remediators.yarn:Yarn", "yarn.lock"),
    Late("pnpm", "npm", "remediators.pnpm:Pnpm", "pnpm-lock.yaml"),
    Late("npm", "npm", "remediators.npm:Npm", "package.json"),
)


def ecosystems() -> Ecosystems:
    """Every remediator."""
    return Ecosystems(_REMEDIATORS)
