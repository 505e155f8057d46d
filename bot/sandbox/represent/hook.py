"""Web hooks and their deliveries as the API shows them. Secrets are never shown."""

from __future__ import annotations

from typing import Any

from bot.sandbox.represent.times import timestamp
from bot.sandbox.webhooks import delivery
from bot.sandbox.world import Hook, HookDelivery, World

BASIC_EVENTS = ("push_events", "tag_push_events", "merge_requests_events", "repository_update_events")
PROJECT_EVENTS = (
    "issues_events", "confidential_issues_events", "note_events", "confidential_note_events", "pipeline_events",
    "wiki_page_events", "deployment_events", "feature_flag_events", "job_events", "releases_events",
    "milestone_events", "emoji_events", "resource_access_token_events", "vulnerability_events",
)  # fmt: skip
GROUP_EVENTS = ("subgroup_events", "member_events", "project_events")


def whole(world: World, hook: Hook) -> dict[str, Any]:
    """API::Entities::Hook, ProjectHook or GroupHook, by the hook's source."""
    shown = {
        "id": hook.id,
        "url": hook.url,
        "name": hook.name,
        "description": hook.description,
        "created_at": timestamp(hook.created_at),
        **_switches(hook, BASIC_EVENTS),
        "enable_ssl_verification": hook.enable_ssl_verification,
        "alert_status": delivery.alert_status(world, hook),
        "disabled_until": timestamp(hook.disabled_until),
        "url_variables": [{"key": key} for key in hook.url_variables],
        "push_events_branch_filter": hook.push_events_branch_filter,
        "branch_filter_strategy": hook.branch_filter_strategy,
        "custom_webhook_template": hook.custom_webhook_template,
        "custom_headers": [{"key": key} for key in hook.custom_headers],
    }
    if world.hook_signing:
        shown |= {"token_present": bool(hook.token), "signing_token_present": bool(hook.signing_token)}
    if hook.source_type == "Project":
        return shown | {"project_id": hook.source_id, **_switches(hook, PROJECT_EVENTS)}
    if hook.source_type == "Group":
        return shown | {"group_id": hook.source_id, **_switches(hook, (*PROJECT_EVENTS, *GROUP_EVENTS))}
    return shown


def event(one: HookDelivery) -> dict[str, Any]:
    """API::Entities::WebHookLog."""
    return {
        "id": one.id,
        "url": one.url,
        "trigger": one.trigger,
        "request_headers": dict(one.request_headers),
        "request_data": one.request_data,
        "response_headers": dict(one.response_headers),
        "response_body": one.response_body,
        "execution_duration": one.execution_duration,
        "response_status": one.response_status,
    }


def _switches(hook: Hook, names: tuple[str, ...]) -> dict[str, bool]:
    return {name: name in hook.events for name in names}
