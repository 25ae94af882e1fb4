import dataclasses

import pytest

from thesis.experiments.plan import Resources, candidates, make_config, make_sweep, num_trials, trials_of
from thesis_workloads.systems.condensed_memory.experiment import CONDENSED_MEMORY
from thesis_workloads.systems.condensed_memory.validation import validate


def sweep(scale, **changes):
    values = {
        "overrides": {},
        "space": {},
        "search": "grid",
        "scheduler": "none",
        "num_samples": 1,
        "num_seeds": 1,
        "seed": 0,
        "resources": Resources(),
    }
    return make_sweep(CONDENSED_MEMORY, scale=scale, **{**values, **changes})


@pytest.mark.parametrize("scale", CONDENSED_MEMORY.scales)
def test_every_trial_of_every_scale_is_valid(scale):
    plan = sweep(scale)
    for trial in trials_of(plan, candidates(plan)):
        validate(trial.config)


def test_the_sweep_is_four_models_three_depths_two_label_counts_and_two_addressings():
    assert num_trials(sweep("small")) == 4 * 3 * 2 * 2


def test_the_baseline_is_the_end_to_end_network_with_the_same_budget():
    plan = sweep("small")
    baselines = [trial.config for trial in trials_of(plan, candidates(plan)) if trial.is_baseline]
    assert {config.model for config in baselines} == {"memnn"}
    settings = {(config.hops, config.num_labels, config.addressing) for config in baselines}
    assert len(baselines) == len(settings) == 12
    assert {config.epochs for config in baselines} == {plan.config.epochs}


def test_the_paper_scale_has_the_published_settings():
    config = make_config(CONDENSED_MEMORY, scale="paper", overrides={})
    published = {
        "embedding_dim": 500,
        "slot_dim": 300,
        "title_dim": 32,
        "max_words": 600,
        "vocabulary_size": 20_000,
        "learning_rate": 1e-3,
        "batch_size": 100,
        "dropout": 0.5,
        "max_gradient_norm": 20.0,
    }
    assert {name: dataclasses.asdict(config)[name] for name in published} == published
