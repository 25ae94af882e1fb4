"""Jobs on a Ray cluster that runs already: the code that is sent, its environment, its output and its end.

Ray's own ``ray job submit`` turns every failure into exit code 1 and knows neither which code to send nor
which variables matter.
"""

import asyncio
import logging
import os
import re
import shlex
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from thesis.errors import first_line
from thesis.execution.cluster.runtime_env import checkout, runtime_environment
from thesis.execution.storage.filesystems import is_remote, resolve_location
from thesis_workloads.contract.errors import UserError

if TYPE_CHECKING:
    # Ray itself is imported when a cluster is asked; the command line knows it by this name.
    from ray.job_submission import JobSubmissionClient as JobSubmissionClient

INTERRUPTED = 130
_STOPPED = "STOPPED"
_ENDED = ("SUCCEEDED", "FAILED", _STOPPED)
_PASSED = ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "MLFLOW_S3_ENDPOINT_URL")
_PASSED_PREFIX = "THESIS_"
_SECRET = re.compile("KEY|TOKEN|SECRET|PASSW|CREDENTIAL", re.IGNORECASE)
_FOLDER_OPTIONS = ("--output-dir", "--data-dir", "--checkpoint-dir", "--sets-dir")
_IN_ANY_STORE = ("--checkpoint-dir", "--sets-dir", "THESIS_CHECKPOINT_DIR", "THESIS_SETS_DIR")
_CONNECT_TIMEOUT_S = 5.0
_POLL_S = 0.5
_PATIENCE_S = 300.0  # how long a cluster that no longer answers is asked again
_STOP_WAIT_S = 75.0  # longer than a job is given to end cleanly


@dataclass(frozen=True, kw_only=True)
class JobInfo:
    """A job as the cluster describes it."""

    name: str
    status: str  # PENDING | RUNNING | STOPPED | SUCCEEDED | FAILED
    entrypoint: str
    message: str
    started_s: float | None  # since 1970
    ended_s: float | None
    process_exit_code: int | None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in _ENDED

    @property
    def exit_code(self) -> int:
        """What the job's command exited with, as a shell says it; 130 if it was stopped, 1 if it never ran."""
        if self.status == _STOPPED:
            return INTERRUPTED
        code = self.process_exit_code
        if self.status == "SUCCEEDED":
            return 0
        if not code:
            return 1
        return 128 - code if code < 0 else code


