from pathlib import Path

import pytest
import torch

from thesis.execution.evaluation.adversarial_store import (
    ATTACKED,
    MISCLASSIFIED,
    UNREADABLE,
    chunk_file,
    provenance,
    read_chunk,
    read_provenance,
)
from thesis.execution.evaluation.attack_stage import make_chunk, make_defender
from thesis.execution.evaluation.images import chunks_of
from thesis_workloads.attacks.budget import normalised_l2
from thesis_workloads.contract.evaluation import AttackSpec, DefenseSpec
from thesis_workloads.datasets.images.photographs import load_photographs
from thesis_workloads.systems.pixel_deflection.experiment import DEFENSES

FGSM = AttackSpec(name="fgsm", l2=0.05)


def made(image_set, tiny_source, tmp_path, attack=FGSM, size=9):
    chunk = chunks_of(image_set, size=size)[0]
    return make_chunk(tiny_source, tiny_source.load(), attack, chunk, tmp_path / "store", "cpu")


def test_every_photograph_has_a_row_that_says_what_became_of_it(image_set, tiny_source, tmp_path):
    chunk = read_chunk(made(image_set, tiny_source, tmp_path))
    assert [row["status"] for row in chunk.rows] == [
        {3: MISCLASSIFIED, 5: UNREADABLE}.get(number, ATTACKED) for number in range(9)
    ]
    assert "cannot identify image file" in chunk.rows[5]["error"]


def test_the_kept_images_are_floats_of_the_size_that_was_asked_for(image_set, tiny_source, tmp_path):
    chunk = read_chunk(made(image_set, tiny_source, tmp_path))
    attacked = [image_set.photographs[number] for number in (0, 1, 2, 4, 6, 7, 8)]
    clean = load_photographs(attacked, size=32).images
    sizes = normalised_l2(chunk.adversarial, clean)
    torch.testing.assert_close(sizes, torch.full((7,), 0.05), rtol=0.03, atol=0)
    assert not torch.equal((chunk.adversarial * 255).round() / 255, chunk.adversarial)


def test_a_kept_map_is_that_of_the_attacked_image(image_set, tiny_source, tmp_path):
    from thesis_workloads.saliency.cam import robust_activation_map

    chunk = read_chunk(made(image_set, tiny_source, tmp_path))
    torch.testing.assert_close(chunk.saliency, robust_activation_map(tiny_source.load(), chunk.adversarial))


def test_a_file_says_what_made_it_and_is_found_again(image_set, tiny_source, tmp_path):
    path = made(image_set, tiny_source, tmp_path)
    written = Path(path).stat().st_mtime_ns
    assert Path(made(image_set, tiny_source, tmp_path)).stat().st_mtime_ns == written
    assert read_provenance(path)["attack"]["l2"] == 0.05


def test_a_file_is_named_after_all_that_can_change_it(image_set, tiny_source, tmp_path):
    chunk, identity = chunks_of(image_set, size=2)[0], tiny_source.identity()
    known = AttackSpec(name="pgd", defense=DefenseSpec(name="a", kind="deflection", num_votes=10))
    other_votes = AttackSpec(name="pgd", defense=DefenseSpec(name="b", kind="deflection", num_votes=3))
    sigma = AttackSpec(name="pgd", defense=DefenseSpec(name="a", kind="deflection", settings={"sigma": 0.1}))

    def file_of(attack, classifier=identity):
        return chunk_file(tmp_path, provenance(classifier, attack, chunk))

    assert file_of(known) == file_of(other_votes)
    different = {file_of(known), file_of(sigma), file_of(FGSM), file_of(FGSM, {**identity, "digest": "1"})}
    assert len(different) == 4


def test_nothing_half_written_is_left_where_files_are_looked_for(image_set, tiny_source, tmp_path):
    made(image_set, tiny_source, tmp_path)
    assert [path.suffix for path in (tmp_path / "store").rglob("*") if path.is_file()] == [".parquet"]


def test_an_attack_that_fails_of_one_image_loses_that_one_alone(
    image_set, tiny_source, tmp_path, monkeypatch
):
    import thesis.execution.evaluation.attack_stage as stage

    attack = stage.adversarial_images
    victim = load_photographs([image_set.photographs[4]], size=32).images[0]

    def fragile(name, classifier, images, labels, ids, **settings):
        if any(torch.equal(image, victim) for image in images):
            raise RuntimeError("the attack diverged")
        return attack(name, classifier, images, labels, ids, **settings)

    monkeypatch.setattr(stage, "adversarial_images", fragile)
    chunk = read_chunk(made(image_set, tiny_source, tmp_path))
    assert [row["id"] for row in chunk.rows if row["status"] == "failed"] == ["4.png"]
    assert len(chunk.ids) == 6


@pytest.mark.parametrize(
    ("name", "gradient"), [("pixel-deflection", "auto"), ("pixel-deflection-bpda", "bpda")]
)
def test_a_deflecting_defence_is_differentiated_as_its_spec_says(name, gradient):
    assert make_defender(DEFENSES[name], size=32, device="cpu").gradient == gradient
