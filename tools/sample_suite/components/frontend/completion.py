"""The front end's answer to a completion request."""


def finish_reason(tokens: int, limit: int) -> str:
    """Say why a completion ended."""
    return "length" if tokens >= limit else "stop"
