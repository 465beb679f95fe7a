"""What users pay for. So far only the subscription's table; buying comes with the payments."""
