"""git itself on the embedded GitLab."""

from __future__ import annotations

from conformance.place import place
from conformance.story import Story, equal
from tests.sandbox.git_client import Git


def tell(story: Story) -> None:
    """Clone, fetch and push as people do, and be refused as GitLab refuses."""
    with place() as here:
        project = here.sandbox.add_project("team/app", {"README.md": "# App\n"})
        git = Git(here.folder, here.sandbox.token)
        with story.step("clones a project"):
            git("clone", "-q", f"{here.sandbox.url}/{project.full_path}.git", "app")
            equal((here.folder / "app" / "README.md").read_text(), "# App\n", "README.md")
