"""The requirements that a setup.py names literally: read from its syntax, never run, never edited."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediators.bounds import SETUP_PY, check_requirements
from remediators.documents.text_edits import decoded
from remediators.errors import ManifestError
from remediators.python.requirement import PythonRequirement, read_requirement
from state.model import Failure, Scope

_LISTS = {"install_requires": Scope.RUNTIME, "tests_require": Scope.DEV}
_PYTHON = "python_requires"
_NO_CALL = "never calls setup, and is not run to see what it does: write its requirements in pyproject.toml"
_DEV_EXTRAS = frozenset(("dev", "develop", "development", "doc", "docs", "lint", "test", "tests", "testing"))


@dataclass(frozen=True, slots=True)
class Named:
    """A requirement as a setup.py names it."""

    line: int
    requirement: PythonRequirement
    scope: Scope


@dataclass(frozen=True, slots=True)
class SetupPy:
    """The literal requirements of a setup.py, its `python_requires` ("" for none), and what of it is not read."""

    named: tuple[Named, ...]
    python: str
    problems: tuple[Failure, ...]


def read_setup_py(path: str, raw: bytes) -> SetupPy:
    """What a setup.py says literally. Raises ManifestError for one that is no Python."""
    SETUP_PY.check(path, raw)
    try:
        tree = ast.parse(decoded(path, raw).content)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ManifestError(f"{path} cannot be read as Python ({error}); correct it") from error
    values = {name: node.value for node in tree.body if isinstance(node, ast.Assign) for name in _names(node)}
    named: list[Named] = []
    calls = tuple(_calls(tree))
    problems = [] if calls else [Failure(path, f"{path} {_NO_CALL}", fault=False)]
    arguments = [(argument, _resolved(argument.value, values)) for call in calls for argument in call.keywords]
    written = [
        (argument, found, scope)
        for argument, value in arguments
        for scope, found in _strings(argument.arg or "", value, values)
    ]
    check_requirements(path, len(written))
    for argument, found, scope in written:
        requirement = _requirement(path, argument, found)
        if isinstance(requirement, Failure):
            problems.append(requirement)
        elif not requirement.url:
            named.append(Named(_line(argument, found), requirement, scope))
    promised = [
        str(one.value) for named_as, one in arguments if named_as.arg == _PYTHON and isinstance(one, ast.Constant)
    ]
    return SetupPy(tuple(named), "".join(promised[-1:]), tuple(dict.fromkeys(problems)))


def _requirement(path: str, argument: ast.keyword, found: ast.expr) -> PythonRequirement | Failure:
    """What an element of an argument says, or why that is not known."""
    place = f"line {_line(argument, found)} of {path}"
    if not isinstance(found, ast.Constant) or not isinstance(found.value, str):
        reason = f"{place}: {argument.arg} is computed, which only running it could tell; write it out"
        return Failure(path, reason, fault=False)
    try:
        return read_requirement(found.value)
    except ValueError as error:
        return Failure(path, f"{place}: {error}")


def _line(argument: ast.keyword, found: ast.expr) -> int:
    return getattr(found, "lineno", argument.value.lineno)


def _names(assignment: ast.Assign) -> Iterator[str]:
    return (target.id for target in assignment.targets if isinstance(target, ast.Name))


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Every call of `setup` or `setuptools.setup`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called == "setup":
                yield node


def _strings(name: str, value: ast.expr, values: Mapping[str, ast.expr]) -> Iterator[tuple[Scope, ast.expr]]:
    """Each element of the requirements that an argument holds; the argument itself where it is no literal."""
    if name in _LISTS:
        yield from ((_LISTS[name], element) for element in _elements(value))
    elif name == "extras_require" and isinstance(value, ast.Dict):
        for key, extra in zip(value.keys, value.values, strict=True):
            known = isinstance(key, ast.Constant) and str(key.value).partition(":")[0] in _DEV_EXTRAS
            scope = Scope.DEV if known else Scope.OPTIONAL
            yield from ((scope, element) for element in _elements(_resolved(extra, values)))
    elif name == "extras_require":
        yield Scope.OPTIONAL, value


def _elements(value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(value, ast.List | ast.Tuple | ast.Set):
        yield from value.elts
    else:
        yield value


def _resolved(value: ast.expr, values: Mapping[str, ast.expr]) -> ast.expr:
    """What a name stands for, where the module assigns it."""
    return values.get(value.id, value) if isinstance(value, ast.Name) else value
