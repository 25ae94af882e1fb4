import numpy as np
import torch

from thesis.execution.evaluation.adversarial_store import read_chunk
from thesis.execution.evaluation.attack_stage import make_chunk
from thesis.execution.evaluation.example_images import COUNTS, pictures
from thesis.execution.evaluation.images import chunks_of


def test_changes_are_added_over_the_images_that_were_attacked(image_set, tiny_source, evaluation, tmp_path):
    plan = evaluation(chunk_size=9, adaptive=())
    (chunk,) = chunks_of(image_set, size=9)
    clean, fgsm, _ = (
        read_chunk(make_chunk(tiny_source, tiny_source.load(), attack, chunk, tmp_path, "cpu"))
        for attack in plan.attacks
    )
    found = pictures(plan, image_set, tiny_source, store=tmp_path)
    change = (fgsm.adversarial - clean.adversarial).abs().mean(1).sum(0)
    np.testing.assert_allclose(found["where/fgsm@0.05"], change.numpy(), atol=1e-6)
    np.testing.assert_allclose(found["where/object"], clean.saliency.sum(0).numpy(), atol=1e-6)
    assert {f"example/deflected-{count}" for count in COUNTS} <= set(found)
    assert torch.from_numpy(found["example/image"]).permute(2, 0, 1).equal(clean.adversarial[0])
