"""A table of nouns: by id, by any declared combination of fields, and what changed since the last look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from bot.sandbox.world.noun import Noun

N = TypeVar("N", bound=Noun)
Fields = tuple[str, ...]


class Table(Generic[N]):
    """Nouns of one kind in order of creation.

    `indexes` are the field combinations that `where` and `one` can ask for, each sorted by name.
    Fields in `folded` are matched without regard to case, as GitLab matches paths and usernames.
    """

    def __init__(self, kind: type[N], *indexes: Fields, folded: Fields = ()) -> None:
        self.kind = kind
        self.last_id = 0
        self.dirty: set[int] = set()
        self._rows: dict[int, N] = {}
        self._folded = frozenset(folded)
        self._indexes: dict[Fields, dict[tuple[Any, ...], dict[int, N]]] = {tuple(sorted(i)): {} for i in indexes}
        self._by_field: dict[str, tuple[Fields, ...]] = {
            field: tuple(i for i in self._indexes if field in i) for index in self._indexes for field in index
        }

    def add(self, noun: N) -> N:
        """Put a noun in; one with id 0 gets the next id."""
        if noun.id == 0:
            noun.id = self.last_id + 1
        self.last_id = max(self.last_id, noun.id)
        self._rows[noun.id] = noun
        for fields in self._indexes:
            self._indexes[fields].setdefault(self._key(noun, fields), {})[noun.id] = noun
        noun._watcher = self
        self.dirty.add(noun.id)
        return noun

    def remove(self, noun: N) -> None:
        """Take a noun out. Its id is never given again."""
        del self._rows[noun.id]
        for fields in self._indexes:
            self._unindex(noun, fields)
        del noun._watcher
        self.dirty.add(noun.id)

    def get(self, id_: int | None) -> N | None:
        """The noun with that id."""
        return None if id_ is None else self._rows.get(id_)

    def __getitem__(self, id_: int) -> N:
        return self._rows[id_]

    def __contains__(self, id_: object) -> bool:
        return id_ in self._rows

    def __iter__(self) -> Iterator[N]:
        return iter(self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)

    def where(self, **values: Any) -> list[N]:
        """Every noun with these values, in order of creation. KeyError for fields without an index."""
        return list(self._bucket(values).values())

    def one(self, **values: Any) -> N | None:
        """The first noun with these values."""
        return next(iter(self._bucket(values).values()), None)

    def count(self, **values: Any) -> int:
        """How many nouns have these values."""
        return len(self._bucket(values))

    def before_change(self, noun: N, field: str, value: Any) -> None:
        """Move `noun` to its place in every index that `field` is part of."""
        self.dirty.add(noun.id)
        if getattr(noun, field) == value:
            return
        for fields in self._by_field.get(field, ()):
            self._unindex(noun, fields)
            key = tuple(self._fold(f, value if f == field else getattr(noun, f)) for f in fields)
            self._indexes[fields].setdefault(key, {})[noun.id] = noun

    def _bucket(self, values: dict[str, Any]) -> dict[int, N]:
        fields = tuple(sorted(values))
        return self._indexes[fields].get(tuple(self._fold(f, values[f]) for f in fields), {})

    def _unindex(self, noun: N, fields: Fields) -> None:
        key = self._key(noun, fields)
        bucket = self._indexes[fields][key]
        del bucket[noun.id]
        if not bucket:
            del self._indexes[fields][key]

    def _key(self, noun: N, fields: Fields) -> tuple[Any, ...]:
        return tuple(self._fold(field, getattr(noun, field)) for field in fields)

    def _fold(self, field: str, value: Any) -> Any:
        return value.lower() if field in self._folded and isinstance(value, str) else value
