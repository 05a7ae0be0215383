"""Who may see what: officers, their one-time passwords, sessions and scopes."""
