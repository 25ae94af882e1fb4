"""Ray nodes as their own processes on this machine, and commands that are run against them."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

LIMIT_S = 240
ROOT = Path(__file__).resolve().parents[2]


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def copy_checkout(target: Path, **added: str) -> Path:
    """Copies what a job is sent; what is ``added`` stands at the end of a module of ``thesis.execution.training``."""
    for name in ("platform", "workloads", "clusters"):
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    for module, text in added.items():
        path = target / f"platform/thesis/execution/training/{module}.py"
        path.write_text(f"{path.read_text()}\n\n{text}")
    return target


def wait_until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"never saw {what}")
        time.sleep(0.2)


@dataclass
class Nodes:
    """A cluster on loopback that asks for a token; ``folder`` is Ray's own, short enough for its sockets."""

    folder: Path
    port: int
    dashboard_port: int
    environment: dict[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    head: subprocess.Popen[bytes] | None = None
    object_store_bytes: int = 200_000_000  # of each node

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.dashboard_port}"

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            "ray.scripts.scripts",
            "start",
            "--block",
            "--disable-usage-stats",
            *options,
        ]
        output = (self.folder / f"node-{len(self.processes)}.log").open("wb")
        process = subprocess.Popen(
            command,
            env=self.environment,
            cwd=self.folder,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def start_head(self, *, num_cpus: int) -> None:
        agent, client = free_ports(2)
        # What a lost head said of itself; another that takes its place would think that it still runs.
        (self.folder / "ray_current_cluster").unlink(missing_ok=True)
        self.head = self.start(
            "--head", f"--port={self.port}", f"--dashboard-port={self.dashboard_port}", f"--num-cpus={num_cpus}",
            "--node-ip-address=127.0.0.1", "--dashboard-host=127.0.0.1", f"--temp-dir={self.folder}",
            f"--dashboard-agent-listen-port={agent}", f"--ray-client-server-port={client}",
            f"--object-store-memory={self.object_store_bytes}", "--min-worker-port=0", "--max-worker-port=0",
        )  # fmt: skip
        wait_until(self._takes_jobs, "a job server")

    def start_worker(self) -> subprocess.Popen[bytes]:
        (agent,) = free_ports(1)
        return self.start(
            f"--address=127.0.0.1:{self.port}", "--num-cpus=1", f"--dashboard-agent-listen-port={agent}",
            # Of its own, as on another machine: else each node unpacks a job's code over that of the others.
            f"--temp-dir={self.folder / str(len(self.processes))}",
            f"--object-store-memory={self.object_store_bytes}", "--min-worker-port=0", "--max-worker-port=0",
        )  # fmt: skip

    def _takes_jobs(self) -> bool:
        done = self.thesis("jobs", "list")
        assert self.head is not None
        log = self.folder / f"node-{self.processes.index(self.head)}.log"
        assert self.head.poll() is None, log.read_text()
        return done.returncode == 0

    def run(self, *command: str, checkout: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
        roots = f"{checkout / 'platform'}:{checkout / 'workloads'}"
        environment = {
            **self.environment, "PYTHONPATH": roots, "RAY_API_SERVER_ADDRESS": self.address, **variables,
        }  # fmt: skip
        return subprocess.run(
            command,
            env=environment,
            cwd=checkout,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )

    def thesis(self, *arguments: str, checkout: Path = ROOT) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "thesis", *arguments, checkout=checkout)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Ends a node and all that runs on it at once, as a lost machine would."""
        for child in [*psutil.Process(process.pid).children(recursive=True), process]:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.send_signal(signal.SIGKILL)
        process.wait()

    def trials_on(self, process: subprocess.Popen[bytes]) -> list[int]:
        """Returns the process ids of the trials on a node just now."""
        return self.pids_on(process, "ImplicitFunc")

    def drivers(self) -> list[int]:
        """Returns the process ids of the commands that jobs run, which Ray starts on the head."""
        assert self.head is not None
        return self.pids_on(self.head, "-m thesis ")

    @staticmethod
    def pids_on(process: subprocess.Popen[bytes], words: str) -> list[int]:
        found = []
        for child in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                if words in " ".join(child.cmdline()):
                    found.append(child.pid)
        return found


@contextlib.contextmanager
def ray_nodes() -> Iterator[Nodes]:
    """Yields a cluster without nodes; ends them and removes their files afterwards."""
    hidden = ("RAY_ADDRESS", "MLFLOW_TRACKING_URI", "THESIS_OUTPUT_DIR", "THESIS_DATA_DIR", "PYTHONPATH")
    port, dashboard_port = free_ports(2)
    folder = Path(tempfile.mkdtemp(prefix="rays-", dir="/tmp"))
    environment = {
        **{name: value for name, value in os.environ.items() if name not in hidden},
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(16),
    }
    nodes = Nodes(folder, port, dashboard_port, environment)
    try:
        yield nodes
    finally:
        for process in reversed(nodes.processes):
            if process.poll() is None:
                nodes.kill(process)
        shutil.rmtree(folder, ignore_errors=True)