def connect(address: str | None) -> "JobSubmissionClient":
    """Returns a client of the cluster's job server, e.g. ``http://127.0.0.1:8265``.

    Without an address it is RAY_API_SERVER_ADDRESS, RAY_ADDRESS, or a cluster on this machine.

    Raises:
        UserError: if none answers, or does not let this user in.
    """
    known = address or os.environ.get("RAY_API_SERVER_ADDRESS", "")
    if known:
        _check_address(known, "--address" if address else "RAY_API_SERVER_ADDRESS")
    if address:
        # Ray lets the variables win over an argument; the nearer wish should.
        os.environ["RAY_API_SERVER_ADDRESS"] = address
    from ray.job_submission import JobSubmissionClient

    # Two of its modules set a level of their own as they are imported.
    for name in ("ray", "ray.dashboard.modules.job.sdk", "ray.dashboard.modules.dashboard_sdk"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with _answers(f"no job server answers at {address or _known_address()}"):
        return JobSubmissionClient(address)


def _check_address(address: str, option: str) -> None:
    """Checks that something listens at a job server's address; Ray itself asks for 40 s.

    Raises:
        UserError: if it is no address or nothing does.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UserError(f"{option} must be like http://127.0.0.1:8265, got {address!r} ({error})") from error
    if address == "auto" or parts.scheme == "ray":
        return
    if parts.scheme not in ("http", "https") or not host:
        raise UserError(
            f"{option} must begin with http:// or https://, got {address!r}; write http://{address}"
        )
    try:
        port = port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((host, port), timeout=_CONNECT_TIMEOUT_S).close()
    except OSError as error:
        raise UserError(
            f"no job server answers at {address} ({first_line(error)}); check {option} and that the cluster runs"
        ) from error


def submit(client: "JobSubmissionClient", arguments: Sequence[str], environ: Mapping[str, str]) -> str:
    """Sends this checkout's code and a ``thesis`` command to the cluster; returns the job's name.

    Raises:
        UserError: if the command could not keep its results, a secret would be sent, or the cluster refuses.
    """
    entrypoint = entrypoint_of(arguments, environ)
    environment = runtime_environment(checkout())
    environment["env_vars"].update(passed_variables(environ))
    with _answers("the cluster did not take the job"):
        return str(client.submit_job(entrypoint=entrypoint, runtime_env=environment))


def entrypoint_of(arguments: Sequence[str], environ: Mapping[str, str]) -> str:
    """Returns the shell command of a job: ``sweep repr``, ``thesis sweep repr`` or ``python -m thesis ...``.

    Raises:
        UserError: if there is no command, or a folder is relative: it would lie in the job's own.
    """
    words = list(arguments)
    if words[:1] == ["thesis"]:
        words = words[1:]
    elif len(words) > 2 and words[1:3] == ["-m", "thesis"]:
        words = words[3:]
    if not words:
        raise UserError("there is no command to submit; e.g. thesis submit -- sweep repr")
    for option, value in _folders(words, environ):
        if option in _IN_ANY_STORE and is_remote(value):
            resolve_location(value)
        elif not Path(value).is_absolute():
            raise UserError(
                f"{option} must be an absolute path, on storage that all machines of the cluster share, got"
                f" {value!r}: a relative one lies in the job's own folder, which the cluster deletes"
            )
    return shlex.join(["python3", "-m", "thesis", *words])


def _folders(words: list[str], environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for option in _FOLDER_OPTIONS:
        for index, word in enumerate(words):
            if word == option and index + 1 < len(words):
                yield option, words[index + 1]
            elif word.startswith(f"{option}="):
                yield option, word.removeprefix(f"{option}=")
        variable = f"THESIS_{option.removeprefix('--').replace('-', '_').upper()}"
        if environ.get(variable):
            yield variable, environ[variable]


def passed_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Returns the variables that a job is given: where MLflow is, and what is meant for ``thesis``.

    Secrets stay here, since a job's variables can be read by everyone who can reach the cluster.

    Raises:
        UserError: if MLflow's address holds a password.
    """
    passed = {
        name: value
        for name, value in environ.items()
        if (name in _PASSED or name.startswith(_PASSED_PREFIX)) and not _SECRET.search(name)
    }
    for name, value in passed.items():
        if name not in _PASSED:
            continue
        parts = urlsplit(value)
        is_server = parts.scheme in ("http", "https")
        if parts.password or "password" in parts.query or (is_server and parts.username):
            raise UserError(
                f"{name} holds a password, and a job's variables can be read by everyone who can reach the"
                " cluster; set it on the cluster itself (clusters/README.md says where), and unset it here"
            )
        if value.startswith("sqlite:///") and not value.startswith("sqlite:////"):
            raise UserError(f"{name} must be an absolute path or a server, got {value!r}")
    return passed


def follow(client: "JobSubmissionClient", name: str, write: Callable[[str], None]) -> JobInfo:
    """Writes a job's output until it has ended; a cluster that is away for a while is asked again.

    Raises:
        UserError: if the cluster stays away or does not know the job.
    """
    return asyncio.run(_follow(client, name, write))


async def _follow(client: "JobSubmissionClient", name: str, write: Callable[[str], None]) -> JobInfo:
    from aiohttp import ClientError

    written, silent_since = 0, time.monotonic()
    while True:
        try:
            async for text in _from(client.tail_job_logs(name), written):
                write(text)
                written += len(text)
                silent_since = time.monotonic()
            found = info(client, name)
            silent_since = time.monotonic()
            if found.has_ended:
                return found
        except (ClientError, RuntimeError, OSError, UserError) as error:
            if time.monotonic() - silent_since > _PATIENCE_S or "does not exist" in str(error):
                raise UserError(f"the job {name} can't be followed ({first_line(error)})") from error
        await asyncio.sleep(_POLL_S)


async def _from(chunks: AsyncIterator[str], start: int) -> AsyncIterator[str]:
    # Ray sends a job's output from its beginning each time it is asked.
    seen = 0
    async for text in chunks:
        new = text[max(0, start - seen) :]
        seen += len(text)
        if new:
            yield new


def info(client: "JobSubmissionClient", name: str) -> JobInfo:
    """Returns the cluster's description of a job.

    Raises:
        UserError: if it knows none of that name, or does not answer.
    """
    with _answers(f"the cluster says nothing of a job {name!r}"):
        return _job(client.get_job_info(name))


def jobs(client: "JobSubmissionClient") -> list[JobInfo]:
    """Returns the jobs that were submitted to the cluster, newest first."""
    with _answers("the cluster does not list its jobs"):
        found = [_job(details) for details in client.list_jobs() if details.submission_id]
    return sorted(found, key=lambda job: job.started_s or 0.0, reverse=True)


def output(client: "JobSubmissionClient", name: str) -> str:
    """Returns the output of a job so far."""
    with _answers(f"the cluster has no output of a job {name!r}"):
        return str(client.get_job_logs(name))


def stop(client: "JobSubmissionClient", name: str) -> JobInfo:
    """Asks a job to end cleanly and waits until it has; after a minute the cluster kills it."""
    with _answers(f"the cluster can't stop a job {name!r}"):
        client.stop_job(name)
    deadline = time.monotonic() + _STOP_WAIT_S
    while not (found := info(client, name)).has_ended and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    return found


def _job(details: Any) -> JobInfo:
    return JobInfo(
        name=str(details.submission_id),
        status=str(details.status.value),
        entrypoint=details.entrypoint,
        message=details.message or "",
        started_s=details.start_time / 1000 if details.start_time else None,
        ended_s=details.end_time / 1000 if details.end_time else None,
        process_exit_code=details.driver_exit_code,
    )


@contextmanager
def _answers(what: str) -> Iterator[None]:
    """Turns the ways in which a job server does not answer into one line."""
    from ray.exceptions import RayError

    try:
        yield
    except (ConnectionError, RuntimeError, OSError, ValueError, RayError) as error:
        raise UserError(f"{what} ({first_line(error)})") from error


def _known_address() -> str:
    variables = ("RAY_API_SERVER_ADDRESS", "RAY_ADDRESS")
    return next((os.environ[name] for name in variables if os.environ.get(name)), "this machine")
