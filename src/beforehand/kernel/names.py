"""When two words name the same client, person, team or channel."""

import unicodedata


def fold(text: str) -> str:
    """The word as it is compared, with case, width and white space folded: " ACME  ltd" is "acme ltd"."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
