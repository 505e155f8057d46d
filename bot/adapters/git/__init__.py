"""Local copies of GitLab's repositories, by the git program."""
