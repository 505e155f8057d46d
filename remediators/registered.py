"""The ecosystems in use. A new one is its own module, and its line here."""

from __future__ import annotations

from remediators.ecosystems import Ecosystems
from remediators.late import Late, Packages

_PYPI = Packages("PyPI", "remediators.versions.pypi:PypiVersions", "remediators.registries.pypi:REGISTRY")
_NPM = Packages("npm", "remediators.versions.npm:NpmVersions", "remediators.registries.npm:REGISTRY")

# In the order in which files are offered to them.
_REMEDIATORS = (
    Late("uv", _PYPI, "remediators.uv.remediator:Uv", "pyproject.toml"),
    Late("requirements", _PYPI, "remediators.requirements.remediator:Requirements", "*"),
    Late("pylock", _PYPI, "remediators.pylock:Pylock", "pylock*.toml"),
    Late("poetry", _PYPI, "remediators.poetry.remediator:Poetry", "poetry.lock"),
    Late("pdm", _PYPI, "remediators.pdm.remediator:Pdm", "pdm.lock"),
    Late("pipenv", _PYPI, "remediators.pipenv.remediator:Pipenv", "Pipfile"),
    Late("setuptools", _PYPI, "remediators.setuptools.remediator:Setuptools", "setup.*"),
    Late("script", _PYPI, "remediators.scripts.remediator:Scripts", "*.py"),
    Late("yarn", _NPM, "remediators.yarn.remediator:Yarn", "yarn.lock"),
    Late("pnpm", _NPM, "remediators.pnpm.remediator:Pnpm", "pnpm-lock.yaml"),
    Late("npm", _NPM, "remediators.npm.remediator:Npm", "package.json"),
)


def ecosystems() -> Ecosystems:
    """Every remediator."""
    return Ecosystems(_REMEDIATORS)
