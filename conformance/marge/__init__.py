"""marge-bot as a client: its fleet, and its story."""

from conformance.marge.story import tell

__all__ = ["tell"]
