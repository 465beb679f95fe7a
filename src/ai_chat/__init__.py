"""AI Chat Platform: a self-hostable chat over many AI models. `app.py` puts the parts together; read ARCHITECTURE.md."""

__version__ = "0.1.0"
