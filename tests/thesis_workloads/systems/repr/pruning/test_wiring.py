from thesis_workloads.systems.repr.networks.catalog import build_network
from thesis_workloads.systems.repr.pruning.wiring import Consumer, PrunableConv, chain, filters, norms


def network(batch_norm):
    return build_network(
        "c2-4",
        in_channels=1,
        image_size=(3, 5),
        num_classes=7,
        batch_norm=batch_norm,
        dropout=0.0,
        seed=0,
    )


def test_each_convolution_of_a_chain_feeds_the_next_and_the_last_feeds_the_head():
    assert chain(network(batch_norm=False)) == (
        PrunableConv(conv="conv1.conv", norm=None, consumers=(Consumer(name="conv2.conv"),)),
        PrunableConv(
            conv="conv2.conv", norm=None, consumers=(Consumer(name="head", features_per_channel=15),)
        ),
    )


def test_batch_norm_is_part_of_the_wiring():
    normed = network(batch_norm=True)
    assert norms(normed, chain(normed)[0]) == [("conv1.norm", 0)]


def test_filters_are_the_parameter_itself():
    plain = network(batch_norm=False)
    assert filters(plain, chain(plain)[1]) is plain.conv2.conv.weight
