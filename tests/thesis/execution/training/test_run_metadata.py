"""What any user reads of a run in MLflow."""

from thesis.execution.training.run_metadata import describe, note_of
from thesis.experiments.plan import Resources, TrainPlan, make_config, make_sweep
from thesis_workloads.contract.search_space import parse_space
from thesis_workloads.registry import find_system
from thesis_workloads.systems.repr.config import RePrConfig

REPR = find_system("repr")


def test_the_note_of_a_sweep_says_what_each_searched_setting_is_and_may_be():
    plan = make_sweep(
        REPR,
        scale="smoke",
        overrides={},
        space=parse_space(["s1=2,3", "rank_first_conv=true,false"], RePrConfig),
        search="grid",
        scheduler="none",
        num_samples=1,
        num_seeds=1,
        seed=0,
        resources=Resources(),
    )
    assert note_of(plan).splitlines() == [
        describe(plan),
        "",
        "- `s1`: epochs of the full network per iteration (algorithm 4); of dsd too (must be at least 1)",
        "- `rank_first_conv`: let the first convolution lose filters too",
    ]


def test_the_note_of_one_training_is_its_paragraph():
    config = make_config(REPR, scale="smoke", overrides={})
    plan = TrainPlan(system="repr", scale="smoke", config=config, resources=Resources())
    assert note_of(plan) == describe(plan)
