"""What is not written to the log, though Django would."""

import logging


class NotAnError(logging.Filter):
    """Lets all pass but that /health answered 503: that is an answer, and no error of ours."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is to be written."""
        request = getattr(record, "request", None)
        return getattr(record, "status_code", 0) != 503 or getattr(request, "path", "") != "/health"
