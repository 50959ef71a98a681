"""What a message is, judged from its words by rules (clock.md 3.5): once, when it comes in. English and German.

A judgement is stored with VERSION, so that it is known by which rules it was made.
"""

import re

from .codes import AUTOMATIC, EXPECTATION, TEMPLATE

VERSION = 1
LEAST = 5
"""Words that a text must have to be a copy of another: "done" and "thank you" are nobody's template."""


def _any(*ways: str) -> re.Pattern[str]:
    return re.compile("|".join(ways), re.IGNORECASE)


_AUTOMATIC = _any(
    r"out of (the )?office", r"auto(matic|mated)?[- ]?(reply|response|message)", r"do[- ]not[- ]reply",
    r"no[- ]?reply@",
    r"this is an auto\w* (e-?mail|message|reply)", r"delivery (status|has) (notification|failed)", r"undeliverable",
    r"abwesenheits(notiz|assistent)", r"automatische (antwort|nachricht)", r"diese nachricht wurde automatisch",
    r"bitte antworten sie nicht auf diese",
)  # fmt: skip
_TEMPLATE = _any(
    r"(we have|we've|has been) (received|logged|registered|created)[^.]{0,60}(request|ticket|case|message|e-?mail)",
    r"(request|ticket|case) (has been|was) (received|logged|registered|created|opened)", r"ticket number is",
    r"thank you for (contacting|your (request|message|e-?mail|patience))",
    r"(ihre|deine) (anfrage|nachricht|meldung) (ist|wurde)[^.]{0,40}(eingegangen|erfasst|erhalten)",
    r"vielen dank für (ihre|deine) (anfrage|nachricht|meldung|geduld)",
)  # fmt: skip
_EXPECTATION = _any(
    r"\b(i|we)('ll| will| am going to| are going to| shall| plan to)\b",
    r"\b(by|before|until|at|around|on) (today|tonight|tomorrow|noon|end of (the )?day|eod|cob|next week|the end of)",
    r"\b(by|before|until|at|around|on) (mon|tues|wednes|thurs|fri|satur|sun)day\b",
    r"\b(by|before|until|at|around) \d{1,2}([:.]\d\d)?\s?(am|pm|h|uhr)?\b",
    r"\b(within|in|over) (the next |about |around )?(an?|one|two|three|\d+|a few|some|half an)"
    r" ?(minute|hour|day|week|h\b|min)",
    r"\bnext steps?\b", r"\b(is|are|was|been) (scheduled|booked|planned) (for|on)\b",
    r"\bcould you (please )?(try|send|tell|confirm|check)\b",
    r"\b(please|kindly) (try|send|tell|confirm|check|restart|reply)\b",
    r"\b(ich|wir) (werde|werden|melde|melden|schaue|schauen|prüfe|prüfen|kümmere|kümmern)\b",
    r"\bbis (heute|morgen|montag|dienstag|mittwoch|donnerstag|freitag|spätestens|\d)", r"\bnächste[rn]? schritt",
    r"\bin (den nächsten |etwa )?(einer|zwei|drei|\d+) (minute|stunde|tag)",
)  # fmt: skip
_QUOTE = re.compile(r"\s*>")
_OTHERS = _any(
    r"^\s*on .{5,120} wrote:\s*$", r"^\s*am .{5,120} schrieb .*:\s*$", r"^\s*from: .*$",
    r"^\s*-{2,}\s?(original message|ursprüngliche nachricht).*$",
)  # fmt: skip
_SIGNATURE = _any(
    r"^\s*--\s*$", r"^\s*_{5,}\s*$", r"^\s*((kind|best|warm) )?regards\b.*$", r"^\s*(many )?thanks,?\s*$",
    r"^\s*(best|cheers|vg),?\s*$", r"^\s*(mit freundlichen|viele|beste|liebe) grüßen?\b.*$",
)  # fmt: skip
_GREETING = _any(
    r"^\s*(hi|hello|hey|dear|good (morning|afternoon|evening)|hallo|guten (tag|morgen)|sehr geehrte\w*|lieber?)\b"
    r"[^.!?\n]{0,60}[,!.:]?\s*$"
)
_WORD = re.compile(r"[^\W\d_]+")


def judge(text: str) -> int:
    """The flags that the words alone give a message (AUTOMATIC, TEMPLATE, EXPECTATION)."""
    said = own_words(text)
    flags = 0
    if _AUTOMATIC.search(text):
        flags |= AUTOMATIC
    if _TEMPLATE.search(said):
        flags |= TEMPLATE
    if _EXPECTATION.search(said):
        flags |= EXPECTATION
    return flags


def own_words(text: str) -> str:
    """A message without what it quotes, and without signature."""
    lines = []
    for line in text.splitlines():
        if _OTHERS.match(line) or _SIGNATURE.match(line):
            break  # all below is another's, or not said
        if not _QUOTE.match(line):
            lines.append(line)
    return "\n".join(lines)


def core(text: str, names: frozenset[str] = frozenset()) -> str:
    """What two copies of one text have in common: its words in small letters, without greeting, figures and `names`.

    "" where fewer than LEAST words are left: such texts are copies of each other by chance.
    """
    lines = [line for line in own_words(text).splitlines() if not _GREETING.match(line)]
    words = [word for word in _WORD.findall(" ".join(lines).casefold()) if word not in names]
    return " ".join(words) if len(words) >= LEAST else ""
