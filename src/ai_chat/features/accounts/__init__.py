"""Who the users are: registration, signing in, sessions, passwords."""
