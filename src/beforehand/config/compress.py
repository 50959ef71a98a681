"""Pages, styles and scripts go out compressed; what is compressed already, and parts of files, as they are."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXTS = ("text/html", "text/css", "text/javascript", "application/json", "image/svg+xml")


class Compressed(GZipMiddleware):
    """Middleware: Django's own, which pads each page by a random length against BREACH, for texts alone."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The answer, compressed if it is a whole text and the browser takes it."""
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if response.status_code == 206 or kind not in TEXTS:
            return response
        return super().process_response(request, response)
