"""GraphQL: the part of GitLab's schema that a bot reads, with its limits."""
