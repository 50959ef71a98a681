"""The ASGI application: Django, which is synchronous here, in eight threads.

Under ASGI itself Django 5.2 hands every request through one thread and answers a third as many.
"""

import os

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beforehand.config.settings")

application = WSGIMiddleware(get_wsgi_application(), workers=8)
