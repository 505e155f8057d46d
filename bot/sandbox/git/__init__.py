"""Git below the sandbox: bare repositories, their objects and refs, and what GitLab does with them."""
