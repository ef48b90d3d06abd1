"""The WSGI entry: the gate, with Django behind it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

_django = get_wsgi_application()

from config.api.gate import Gate
from config.lambda_event import with_event

application = with_event(Gate(_django))
