import copy
import dataclasses

import pytest
import torch

from thesis_workloads.systems.repr.detection.config import DetectionConfig
from thesis_workloads.systems.repr.detection.detector import (
    Features,
    build_detector,
    detector_wiring,
    load_backbone,
)
from thesis_workloads.systems.repr.networks.catalog import build_network, prunable_convs
from thesis_workloads.systems.repr.pruning.masking import mask_filters
from thesis_workloads.systems.repr.pruning.reinitialise import dropped_filters
from thesis_workloads.systems.repr.pruning.subnetwork import scatter, shrink
from thesis_workloads.systems.repr.pruning.wiring import filters

HEADS = ("fpn", "c4")


def detector(head, backbone="resnet-10", width=8, dtype=torch.float64):
    torch.manual_seed(0)
    network = build_detector(
        backbone,
        width=width,
        head=head,
        num_classes=3,
        image_size=64,
        smallest_anchor=12,
        pyramid_channels=8,
        head_width=16,
        region_cells=7,
        regions=16,
        proposals=20,
    )
    return network.to(dtype)


def scenes():
    draws = torch.Generator().manual_seed(1)
    images = [torch.rand(3, 64, 64, generator=draws, dtype=torch.float64) for _ in range(2)]
    boxes = torch.tensor([[5.0, 5, 30, 30], [30, 20, 60, 50]], dtype=torch.float64)
    return images, [{"boxes": boxes, "labels": torch.tensor([1, 3])} for _ in range(2)]


def kept_of(network, convs):
    draws = torch.Generator().manual_seed(2)
    return {
        conv.conv: torch.randperm(len(weight), generator=draws)[: max(1, len(weight) * 6 // 10)].sort().values
        for conv in convs
        if (weight := filters(network, conv)) is not None
    }


def losses_of(network):
    torch.manual_seed(3)  # regions are sampled
    return network(*scenes())


@pytest.mark.parametrize("head", HEADS)
def test_a_smaller_detector_has_the_losses_and_gradients_of_a_masked_one(head):
    full = detector(head)
    convs = detector_wiring(full)
    kept = kept_of(full, convs)
    small, masked = shrink(full, convs, kept), copy.deepcopy(full)
    mask_filters(masked, convs, kept)
    ours, theirs = losses_of(small), losses_of(masked)
    assert ours.keys() == theirs.keys()
    assert all(torch.allclose(ours[name], theirs[name], rtol=1e-10) for name in ours)
    sum(ours.values()).backward()
    sum(theirs.values()).backward()
    stem = next(conv.conv for conv in convs)
    assert torch.allclose(
        small.get_submodule(stem).weight.grad, masked.get_submodule(stem).weight.grad, atol=1e-10
    )


@pytest.mark.parametrize("head", HEADS)
def test_scattering_back_untrained_gives_the_same_detector(head):
    full = detector(head)
    convs = detector_wiring(full)
    kept, before = kept_of(full, convs), copy.deepcopy(full.state_dict())
    scatter(full, shrink(full, convs, kept), convs, kept)
    assert all(torch.equal(before[name], value) for name, value in full.state_dict().items())


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("backbone", ["resnet-10", "resnet-50"])
def test_the_wiring_names_every_convolution_of_the_backbone_once(head, backbone):
    network = detector(head, backbone)
    names = [conv.conv for conv in detector_wiring(network)]
    stages = [name for name, module in network.named_modules() if isinstance(module, torch.nn.Conv2d)]
    in_backbone = [name for name in stages if "fpn" not in name and "rpn" not in name]
    assert sorted(names) == sorted(in_backbone)
    assert len(set(names)) == len(names)


def test_inner_convolutions_lose_filters_physically():
    network = detector("c4")
    convs = detector_wiring(network)
    kept = kept_of(network, convs)
    small = shrink(network, convs, kept)
    inner = [conv for conv in convs if conv.removable]
    assert len(inner) == 4
    assert all(len(filters(small, conv)) == len(kept[conv.conv]) for conv in inner)
    assert len(dropped_filters(len(filters(network, inner[0])), kept[inner[0].conv])) > 0


@pytest.mark.parametrize("head", HEADS)
def test_the_features_are_one_vector_an_image(head):
    features = Features(detector(head, dtype=torch.float32)).eval()
    assert features(torch.zeros(2, 3, 64, 64)).shape == (2, 8 if head == "fpn" else 32)


@pytest.mark.slow
@pytest.mark.parametrize("head", HEADS)
def test_a_backbone_that_repr_trained_can_be_taken(tmp_path, head):
    trained = build_network(
        "resnet-18",
        in_channels=3,
        image_size=(64, 64),
        num_classes=5,
        batch_norm=True,
        dropout=0.0,
        seed=4,
    )
    state = {"identity": {"model": "resnet-18"}, "phase": "full", "full": trained.state_dict()}
    torch.save(state, tmp_path / "state.pt")
    network = detector(head, "resnet-18", width=64, dtype=torch.float32)
    load_backbone(network, tmp_path / "state.pt", backbone="resnet-18", width=64)
    own = {conv.conv.rpartition("body.")[2]: filters(network, conv) for conv in detector_wiring(network)}
    theirs = {conv.conv: filters(trained, conv) for conv in prunable_convs("resnet-18", trained)}
    pairs = {name.removeprefix("backbone.").removeprefix("roi_heads.box_head."): own[name] for name in own}
    assert pairs.keys() == theirs.keys()
    assert all(torch.equal(pairs[name], theirs[name]) for name in theirs)


def test_a_backbone_of_another_network_is_refused(tmp_path):
    torch.save({"identity": {"model": "resnet-34"}, "phase": "full", "full": {}}, tmp_path / "state.pt")
    network = detector("fpn", "resnet-18", width=64, dtype=torch.float32)
    with pytest.raises(ValueError, match=r"state of resnet-18 .* of resnet-34"):
        load_backbone(network, tmp_path / "state.pt", backbone="resnet-18", width=64)
    with pytest.raises(ValueError, match="none or the file"):
        load_backbone(network, tmp_path / "absent.pt", backbone="resnet-18", width=64)


def test_an_unknown_backbone_is_refused():
    settings = dataclasses.asdict(DetectionConfig())
    wanted = ("width", "head", "image_size", "smallest_anchor", "pyramid_channels", "head_width")
    kept = {key: settings[key] for key in (*wanted, "region_cells", "regions", "proposals")}
    with pytest.raises(ValueError, match="vgg"):
        build_detector("vgg", num_classes=2, **kept)
