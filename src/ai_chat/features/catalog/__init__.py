"""Which models there are, who serves them, what they cost and which plan opens them."""
