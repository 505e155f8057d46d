"""pyproject.toml with the uv.lock beside it, or with no lockfile at all."""
