"""SIGTERM, which stops a submitted job, treated as Ctrl-C, on which Ray's libraries end in good order."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def sigterm_as_sigint() -> Iterator[None]:
    """Handles both signals for the time of a ``with`` block and restores what was there before.

    Ray Tune ignores SIGTERM, and Ray Train leaves its own handler of SIGINT behind.
    """
    # Ray blocks SIGINT in its processes, and a submitted job inherits that.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    previous = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
