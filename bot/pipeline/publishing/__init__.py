"""What GitLab is told: branches, issues and merge requests, from the first to the last word."""
