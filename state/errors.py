"""The errors of this layer."""

from __future__ import annotations


class StoreError(Exception):
    """The database cannot be opened, read or written. The message names the thing, the place and the remedy."""


class AddressError(StoreError):
    """What should be the URL of a database is none. The message does not repeat it: it may hold a password."""
