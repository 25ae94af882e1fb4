"""What people may write behind an option: it is a value, or one line says what it must be; values come back whole."""

import dataclasses
import json

from hypothesis import given
from hypothesis import strategies as st
from many_inputs import many_inputs

from thesis.experiments.plan import Resources, SweepPlan, TrainPlan, make_config
from thesis.experiments.stored_plan import plan_digest, plan_from_dict, plan_to_dict
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.overrides import as_overrides, parse_overrides
from thesis_workloads.contract.search_space import Choice, Range, grid, parse_space, sample
from thesis_workloads.registry import all_systems
from thesis_workloads.systems.repr.config import RePrConfig

REPR = all_systems()["repr"]
FIELDS = sorted(field.name for field in dataclasses.fields(RePrConfig))
pieces = st.lists(
    st.sampled_from(
        ("1", "-1", "0", ".5", "1e-3", ",", ":", "log", "nan", "inf", " ", "=", "sgd", "1e999", "9" * 25, "_")
    )
    | st.text(max_size=4),
    max_size=6,
).map("".join)


def refused(parse, *arguments):
    try:
        return parse(*arguments)
    except UserError as error:
        assert len(str(error).splitlines()) == 1
        assert len(str(error)) < 2500
        return None


@many_inputs
@given(key=st.sampled_from(FIELDS) | st.text(max_size=5), value=pieces)
def test_any_override_is_a_value_of_its_field_or_refused(key, value):
    found = refused(parse_overrides, [f"{key}={value}"], RePrConfig)
    if found:
        (name,) = found
        assert type(found[name]) is type(getattr(RePrConfig(), name))
        assert json.loads(json.dumps(found, allow_nan=False)) == found


@many_inputs
@given(key=st.sampled_from(FIELDS) | st.text(max_size=5), value=pieces)
def test_any_space_has_values_of_its_field_or_is_refused(key, value):
    found = refused(parse_space, [f"{key}={value}"], RePrConfig)
    if found:
        (name,) = found
        for point in sample(found, num_samples=3, seed=0):
            RePrConfig(**point)
            assert type(point[name]) is type(getattr(RePrConfig(), name))
        if isinstance(found[name], Choice):
            assert len(grid(found)) == len(found[name].values)


@many_inputs
@given(
    low=st.floats(1e-6, 1e6), factor=st.floats(1.001, 1e6), log=st.booleans(), seed=st.integers(0, 2**32 - 1)
)
def test_a_range_holds_what_is_drawn_from_it(low, factor, log, seed):
    text = f"learning_rate={low!r}:{low * factor!r}{':log' if log else ''}"
    (dimension,) = parse_space([text], RePrConfig).values()
    assert dimension == Range(low=low, high=low * factor, log=log)
    for point in sample({"learning_rate": dimension}, num_samples=3, seed=seed):
        # Six digits are kept, which may lie outside by half of the last.
        assert low * (1 - 1e-5) <= point["learning_rate"] <= low * factor * (1 + 1e-5)


configs = st.fixed_dictionaries(
    {},
    optional={
        "p": st.integers(0, 100),
        "epochs": st.integers(1, 10**6),
        "learning_rate": st.floats(1e-9, 1e3),
        "weight_decay": st.floats(0, 1),
        "optimizer": st.sampled_from(("sgd", "adam")),
        "seed": st.integers(0, 2**32 - 1),
        "batch_norm": st.booleans(),
    },
)


@many_inputs
@given(overrides=configs, scale=st.sampled_from(tuple(REPR.scales)))
def test_the_command_to_paste_gives_the_configuration_back(overrides, scale):
    config = make_config(REPR, scale=scale, overrides=overrides)
    words = as_overrides(config, relative_to=make_config(REPR, scale=scale, overrides={}))
    texts = [word for word in words.split(" ") if word and word != "--set"]
    assert make_config(REPR, scale=scale, overrides=parse_overrides(texts, RePrConfig)) == config


dimensions = st.one_of(
    st.lists(st.floats(0, 1), min_size=1, max_size=3, unique=True).map(
        lambda values: Choice(values=tuple(values))
    ),
    st.floats(0.01, 1).map(lambda high: Range(low=0.001, high=high, log=True)),
)


@many_inputs
@given(
    overrides=configs,
    space=st.dictionaries(st.sampled_from(("learning_rate", "dropout")), dimensions),
    is_sweep=st.booleans(),
)
def test_a_plan_is_the_same_after_it_was_stored(overrides, space, is_sweep):
    config = make_config(REPR, scale="small", overrides=overrides)
    shared = {"system": "repr", "scale": "small", "config": config, "resources": Resources(workers=2)}
    plan = TrainPlan(**shared)
    if is_sweep:
        plan = SweepPlan(
            **shared, space=space, search="random", scheduler="none", num_samples=3, seeds=(0, 1)
        )
    read = plan_from_dict(json.loads(json.dumps(plan_to_dict(plan))))
    assert (read, plan_digest(read)) == (plan, plan_digest(plan))
