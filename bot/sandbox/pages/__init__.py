"""The pages: what a person sees who follows a web_url. This GitLab is a local one: whoever reaches it may look."""
