"""The one error of this layer."""

from __future__ import annotations


class StoreError(Exception):
    """The database cannot be opened, read or written. The message names the thing, the place and the remedy."""
