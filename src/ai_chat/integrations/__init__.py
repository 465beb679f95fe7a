"""One folder for each outside service; each implements a port that the relay or a feature declares."""
