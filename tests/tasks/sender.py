"""`python -m tests.tasks.sender`: sends what it is told to, a line of JSON each, as our code does."""

import json
import sys

import django

django.setup()

from config.celery import enqueue

for line in sys.stdin:
    task, kwargs, delay = json.loads(line)
    try:
        enqueue(task, kwargs, delay=delay)
    except Exception as exc:  # noqa: BLE001 - told to the test
        print(f"{type(exc).__name__}: {exc}", flush=True)
    else:
        print("sent", flush=True)
