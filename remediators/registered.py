"""The ecosystems in use. A new one is its own module, and its line here."""

from __future__ import annotations

from remediators.ecosystems import Ecosystems
from remediators.late import Late

# In the order in which files are offered to them.
_REMEDIATORS = (
    Late("uv", "PyPI", "remediators.uv.remediator:Uv", "pyproject.toml"),
    Late("requirements", "PyPI", "remediators.requirements.remediator:Requirements", "*"),
    Late("pylock", "PyPI", "remediators.pylock:Pylock", "pylock*.toml"),
    Late("poetry", "PyPI", "remediators.poetry.remediator:Poetry", "poetry.lock"),
    Late("pdm", "PyPI", "remediators.pdm.remediator:Pdm", "pdm.lock"),
    Late("pipenv", "PyPI", "remediators.pipenv.remediator:Pipenv", "Pipfile"),
    Late("setuptools", "PyPI", "remediators.setuptools.remediator:Setuptools", "setup.*"),
    Late("script", "PyPI", "remediators.scripts.remediator:Scripts", "*.py"),
    Late("yarn", "npm", "remediators.yarn.remediator:Yarn", "yarn.lock"),
    Late("pnpm", "npm", "remediators.pnpm.remediator:Pnpm", "pnpm-lock.yaml"),
    Late("npm", "npm", "remediators.npm.remediator:Npm", "package.json"),
)


def ecosystems() -> Ecosystems:
    """Every remediator."""
    return Ecosystems(_REMEDIATORS)
