"""E-mail as an outbox: what is to be said is stored with what it tells of, and sent afterwards, more than once if need be."""
