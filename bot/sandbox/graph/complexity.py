"""What a query costs by GitLab's rules, computed before it runs.

Source: app/graphql/types/base_field.rb and app/graphql/resolvers/base_resolver.rb.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

from bot.sandbox.graph.connections import LARGEST_PAGE

# Fields that ask Gitaly cost one more.
_GITALY = frozenset(
    {
        ("Repository", "rootRef"),
        ("Repository", "tree"),
        ("Repository", "blobs"),
        ("Repository", "empty"),
        ("Repository", "exists"),
        ("Tree", "lastCommit"),
    }
)
_FIXED = {("Repository", "branchNames"): 170, ("Query", "queryComplexity"): 0}


@dataclass(frozen=True, slots=True)
class _Query:
    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]


def complexity(schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> int:
    """The score of the most expensive operation in a valid document."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    query = _Query(schema, fragments, variables)
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    root = schema.query_type
    return max((_selections(query, root, o.selection_set) for o in operations if root is not None), default=0)


def _selections(query: _Query, parent: GraphQLNamedType, selections: SelectionSetNode | None) -> int:
    total = 0
    for node in selections.selections if selections is not None else ():
        match node:
            case FieldNode():
                total += _field(query, parent, node)
            case FragmentSpreadNode():
                fragment = query.fragments[node.name.value]
                total += _fragment(query, parent, fragment.type_condition.name.value, fragment.selection_set)
            case InlineFragmentNode():
                condition = node.type_condition.name.value if node.type_condition else parent.name
                total += _fragment(query, parent, condition, node.selection_set)
    return total


def _fragment(query: _Query, parent: GraphQLNamedType, condition: str, selections: SelectionSetNode) -> int:
    return _selections(query, query.schema.get_type(condition) or parent, selections)


def _field(query: _Query, parent: GraphQLNamedType, node: FieldNode) -> int:
    name = node.name.value
    if name.startswith("__"):
        return 0
    place = (parent.name, name)
    if not isinstance(parent, GraphQLObjectType):
        return 0
    kind = get_named_type(parent.fields[name].type)
    children = _selections(query, kind, node.selection_set) if is_composite_type(kind) else 0
    if place in _FIXED:
        return _FIXED[place] + children
    gitaly = int(place in _GITALY)
    if kind.name.endswith("Connection"):
        return _connection(query, node, children + gitaly)
    return children + 1 + gitaly


def _connection(query: _Query, node: FieldNode, children: int) -> int:
    arguments = {a.name.value: _value(query, a.value) for a in node.arguments or ()}
    own = 1 + (1 if arguments.get("sort") else 0) + (5 if arguments.get("search") else 0)
    cost = children + own
    if arguments.get("iids") or arguments.get("iid"):
        return cost
    sizes = [size for size in (arguments.get("first"), arguments.get("last")) if isinstance(size, int)]
    return int(cost + cost * min([*sizes, LARGEST_PAGE]) * 0.01)


def _value(query: _Query, value: Any) -> Any:
    match value:
        case VariableNode():
            return query.variables.get(value.name.value)
        case IntValueNode():
            return int(value.value)
        case _:
            return True
