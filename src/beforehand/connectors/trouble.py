"""One set of words for what goes wrong with a source. What is said is for the owner, and holds no secret."""


class Trouble(Exception):
    """The source could not be read; what is said is for the owner.

    `wait`: seconds until another try makes sense, 0 where nobody said. `again`: another try at once may help.
    """

    def __init__(self, said: str, wait: float = 0.0, again: bool = False) -> None:
        super().__init__(said)
        self.wait, self.again = wait, again


class Down(Trouble):
    """It does not answer, or with an error of its own."""


class Unauthorised(Trouble):
    """It does not know us, or not any more."""


class Forbidden(Trouble):
    """It knows us, and does not let us read this."""


class Limited(Trouble):
    """No call is left for a while: of its limit, or of our share of it."""


class Odd(Trouble):
    """It answered something that is none of its answers (a page of HTML, half a body)."""


class Missing(Trouble):
    """It has no such thing."""
