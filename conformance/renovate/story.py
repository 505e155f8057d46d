"""Renovate's story on the embedded GitLab, from the first run to an automatic merge."""

from __future__ import annotations

from conformance.renovate import onboarding, people, pipelines, updates
from conformance.renovate.client import install
from conformance.renovate.fleet import fleet
from conformance.story import Story, equal

_CHAPTERS = (onboarding.CHAPTERS, updates.CHAPTERS, people.CHAPTERS, pipelines.CHAPTERS)


def tell(story: Story) -> None:
    """Renovate works on two projects, and is told apart from the people who work there too."""
    with story.step("is installed"):
        command = install()
    with fleet(story, command) as played:
        for title, play in (chapter for chapters in _CHAPTERS for chapter in chapters.items()):
            with story.step(title):
                play(played)
                equal(played.place.unserved(), (), "routes that the sandbox does not have")
