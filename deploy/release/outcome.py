"""How a step ends, and what a pipeline reads of it."""

DONE = 0
#: Something was not as it has to be; traffic is where it was.
REFUSED = 1
#: 2 is argparse's, for what could not be understood.
#: Traffic was moved, did not do well, and is back where it was.
ROLLED_BACK = 3
#: Another release is under way. Later it may be possible.
HELD = 4
#: Stopped by a person or by the end of the job. Traffic is where it was at that moment.
STOPPED = 130


class Ended(Exception):
    """A step that did not do what was asked; the text is for whoever asked."""

    code = REFUSED


class Refused(Ended):
    code = REFUSED


class RolledBack(Ended):
    code = ROLLED_BACK


class Held(Ended):
    code = HELD


class Stopped(BaseException):
    """Somebody wants this process to end. No KeyboardInterrupt: Python ends itself by a signal after some."""
