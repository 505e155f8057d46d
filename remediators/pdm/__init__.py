"""pdm.lock and the pyproject.toml beside it."""
