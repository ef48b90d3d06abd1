"""The operations checklists, as far as a machine can go through them; `manage.py preflight --stage before`."""
