"""The size of a run, computed from its configuration: no note is read."""

from thesis_workloads.contract.model_size import ModelSize
from thesis_workloads.systems.condensed_memory.config import CondensedMemoryConfig
from thesis_workloads.systems.condensed_memory.states import condensed_dim

# What the vocabulary, the words and the sets come to, where the configuration only bounds them; measured
# for the generated notes, taken from section 8.3 and 8.5 (46,000 training notes of 52,000) for MIMIC-III.
_GENERATED_VOCABULARY = 5_500
_WORDS = {"phenotypes": (75, 165), "mimic": (600, 600)}  # of a note, of an article
_MIMIC_NOTES = 52_000
_MIMIC_ARTICLES = 4_186


def size_of(config: CondensedMemoryConfig) -> ModelSize:
    """Returns the size of a run, its vocabulary and number of notes estimated from above."""
    is_generated = config.data == "phenotypes"
    vocabulary = (
        min(config.vocabulary_size, _GENERATED_VOCABULARY) if is_generated else config.vocabulary_size
    )
    notes = config.num_notes if is_generated else _MIMIC_NOTES
    articles = config.num_articles if is_generated else _MIMIC_ARTICLES
    slots = min(config.hash_keys, articles) if config.hash_keys else articles
    note_words, page_words = (min(words, config.max_words) for words in _WORDS[config.data])
    embedded = min(articles, slots * config.batch_size)  # articles embedded in a step
    dims = config.embedding_dim
    per_slot = 2 * 2 * config.slot_dim + (4 * config.gate_dim if config.addressing == "gated" else 0)
    memory = embedded * (page_words * dims + 2 * dims * config.slot_dim) / config.batch_size
    return ModelSize(
        num_parameters=_num_parameters(config, vocabulary),
        flops_per_example=float(note_words * dims + memory + config.hops * slots * per_slot),
        activations_per_example=config.hops * slots * (2 + config.gate_dim * (config.addressing == "gated"))
        + (config.hops + 2) * config.slot_dim,
        values_per_example=note_words,
        num_train=notes * 8 // 10,
        num_val=notes // 10,
    )


def _num_parameters(config: CondensedMemoryConfig, vocabulary: int) -> int:
    dims, slot = config.embedding_dim, config.slot_dim
    value_dim = dims if config.model == "memnn" else config.title_dim
    bags = sum((vocabulary + slot) * size for size in (dims, dims, value_dim))
    gate = 2 * slot * config.gate_dim + 3 * config.gate_dim + 1 if config.addressing == "gated" else 0
    response, condensing = slot, 0
    if config.model == "condensed":
        response = condensed_dim(slot, config.condensation)
        keeps_state = config.condensation == "printed"
        condensing = (slot // 2) * (slot + (config.hops - 1) * response)
        condensing += 0 if keeps_state else config.hops * (slot // 2) * slot
        if config.response == "concatenated":
            condensing += slot * slot
            response += slot
    return bags + gate + condensing + (response + 1) * config.num_labels
