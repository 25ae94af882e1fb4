from thesis_workloads.registry import find_swept, find_system
from thesis_workloads.systems.ms_roi.config import RegionEncoderConfig
from thesis_workloads.systems.ms_roi.encoder_experiment import MSROI_ENCODER


def test_a_sweep_of_ms_roi_is_of_the_encoder_and_a_training_of_the_network():
    assert find_swept("ms-roi") is MSROI_ENCODER
    assert find_swept("ms-roi-network") is find_system("ms-roi") is not MSROI_ENCODER


def test_a_chosen_setting_becomes_a_command_that_compresses_by_it():
    chosen = RegionEncoderConfig(num_levels=10, q_low=10.0, classes="above-2", rounding="keep")
    assert MSROI_ENCODER.next_command(chosen) == (
        "thesis compress photos/ smaller/ --coding baseline --quality 50 --levels 10 --q-low 10 --q-high 70"
        " --rounding keep --classes above-2"
    )
