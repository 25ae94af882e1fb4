import pytest
from PIL import Image

from thesis.execution.evaluation.sweep_data import load_for
from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig
from thesis_workloads.systems.pixel_deflection.train import train


@pytest.fixture
def config(photographs, tmp_path):
    folder = photographs[0].path.parent
    Image.new("RGB", (48, 48), (9, 9, 9)).save(photographs[5].path)
    rows = [f"{each.path.name},{each.label}" for each in photographs]
    (tmp_path / "labels.csv").write_text("\n".join(["file,label", *rows]))
    return PixelDeflectionConfig(
        data=str(folder),
        labels=str(tmp_path / "labels.csv"),
        attacks="fgsm@0.05",
        attack_scale="smoke",
        batch_size=2,
        epochs=2,
        num_votes=1,
    )


@pytest.mark.ray
def test_sets_are_made_once_and_walked_by_every_trial(ray_session, tiny_source, config, tmp_path):
    data = load_for(tiny_source, config, tmp_path)
    files = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("adversarial-sets/*/*.parquet")}
    again = load_for(tiny_source, config, tmp_path)
    assert {path: path.stat().st_mtime_ns for path in files} == files
    assert again.digest == data.digest
    assert len(data.parts) == len(files) == 2 * 2
    reporter = MemoryReporter()
    train(config, data, reporter)
    assert [row["epoch"] for row in reporter.rows] == [1, 2]
    assert 0 <= reporter.rows[-1]["val/accuracy"] <= 1


def test_more_steps_than_chunks_are_refused_with_the_number_there_is(tiny_source, config, tmp_path):
    import dataclasses

    with pytest.raises(ValueError, match="epochs must be at most 2"):
        load_for(tiny_source, dataclasses.replace(config, epochs=3), tmp_path)
