"""Files of paraphrase lines through Ray Data against the plain reader."""

import gzip
import os
import shutil

import numpy as np
import pyarrow.parquet
import pytest

from thesis.execution.preparation.paraphrase_pairs import prepare_pairs, prepared_pairs
from thesis_workloads.contract.errors import UserError
from thesis_workloads.datasets.text.pair_lines import LineCounts
from thesis_workloads.datasets.text.ppdb import read_ppdb
from thesis_workloads.systems.residual_lstm.config import ResidualLSTMConfig
from thesis_workloads.systems.residual_lstm.data import load

pytestmark = pytest.mark.ray

KINDS = [
    "[NN] ||| word{0} ||| other{0} ||| f=1 ||| 0-0 ||| Equivalence",
    "[NP] ||| Letters a{1} ||| b{1} more ||| f=1 ||| 0-0 ||| Equivalence",
    "[NP] ||| the [NN,1] ||| [NN,1] ||| f=1 ||| 0-0 ||| Equivalence",
    "broken \u2028 line {0}",
    "",
]


def lines(count):
    draws = np.random.default_rng(0)
    letters = ["".join(row) for row in draws.choice(list("abcdefg"), (count, 6))]
    kinds = draws.choice(5, count, p=[0.2, 0.5, 0.1, 0.1, 0.1])
    return [KINDS[kind].format(number, letters[number]) for number, kind in enumerate(kinds)]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pairs")
    (folder / "ppdb").mkdir()
    content = "\n".join(lines(3000)) + "\n"
    (folder / "ppdb/ppdb-2.0-l-all.gz").write_bytes(gzip.compress(content.encode()))
    return folder


@pytest.fixture(scope="module")
def done(ray_session, data_dir):
    return prepare_pairs("ppdb", data_dir)


def test_prepared_pairs_and_counts_are_those_of_the_plain_reader(data_dir, done):
    counts = LineCounts()
    plain = list(read_ppdb(data_dir / "ppdb/ppdb-2.0-l-all.gz", counts, max_length=0))
    assert sorted(prepared_pairs("ppdb", data_dir)) == sorted(plain)
    assert (done.counts, done.counts.num_read) == (counts, 3000)


def test_every_line_is_accounted_for(done):
    table = pyarrow.parquet.read_table(done.folder)
    assert sorted(table["line"].to_pylist()) == list(range(1, 3001))


def test_training_data_are_the_same_prepared_or_not(data_dir, done):
    config = ResidualLSTMConfig(data="ppdb", num_train=0, num_val=20, num_test=20)
    plain = load(config, data_dir)
    assert load(config, data_dir, prepared=prepared_pairs("ppdb", data_dir)).digest == plain.digest


def test_a_file_that_was_replaced_since_is_not_taken_from_what_was_prepared(data_dir, done, tmp_path):
    copied = shutil.copytree(data_dir, tmp_path / "copied")
    assert prepared_pairs("ppdb", copied) is not None
    later = done.folder.stat().st_mtime + 10
    os.utime(copied / "ppdb/ppdb-2.0-l-all.gz", (later, later))
    assert prepared_pairs("ppdb", copied) is None


@pytest.mark.parametrize(
    ("name", "message"), [("wikianswers", "put word_alignments.txt"), ("mscoco", "sets of lines are ppdb")]
)
def test_a_set_that_cannot_be_prepared_says_why(tmp_path, name, message):
    with pytest.raises(UserError, match=message):
        prepare_pairs(name, tmp_path)


@pytest.mark.parametrize("kind", ["truncated", "damaged"])
def test_a_damaged_archive_is_one_line_and_leaves_no_half_built_folder(ray_session, tmp_path, kind, capfd):
    (tmp_path / "ppdb").mkdir()
    path = tmp_path / "ppdb" / "ppdb-2.0-l-all.gz"
    content = gzip.compress(("\n".join(lines(3000)) + "\n").encode())
    path.write_bytes(content[:-200] if kind == "truncated" else content[:-8] + b"\0" * 8)
    with pytest.raises(UserError, match=r"ppdb-2\.0-l-all\.gz must be a whole gzip file") as error:
        prepare_pairs("ppdb", tmp_path)
    assert "\n" not in str(error.value)
    assert list(path.parent.iterdir()) == [path]
    printed = capfd.readouterr()
    assert "Traceback" not in printed.out + printed.err
