"""Errors that are the user's to fix: shown as one line, without a traceback, exit code 2."""


class UserError(Exception):
    """Names the file or field, the value found, and what to do."""
