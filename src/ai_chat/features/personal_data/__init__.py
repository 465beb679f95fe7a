"""A person's data as their own: taking it out, bringing it in from elsewhere, and leaving."""
