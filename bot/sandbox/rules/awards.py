"""Reactions."""

from __future__ import annotations

from bot.sandbox.errors import not_found
from bot.sandbox.world import AwardEmoji, Issue, MergeRequest, Note, User, World

Awardable = Issue | MergeRequest | Note


def of(world: World, awardable: Awardable) -> list[AwardEmoji]:
    """What was given, oldest first."""
    return world.award_emoji.where(awardable_type=type(awardable).__name__, awardable_id=awardable.id)


def give(world: World, actor: User, awardable: Awardable, name: str) -> AwardEmoji:
    """Give an emoji. ApiError 404, as GitLab words it, for one that `actor` gave already."""
    clean = name.strip(":")
    if not clean.replace("_", "").replace("+", "").replace("-", "").isalnum():
        raise not_found("Award Emoji Name is not a valid emoji name")
    if any(one.user_id == actor.id and one.name == clean for one in of(world, awardable)):
        raise not_found("Award Emoji Name has already been taken")
    now = world.now()
    return world.award_emoji.add(
        AwardEmoji(
            name=clean,
            user_id=actor.id,
            awardable_type=type(awardable).__name__,
            awardable_id=awardable.id,
            created_at=now,
            updated_at=now,
        )
    )
