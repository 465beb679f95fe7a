"""What everything else may use and what uses nothing of ours: errors, ids, clock, text, tokens, logging."""
