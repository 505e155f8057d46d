"""The executable schema: GitLab's definitions, the connection types that follow one pattern, and our resolvers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib import resources

from graphql import GraphQLObjectType, GraphQLScalarType, GraphQLSchema, build_schema

from bot.sandbox.graph import collaboration, people, projects, repositories, root
from bot.sandbox.graph.context import Resolvers
from bot.sandbox.represent.times import day, timestamp

# Connection types by node, and whether theirs has a count.
_CONNECTIONS: Mapping[str, bool] = {
    "Blob": False,
    "Issue": True,
    "Label": True,
    "MergeRequest": True,
    "Project": True,
    "ProjectMember": False,
    "RepositoryBlob": False,
    "TreeEntry": False,
    "UserCore": False,
}
_CONNECTION = """
type {node}Connection {{
{count}  edges: [{node}Edge]
  nodes: [{node}]
  pageInfo: PageInfo!
}}

type {node}Edge {{
  cursor: String!
  node: {node}
}}
"""
_MODULES = (collaboration, people, projects, repositories, root)


@cache
def schema() -> GraphQLSchema:
    """The schema, built once."""
    definitions = resources.files(__package__).joinpath("definitions")
    texts = [file.read_text("utf-8") for file in sorted(definitions.iterdir(), key=lambda f: f.name)]
    texts += [_CONNECTION.format(node=n, count="  count: Int!\n" if c else "") for n, c in _CONNECTIONS.items()]
    built = build_schema("\n".join(texts))
    for module in _MODULES:
        _attach(built, module.RESOLVERS)
    time = built.type_map["Time"]
    if isinstance(time, GraphQLScalarType):
        time.coerce_output_value = _time
    return built


def _time(moment: date) -> str:
    return timestamp(moment) if isinstance(moment, datetime) else day(moment)


def _attach(built: GraphQLSchema, resolvers: Resolvers) -> None:
    for type_name, fields in resolvers.items():
        kind = built.type_map[type_name]
        if not isinstance(kind, GraphQLObjectType):
            raise TypeError(f"{type_name} has resolvers but is no object type")
        for name, resolve in fields.items():
            kind.fields[name].resolve = resolve
