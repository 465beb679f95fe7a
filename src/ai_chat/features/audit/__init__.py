"""Who did what: an append-only log of what administrators, the operator and the money jobs do."""
