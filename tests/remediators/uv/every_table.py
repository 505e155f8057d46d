"""A pyproject.toml with a requirement in every table that uv reads."""

from __future__ import annotations

MANIFEST = """\
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.9"
dependencies = [
    "requests[socks] >= 2, <3",  # http
    'Zope.Interface',
]

[project.optional-dependencies]
fast = ["uvloop==0.19.0 ; sys_platform != 'win32'"]
all = ["demo[fast]"]

[dependency-groups]
dev = ["pytest>=7", { include-group = "lint" }]
lint = ["ruff"]

[tool.uv]
dev-dependencies = ["mypy"]
constraint-dependencies = ["urllib3<3"]
"""
