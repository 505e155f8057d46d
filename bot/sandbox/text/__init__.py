"""What GitLab reads out of the texts that people write: references, closing words, commands, tasks, Markdown."""
