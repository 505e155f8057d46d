"""The plain settings of a project: what the API calls them, what they are by default, which values they take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox.parameters import Parameters

ACCESS = ("disabled", "private", "enabled")

# Settings with a field of their own on Project, with their type or the words they take.
FIELDS: Mapping[str, type | tuple[str, ...]] = {
    "description": str,
    "visibility": ("private", "internal", "public"),
    "default_branch": str,
    "issues_enabled": bool,
    "merge_requests_enabled": bool,
    "merge_method": ("merge", "rebase_merge", "ff"),
    "squash_option": ("never", "always", "default_on", "default_off"),
    "only_allow_merge_if_pipeline_succeeds": bool,
    "allow_merge_on_skipped_pipeline": bool,
    "only_allow_merge_if_all_discussions_are_resolved": bool,
    "remove_source_branch_after_merge": bool,
    "autoclose_referenced_issues": bool,
    "approvals_before_merge": int,
    "merge_commit_template": str,
    "squash_commit_template": str,
    "suggestion_commit_message": str,
}

# Feature levels, from "disabled" to "enabled". The two that have a switch of their own are kept there.
FEATURES: Mapping[str, str] = {
    "repository_access_level": "enabled",
    "forking_access_level": "enabled",
    "wiki_access_level": "enabled",
    "builds_access_level": "enabled",
    "snippets_access_level": "enabled",
    "pages_access_level": "private",
    "analytics_access_level": "enabled",
    "container_registry_access_level": "enabled",
    "security_and_compliance_access_level": "private",
    "releases_access_level": "enabled",
    "environments_access_level": "enabled",
    "feature_flags_access_level": "enabled",
    "infrastructure_access_level": "enabled",
    "monitor_access_level": "enabled",
    "model_experiments_access_level": "enabled",
    "model_registry_access_level": "enabled",
    "package_registry_access_level": "enabled",
    "requirements_access_level": "enabled",
}

SWITCHES: Mapping[str, bool | None] = {
    "packages_enabled": True,
    "resolve_outdated_diff_discussions": False,
    "service_desk_enabled": False,
    "emails_enabled": True,
    "show_diff_preview_in_email": True,
    "shared_runners_enabled": True,
    "lfs_enabled": True,
    "mr_default_target_self": False,
    "ci_forward_deployment_enabled": True,
    "ci_forward_deployment_rollback_allowed": True,
    "ci_job_token_scope_enabled": False,
    "ci_separated_caches": True,
    "ci_allow_fork_pipelines_to_run_in_parent_project": True,
    "ci_push_repository_for_job_token_allowed": False,
    "keep_latest_artifact": True,
    "restrict_user_defined_variables": True,
    "group_runners_enabled": True,
    "auto_devops_enabled": False,
    "public_jobs": True,
    "request_access_enabled": True,
    "printing_merge_request_link_enabled": True,
    "enforce_auth_checks_on_uploads": True,
    "warn_about_potentially_unwanted_characters": True,
    "mirror": False,
    "requirements_enabled": False,
    "secret_push_protection_enabled": False,
    "pre_receive_secret_detection_enabled": False,
    "merge_pipelines_enabled": False,
    "merge_trains_enabled": False,
    "merge_trains_skip_train_allowed": False,
    "only_allow_merge_if_all_status_checks_passed": False,
    "allow_pipeline_trigger_approve_deployment": False,
    "prevent_merge_without_jira_issue": False,
    "auto_duo_code_review_enabled": False,
    "duo_remote_flows_enabled": True,
    "web_based_commit_signing_enabled": False,
    "spp_repository_pipeline_access": True,
}

NUMBERS: Mapping[str, int | None] = {
    "ci_default_git_depth": 20,
    "ci_delete_pipelines_in_seconds": None,
    "runner_token_expiration_interval": None,
    "build_timeout": 3600,
    "max_artifacts_size": None,
}

TEXTS: Mapping[str, str | None] = {
    "ci_pipeline_variables_minimum_override_role": "no_one_allowed",
    "resource_group_default_process_mode": "unordered",
    "build_git_strategy": "fetch",
    "auto_cancel_pending_pipelines": "enabled",
    "auto_devops_deploy_strategy": "continuous",
    "ci_config_path": None,
    "issue_branch_template": None,
    "merge_request_title_regex": None,
    "merge_request_title_regex_description": None,
    "external_authorization_classification_label": "",
    "issues_template": None,
    "merge_requests_template": None,
    "ci_restrict_pipeline_cancellation_role": "developer",
}

DEFAULTS: Mapping[str, Any] = {**FEATURES, **SWITCHES, **NUMBERS, **TEXTS}
"""Everything that `Project.settings` may hold, with GitLab's default."""

# The older switches: `jobs_enabled: false` is `builds_access_level: disabled`.
LEGACY: Mapping[str, str] = {
    "wiki_enabled": "wiki_access_level",
    "jobs_enabled": "builds_access_level",
    "snippets_enabled": "snippets_access_level",
    "container_registry_enabled": "container_registry_access_level",
    "security_and_compliance_enabled": "security_and_compliance_access_level",
}

_LEVELS = {"issues_enabled": "issues_access_level", "merge_requests_enabled": "merge_requests_access_level"}


def read(params: Parameters) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is set: (fields of Project by name, entries of `Project.settings`). ApiError 400 for bad values."""
    fields = {name: _typed(params, name, kind) for name, kind in FIELDS.items() if name in params}
    settings: dict[str, Any] = {name: params.choice(name, ACCESS) for name in FEATURES if name in params}
    settings |= {name: params.boolean(name) for name in SWITCHES if name in params}
    settings |= {name: params.integer(name) for name in NUMBERS if name in params}
    settings |= {name: params.text(name) for name in TEXTS if name in params}
    for old, new in LEGACY.items():
        if old in params:
            settings[new] = "enabled" if params.boolean(old) else "disabled"
    for field, level in _LEVELS.items():
        if level in params:
            fields[field] = params.choice(level, ACCESS) != "disabled"
    if "topics" in params or "tag_list" in params:
        fields["topics"] = params.strings("topics") or params.strings("tag_list") or ()
    return fields, settings


def _typed(params: Parameters, name: str, kind: type | tuple[str, ...]) -> Any:
    if isinstance(kind, tuple):
        return params.choice(name, kind)
    if kind is bool:
        return params.boolean(name)
    return params.integer(name) if kind is int else params.text(name)
