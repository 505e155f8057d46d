"""What GitLab does when people work together: who may do what, and what each deed leaves behind."""
