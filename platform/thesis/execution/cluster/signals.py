"""SIGTERM, which stops a submitted job, treated as Ctrl-C, on which Ray's libraries end cleanly."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

_ENDING = (signal.SIGINT, signal.SIGTERM)


class ReceivedSignals:
    """Whether one of the two signals came, whichever handler took it: Ray Train installs a handler of its own."""

    def __init__(self, reading_end: int) -> None:
        self._reading_end = reading_end
        self._was_asked_to_end = False

    def was_asked_to_end(self) -> bool:
        """Returns whether SIGINT or SIGTERM has come so far."""
        try:
            numbers = os.read(self._reading_end, 4096)
        except OSError:
            numbers = b""  # nothing came, or the block has ended
        self._was_asked_to_end |= any(number in _ENDING for number in numbers)
        return self._was_asked_to_end


@contextmanager
def sigterm_as_sigint() -> Iterator[ReceivedSignals]:
    """Handles both signals for the time of a ``with`` block and restores what was there before.

    Ray Tune ignores SIGTERM, and Ray Train leaves its own handler of SIGINT behind. Python writes the number of every
    signal into a pipe before any handler runs: so an end without a signal is told from an interruption.
    """
    # Ray blocks SIGINT in its processes, and a submitted job inherits that.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    previous = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    signal.signal(signal.SIGTERM, _interrupt)
    reading_end, writing_end = os.pipe()
    os.set_blocking(reading_end, False)
    os.set_blocking(writing_end, False)
    previous_end = signal.set_wakeup_fd(writing_end, warn_on_full_buffer=False)
    received = ReceivedSignals(reading_end)
    try:
        yield received
    finally:
        received.was_asked_to_end()
        signal.set_wakeup_fd(previous_end)
        os.close(writing_end)
        os.close(reading_end)
        for number, handler in previous.items():
            signal.signal(number, handler)


def _interrupt(*_: object) -> None:
    # A shell starts its background jobs with SIGINT ignored; SIGTERM ends those too.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        raise KeyboardInterrupt
    signal.raise_signal(signal.SIGINT)
