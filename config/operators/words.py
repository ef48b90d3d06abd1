"""What the admin calls tables and columns, in the reader's language.

Django would take these names from the models, and every change of a word would be a migration there.
A table or column without a word keeps the name that its model gives it.
"""


def name_tables() -> None:
    """Give every table and column its words; called once, when all models are there."""
