"""The ecosystems in use. A new one is its own module, and its line here."""

from __future__ import annotations

from remediators.ecosystems import Ecosystems
from remediators.late import Late, Packages

_PYPI = Packages("PyPI", "remediators.versions.pypi:PypiVersions", "remediators.registries.pypi:REGISTRY")
_NPM = Packages("npm", "remediators.versions.npm:NpmVersions", "remediators.registries.npm:REGISTRY")

# In the order in which files are offered to them: name, packages, place and sign.
_REMEDIATORS = (
    ("uv", _PYPI, "remediators.uv.remediator:Uv", "pyproject.toml"),
    ("requirements", _PYPI, "remediators.requirements.remediator:Requirements", "*"),
    ("pylock", _PYPI, "remediators.pylock:Pylock", "pylock*.toml"),
    ("poetry", _PYPI, "remediators.poetry.remediator:Poetry", "poetry.lock"),
    ("pdm", _PYPI, "remediators.pdm.remediator:Pdm", "pdm.lock"),
    ("pipenv", _PYPI, "remediators.pipenv.remediator:Pipenv", "Pipfile"),
    ("setuptools", _PYPI, "remediators.setuptools.remediator:Setuptools", "setup.*"),
    ("script", _PYPI, "remediators.scripts.remediator:Scripts", "*.py"),
    ("yarn", _NPM, "remediators.yarn.remediator:Yarn", "yarn.lock"),
    ("pnpm", _NPM, "remediators.pnpm.remediator:Pnpm", "pnpm-lock.yaml"),
    ("npm", _NPM, "remediators.npm.remediator:Npm", "package.json"),
)


def ecosystems() -> Ecosystems:
    """Every remediator, each made anew: what one knows of its tools belongs to whoever asked for it."""
    return Ecosystems(tuple(Late(*each) for each in _REMEDIATORS))
