"""What went wrong in another process, in one line: Ray's errors carry whole tracebacks of it."""

from thesis_workloads.datasets.errors import DatasetDamaged, DatasetMissing


def root_cause(error: BaseException) -> BaseException:
    """Returns the error that a task raised, below those that Ray and Ray Data put around it."""
    seen: set[int] = set()
    found = error
    while id(found) not in seen:
        seen.add(id(found))
        if isinstance(found, DatasetDamaged | DatasetMissing) and getattr(found, "cause", None) is None:
            return found
        found = getattr(found, "cause", None) or found.__cause__ or found
    return found


def one_line(error: BaseException) -> str:
    """Returns what the task said, without a traceback: its last line, or the only one."""
    cause = root_cause(error)
    lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
    text = lines[-1] if lines else ""
    return text if isinstance(cause, ValueError) and text else f"{type(cause).__name__}: {text}".rstrip(": ")
