"""Ugly answers of OpenRouter as bytes, with what a client must make of them: see samples.py."""
