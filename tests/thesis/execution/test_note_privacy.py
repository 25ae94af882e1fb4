"""A whole run over notes with a planted word: nothing that it writes holds that word."""

import tempfile
import zipfile
from pathlib import Path

import made_up_mimic as made_up
import pytest

from thesis.experiments.plan import Resources, TrainPlan
from thesis_workloads.systems.condensed_memory.config import CondensedMemoryConfig

pytestmark = pytest.mark.ray

CONFIG = CondensedMemoryConfig(
    data="mimic", num_labels=5, embedding_dim=8, slot_dim=8, title_dim=4, epochs=2, device="cpu"
)


def contents(path):
    yield path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name) for name in archive.namelist())


def holders(folder, word):
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [path for path in files for content in contents(path) if word.encode() in content]


def test_no_artifact_log_or_table_of_a_run_holds_a_word_of_a_note(run_to_the_end, tmp_path, capfd, caplog):
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    made_up.write_set(data_dir)
    made_up.damage(data_dir)
    plan = TrainPlan(
        system="condensed-memory", scale="small", config=CONFIG, resources=Resources(cpus_per_worker=0.5)
    )
    outcome = run_to_the_end(plan, data_dir=data_dir)
    said = capfd.readouterr()
    assert outcome.model_uri is not None
    assert holders(data_dir, made_up.PLANTED)
    assert holders(tmp_path / "runs", made_up.PLANTED) == []
    assert holders(Path(tempfile.gettempdir()) / "ray" / "session_latest" / "logs", made_up.PLANTED) == []
    assert made_up.PLANTED not in said.out + said.err + caplog.text
