"""How HTTP is spoken here: the envelope, errors, the event stream's response, middleware. No feature's knowledge."""
