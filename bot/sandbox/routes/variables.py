"""CI/CD variables of projects and groups."""

from __future__ import annotations

from typing import Any

from bot.sandbox.api import Answer, Call
from bot.sandbox.errors import invalid_record, not_found
from bot.sandbox.pagination import paginate
from bot.sandbox.routes.sources import kind, register, source
from bot.sandbox.world import Access, Variable

_SWITCHES = ("protected", "masked", "raw")
_TYPES = ("env_var", "file")


def _represent(variable: Variable) -> dict[str, Any]:
    return {
        "variable_type": variable.variable_type,
        "key": variable.key,
        "value": None if variable.hidden else variable.value,
        "hidden": variable.hidden,
        "protected": variable.protected,
        "masked": variable.masked,
        "raw": variable.raw,
        "environment_scope": variable.environment_scope,
        "description": variable.description,
    }


def _source(call: Call) -> tuple[str, int]:
    of = source(call, Access.MAINTAINER, Access.OWNER)
    return kind(of), of.id


def _variables(call: Call) -> list[Variable]:
    source_type, source_id = _source(call)
    return call.world.variables.where(source_type=source_type, source_id=source_id)


def _one(call: Call) -> Variable:
    wanted = (call.params.raw("filter") or {}).get("environment_scope")
    for variable in _variables(call):
        if variable.key == call.path["key"] and wanted in (None, variable.environment_scope):
            return variable
    raise not_found("Variable")


def index(call: Call) -> Answer:
    """Every variable."""
    return paginate(call, _variables(call), _represent)


def show(call: Call) -> Answer:
    """One variable by key."""
    return Answer(_represent(_one(call)))


def create(call: Call) -> Answer:
    """A new variable."""
    call.params.need("key", "value")
    source_type, source_id = _source(call)
    key, scope = call.params.needed("key"), call.params.text("environment_scope") or "*"
    if any(v.key == key and v.environment_scope == scope for v in _variables(call)):
        raise invalid_record({"key": [f"({key}) has already been taken"]})
    variable = Variable(source_type=source_type, source_id=source_id, key=key, value="", environment_scope=scope)
    _fill(call, variable)
    variable.hidden = bool(call.params.boolean("masked_and_hidden"))
    return Answer(_represent(call.world.variables.add(variable)), 201)


def update(call: Call) -> Answer:
    """Change a variable."""
    variable = _one(call)
    _fill(call, variable)
    return Answer(_represent(variable))


def delete(call: Call) -> Answer:
    """Remove a variable."""
    call.world.variables.remove(_one(call))
    return Answer(None, 204)


def _fill(call: Call, variable: Variable) -> None:
    params = call.params
    variable.value = variable.value if params.text("value") is None else str(params.text("value"))
    variable.variable_type = params.choice("variable_type", _TYPES) or variable.variable_type
    for name in _SWITCHES:
        if name in params:
            setattr(variable, name, bool(params.boolean(name)))
    if "description" in params:
        variable.description = params.text("description")
    if "environment_scope" in params:
        variable.environment_scope = params.text("environment_scope") or "*"


register(
    "/variables",
    (
        ("get", "", index),
        ("post", "", create),
        ("get", "/:key", show),
        ("put", "/:key", update),
        ("delete", "/:key", delete),
    ),
)
