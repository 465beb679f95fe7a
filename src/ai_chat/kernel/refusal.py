"""What keeps the server or a command from going on."""


class Refusal(Exception):
    """Something is not as it has to be; the text is one sentence for the operator."""
