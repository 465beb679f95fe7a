"""How the settings become parts: one module a subject. `app` puts them together."""
