"""When two words name the same person or team."""

import unicodedata


def fold(text: str) -> str:
    """The name as it is compared, with case, width and white space folded."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
