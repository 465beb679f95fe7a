"""Other relays to compare with, each as its users would write it."""
