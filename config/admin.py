"""The operators' pages that belong to no app of ours; importing them registers them."""

from config.operators import audit_admin, dead_letters_admin, people_admin, schedule_admin

__all__ = ["audit_admin", "dead_letters_admin", "people_admin", "schedule_admin"]
