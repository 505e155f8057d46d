"""Labels: which ones a project can use, finding them by name, and making those that do not exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.sandbox import permissions
from bot.sandbox.errors import ApiError, invalid_record
from bot.sandbox.world import Label, Namespace, Project, World

DEFAULT_COLOR = "#6699cc"
_NAMED_COLORS = {
    "red": "#FF0000", "green": "#008000", "blue": "#0000FF", "black": "#000000", "white": "#FFFFFF",
    "orange": "#FFA500", "yellow": "#FFFF00", "purple": "#800080", "gray": "#808080", "grey": "#808080",
}  # fmt: skip
Owner = Project | Namespace


def source(owner: Owner) -> tuple[str, int]:
    """How labels and milestones name their owner."""
    return ("Project" if isinstance(owner, Project) else "Group"), owner.id


def available(world: World, owner: Owner, *, ancestors: bool = True) -> list[Label]:
    """The labels that `owner` can use: its own and, with `ancestors`, those of the groups above, by name."""
    found = [label for place in _places(world, owner, ancestors) for label in _of(world, place)]
    return sorted(found, key=lambda label: (label.name.lower(), label.id))


def named(world: World, owner: Owner, name: str, *, ancestors: bool = True) -> Label | None:
    """A label by its exact name, the nearest first."""
    for source_type, source_id in _places(world, owner, ancestors):
        found = world.labels.one(name=name, source_type=source_type, source_id=source_id)
        if found is not None:
            return found
    return None


def find(world: World, owner: Owner, id_or_name: str, *, ancestors: bool = True) -> Label | None:
    """A label by id or by name."""
    if id_or_name.isdecimal():
        found = world.labels.get(int(id_or_name))
        if found is not None and (found.source_type, found.source_id) in set(_places(world, owner, ancestors)):
            return found
    return named(world, owner, id_or_name, ancestors=ancestors)


def create(world: World, owner: Owner, name: str, color: str = DEFAULT_COLOR, description: str | None = None) -> Label:
    """A new label. ApiError 400 for a name or color that GitLab refuses."""
    clean = name.strip()
    if not clean or "," in clean:
        raise invalid_record({"title": ["is invalid"] if clean else ["can't be blank", "is invalid"]})
    if len(clean) > 255:
        raise invalid_record({"title": ["is too long (maximum is 255 characters)"]})
    now = world.now()
    source_type, source_id = source(owner)
    return world.labels.add(
        Label(
            source_type=source_type,
            source_id=source_id,
            name=clean,
            color=valid_color(color),
            description=description,
            text_color=text_color(color),
            created_at=now,
            updated_at=now,
        )
    )


def ensure(world: World, project: Project, names: Iterable[str]) -> tuple[int, ...]:
    """Ids of the labels with these names, each once; a name without a label becomes one of the project."""
    found = [named(world, project, name) or create(world, project, name) for name in names if name.strip()]
    return tuple(dict.fromkeys(label.id for label in found))


def of(world: World, ids: Iterable[int]) -> list[Label]:
    """The labels with these ids by name; a deleted one is left out."""
    labels = [label for id_ in ids if (label := world.labels.get(id_)) is not None]
    return sorted(labels, key=lambda label: label.name)


def delete(world: World, label: Label) -> None:
    """Remove a label, from everything that has it."""
    for marked in (*world.issues, *world.merge_requests):
        if label.id in marked.label_ids:
            marked.label_ids = tuple(id_ for id_ in marked.label_ids if id_ != label.id)
    world.labels.remove(label)


def joined(world: World, ids: Iterable[int], added: Iterable[int], gone: Iterable[int]) -> tuple[int, ...]:
    """Label ids after additions and removals; on Premium an added scoped label drives out its siblings."""
    whole, added, removed = {*ids, *added}, tuple(added), set(gone)
    if world.premium:
        removed |= {id_ for one in added for id_ in siblings(world, world.labels[one], whole)}
    return tuple(sorted(whole - removed))


def siblings(world: World, label: Label, ids: Iterable[int]) -> set[int]:
    """Ids among `ids` that share the scope ("a::") of `label` and are not it."""
    scope, colons, _ = label.name.rpartition("::")
    if not colons:
        return set()
    others = (world.labels.get(id_) for id_ in ids)
    return {o.id for o in others if o is not None and o.id != label.id and o.name.rpartition("::")[0] == scope}


def valid_color(color: str) -> str:
    """The color as it is kept. ApiError 400 unless it is #RGB, #RRGGBB or a name."""
    known = _NAMED_COLORS.get(color.lower(), color)
    digits = known.removeprefix("#")
    if not known.startswith("#") or len(digits) not in (3, 6) or not all(c in "0123456789abcdefABCDEF" for c in digits):
        raise ApiError(400, {"message": {"color": ["must be a valid color code"]}})
    return known


def text_color(color: str) -> str:
    """Dark text on light colors, white on the others, by GitLab's luminance rule."""
    digits = valid_color(color).removeprefix("#")
    pairs = [c * 2 for c in digits] if len(digits) == 3 else [digits[at : at + 2] for at in (0, 2, 4)]
    red, green, blue = (_linear(int(pair, 16) / 255) for pair in pairs)
    return "#1F1E24" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5 else "#FFFFFF"


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.03928 else float(((channel + 0.055) / 1.055) ** 2.4)


def _places(world: World, owner: Owner, ancestors: bool) -> Iterator[tuple[str, int]]:
    yield source(owner)
    above = owner.namespace_id if isinstance(owner, Project) else owner.parent_id
    if ancestors:
        yield from (("Group", group.id) for group in permissions.ancestors(world, above) if group.kind == "group")


def _of(world: World, place: tuple[str, int]) -> list[Label]:
    return world.labels.where(source_type=place[0], source_id=place[1])
