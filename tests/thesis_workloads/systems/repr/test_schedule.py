import pytest

from thesis_workloads.systems.repr.schedule import last_reactivation, stage


def stages(count, **settings):
    options = {"scheme": "repr", "s1": 2, "s2": 1, "n": 2} | settings
    return [stage(epoch, **options) for epoch in range(count)]


def test_full_and_sub_network_alternate_and_the_rest_is_full():
    assert "".join(now.phase[0] for now in stages(8)) == "ffsffsff"


def test_filters_go_before_the_first_epoch_of_a_sub_phase_and_come_back_after_its_last():
    assert [epoch for epoch, now in enumerate(stages(8)) if now.prunes] == [2, 5]
    assert [epoch for epoch, now in enumerate(stages(8)) if now.restores] == [3, 6]


def test_rounds_are_counted_from_one():
    assert [now.round for now in stages(8)] == [1, 1, 1, 2, 2, 2, 2, 2]


def test_the_papers_settings_leave_ten_of_a_hundred_epochs_after_the_rounds():
    now = stages(100, s1=20, s2=10, n=3)
    assert [sum(each.phase == "sub" for each in now), now[90].restores] == [30, True]


def test_standard_training_has_one_phase():
    assert {(now.phase, now.round) for now in stages(8, scheme="standard")} == {("full", 0)}


def test_dense_sparse_dense_has_the_schedule_of_repr():
    assert stages(9, scheme="dsd") == stages(9)


def test_without_a_number_of_rounds_they_go_on_to_the_end():
    assert "".join(now.phase[0] for now in stages(11, n=0)) == "ffsffsffsff"
    assert [now.round for now in stages(11, n=0)][-2:] == [4, 4]


def test_later_layers_are_drawn_again_at_the_epochs_at_which_filters_would_come_back():
    now = stages(11, scheme="later-layers")
    assert {each.phase for each in now} == {"full"}
    assert [epoch for epoch, each in enumerate(now) if each.restores] == [3, 6]
    assert [each.round for each in now] == [0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, 90),
        ({"n": 1}, 30),
        ({"n": 0}, 90),
        ({"n": 0, "epochs": 90}, 60),
        ({"n": 5}, 90),
        ({"scheme": "standard"}, 0),
        ({"epochs": 30}, 0),
    ],
)
def test_filters_come_back_for_the_last_time_while_epochs_are_left(settings, expected):
    options = {"epochs": 100, "scheme": "repr", "s1": 20, "s2": 10, "n": 3} | settings
    assert last_reactivation(options.pop("epochs"), **options) == expected


def test_an_unknown_scheme_is_refused():
    with pytest.raises(
        ValueError, match="scheme must be repr, dsd, later-layers or standard, got scheme='ban'"
    ):
        stages(1, scheme="ban")
