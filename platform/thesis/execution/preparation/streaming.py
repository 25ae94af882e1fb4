"""A file of many gigabytes through Ray Data in bounded memory: one task reads, a few parse.

What bounds the memory is how many processes there are, how many blocks lie between them, and how much Ray's
object store may take: it never gives memory back, and what blocks of unequal sizes leave unusable between
them adds up over a long file, by default to a third of the machine's memory.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from thesis.execution.cluster.connection import LocalResources
from thesis.execution.cluster.ray_data import quiet_data_context
from thesis.execution.cluster.remote_errors import one_line
from thesis_workloads.contract.errors import UserError
from thesis_workloads.datasets.errors import DatasetDamaged

STREAMING = LocalResources(max_cpus=3, object_store_bytes=384 * 2**20)
"""Of a local Ray that only prepares files: each process more takes 0.2 GB."""

BLOCK_BYTES = 8 * 2**20
"""Of the rows or lines that the reader hands on at a time."""

_MOST_PARSERS = 4  # anywhere: more are hardly faster than the one reader
# The reader asks for another share of a CPU than the parsers, so that Ray Data doesn't make one task of both.
_READER_CPUS, _PARSER_CPUS = 0.25, 0.75
_IN_FLIGHT_BYTES = 256 * 2**20  # of blocks between the tasks


def write_parsed(
    path: Path,
    folder: Path,
    *,
    read: Callable[[pa.Table], Iterator[pa.Table]],
    parse: Callable[[pa.Table], pa.Table],
    rows_per_file: int,
) -> None:
    """Writes the parsed rows of a file as Parquet into a folder, all or none; needs a connected Ray.

    Args:
        read: Takes a table whose ``path`` is the file's, and yields its raw blocks.
        parse: Turns a block into rows.

    Raises:
        UserError: if the file is damaged, or the rows can't be written.
    """
    import ray.data
    from ray.exceptions import RayError

    _configure_blocks(quiet_data_context(hides_errors=True))
    blocks = ray.data.from_items([{"path": str(path)}], override_num_blocks=1)
    blocks = blocks.map_batches(read, batch_format="pyarrow", num_cpus=_READER_CPUS)
    rows = blocks.map_batches(
        parse,
        batch_format="pyarrow",
        batch_size=None,
        zero_copy_batch=True,
        num_cpus=_PARSER_CPUS,
        compute=ray.data.TaskPoolStrategy(size=_MOST_PARSERS),
    )
    is_written = False
    try:
        rows.write_parquet(str(folder), min_rows_per_file=rows_per_file)
        is_written = True
    except (RayError, DatasetDamaged, OSError, pa.ArrowException) as error:
        raise UserError(f"{path.name} could not be prepared: {one_line(error)}") from error
    finally:
        if not is_written:
            shutil.rmtree(folder, ignore_errors=True)


def _configure_blocks(context: Any) -> None:
    """Sets Ray Data's context for small blocks, few of them at a time."""
    # By default blocks are joined up to 128 MB, which every process then holds several times over as rows.
    context.target_max_block_size = BLOCK_BYTES
    context.execution_options.resource_limits = context.execution_options.resource_limits.copy(
        object_store_memory=_IN_FLIGHT_BYTES
    )


def read_options(num_rows: int) -> dict[str, Any]:
    """Returns options that read a Parquet folder one batch of ``num_rows`` at a time, not 16 of four files."""
    return {"batch_size": num_rows, "batch_readahead": 1, "fragment_readahead": 1}
