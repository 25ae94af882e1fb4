"""A process that speaks S3's protocol on the loopback address, and what its clients need to know of it."""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

BUCKET = "runs"
LIMIT_S = 60


@contextlib.contextmanager
def s3_server(folder: Path) -> Iterator[dict[str, str]]:
    """Yields the environment of its clients; the keys in it are made up, and long enough to be looked for."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": f"id{secrets.token_hex(12)}",
        "AWS_SECRET_ACCESS_KEY": f"key{secrets.token_hex(20)}",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": "us-east-1",
    }
    with (folder / "s3.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)],
            stdout=log,
            stderr=log,
        )
    try:
        deadline = time.monotonic() + LIMIT_S
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((folder / "s3.log").read_text())
            time.sleep(0.1)
        make_bucket(environment)
        yield environment
    finally:
        server.terminate()
        server.wait()


def make_bucket(environment: dict[str, str]) -> None:
    store = f"s3://{BUCKET}?allow_bucket_creation=true"
    made = f"from pyarrow import fs; fs.FileSystem.from_uri('{store}')[0].create_dir('{BUCKET}')"
    subprocess.run([sys.executable, "-c", made], env={**os.environ, **environment}, check=True)
