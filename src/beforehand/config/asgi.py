"""The ASGI application: Django, which is synchronous here, in eight threads.

Under ASGI itself Django 5.2 hands every request through one thread and answers a third as many.
"""

import os
from typing import Any

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beforehand.config.settings")

# Django's annotations and a2wsgi's describe the one protocol in two ways.
_django: Any = get_wsgi_application()
application = WSGIMiddleware(_django, workers=8)
