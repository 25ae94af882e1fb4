"""What can be wrong with a dataset, in words that a user can act on. Standard library only."""


class DatasetMissing(ValueError):  # noqa: N818 - it reads as what happened, not as a class of errors
    """Names the dataset, the folders looked in, and the command or package that brings it."""


class DatasetDamaged(ValueError):  # noqa: N818
    """Names the file, what was expected of it and what was found."""
