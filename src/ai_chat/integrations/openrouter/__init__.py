"""OpenRouter: hundreds of models behind one key."""
