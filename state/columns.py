"""Column types: how a UTC time, an enum and a noun stand in a database, alike on SQLite and PostgreSQL."""

from __future__ import annotations

import enum
import zlib
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, LargeBinary, Text
from sqlalchemy.types import TypeDecorator

from state.encoding import decode, encode, utc
from state.errors import StoreError


class Time(TypeDecorator[datetime]):
    """An instant: stored as UTC, read back aware. SQLite itself knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """In UTC."""
        return None if value is None else utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware, in UTC."""
        if value is None or value.tzinfo is UTC:
            return value
        return value.replace(tzinfo=UTC) if value.tzinfo is None else utc(value)


class Word(TypeDecorator[enum.StrEnum]):
    """A member of a StrEnum, stored as its value."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[enum.StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: enum.StrEnum | None, dialect: Dialect) -> str | None:
        """The value of the member."""
        return None if value is None else value.value

    def process_result_value(self, value: str | None, dialect: Dialect) -> enum.StrEnum | None:
        """The member with that value."""
        return None if value is None else self.kind(value)


class Json(TypeDecorator[Any]):
    """A value of the type `kind` as readable JSON."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: object) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: object, dialect: Dialect) -> str:
        """As text."""
        return encode(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """As the nouns."""
        return None if value is None else decode(self.kind, value)


class Packed(TypeDecorator[bytes]):
    """Bytes that compress well; stored compressed."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Compressed."""
        return None if value is None else zlib.compress(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """As they were. Raises StoreError for what no longer unpacks."""
        if value is None:
            return None
        try:
            return zlib.decompress(value)
        except zlib.error as error:
            raise StoreError(
                f"A stored value in the database is damaged ({error}). Restore a backup, or move the database away: "
                "the bot finds its work in GitLab again and loses only history."
            ) from error
