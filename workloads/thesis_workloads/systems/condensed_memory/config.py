"""Settings of one memory network (chapter 8). Standard library only."""

from dataclasses import dataclass

from thesis_workloads.contract.settings import LARGEST_SEED, setting


@dataclass(frozen=True, kw_only=True)
class CondensedMemoryConfig:
    """One complete run: data, network, addressing, optimizer and seed."""

    data: str = setting(
        "phenotypes",
        "phenotypes (generated notes), or mimic (your own copy of MIMIC-III)",
        choices=("phenotypes", "mimic"),
    )
    num_labels: int = setting(
        50,
        "commonest diagnoses, 50 or 100 (section 8.5)",
        at_least=5,
        reason="precision at five",
    )
    num_notes: int = setting(4000, "generated notes of all three parts", at_least=1)
    num_diseases: int = setting(
        150, "diseases that generated notes are about; the commonest are the labels", at_least=1
    )
    num_articles: int = setting(
        200, "articles of the generated set; those about no label are distractors", at_least=1
    )
    max_words: int = setting(600, "most words of a note and of an article (section 8.5)", at_least=1)
    vocabulary_size: int = setting(
        20_000, "commonest words kept, without stop words (section 8.5)", at_least=1
    )

    model: str = setting(
        "condensed",
        "which memory network (table 8.3)",
        choices=("memnn", "key-value", "averaged", "condensed"),
    )
    hops: int = setting(3, "readings of the memory, 3 to 5 (section 8.5)", at_least=1)
    addressing: str = setting(
        "gated", "how the memory is attended to (section 8.4.3)", choices=("softmax", "sigmoid", "gated")
    )
    keys: str = setting(
        "pages",
        "what addresses the memory; the other is what is read (section 8.4)",
        choices=("pages", "titles"),
    )
    condensation: str = setting(
        "halves",
        "halves: section 8.4.1; printed: equation 8.4 to the letter",
        choices=("halves", "printed"),
    )
    condensing_init: str = setting(
        "orthogonal",
        "orthogonal keeps norms; uniform is PyTorch's default; not stated",
        choices=("orthogonal", "uniform"),
    )
    response: str = setting(
        "concatenated",
        "concatenated: W(u + o) with the condensed state; condensed: equation 8.5",
        choices=("concatenated", "condensed"),
    )
    hash_keys: int = setting(0, "articles retrieved for each note; 0 attends to all of them", at_least=0)
    bag: str = setting(
        "sum", "what the words' embeddings are joined by: sum as in section 8.4.4", choices=("sum", "mean")
    )
    embedding_dim: int = setting(
        500, "numbers of a word vector of notes and articles (section 8.5)", at_least=1
    )
    slot_dim: int = setting(
        300, "numbers of a memory slot, and so of the state; even, as it is halved (section 8.5)", at_least=2
    )
    title_dim: int = setting(32, "numbers of a word vector of titles (section 8.5)", at_least=1)
    gate_dim: int = setting(16, "hidden units of the addressing network (not stated)", at_least=1)

    epochs: int = setting(30, "passes over the training notes (not stated)", at_least=1)
    batch_size: int = setting(
        100, "notes per optimizer step over all workers together (section 8.5.1)", at_least=1
    )
    learning_rate: float = setting(1e-3, "step size of Adam (section 8.5.1)", above=0)
    dropout: float = setting(0.5, "probability, before the output layer (section 8.5.1)", at_least=0, below=1)
    max_gradient_norm: float = setting(
        20.0, "largest norm of the gradient of a step (section 8.5.1)", above=0
    )
    weight_decay: float = setting(1e-5, "L2 penalty (its weight is not stated)", at_least=0)
    slot_loss_weight: float = setting(
        1.0,
        "weight of the cross entropy of the memory slots (section 8.5.1); 0 leaves it out",
        at_least=0,
    )
    seed: int = setting(
        0, "seed of initial weights, order of notes and dropout", at_least=0, at_most=LARGEST_SEED
    )
    device: str = setting(
        "auto", "where it trains; auto takes an accelerator if there is one", choices=("auto", "cpu", "cuda")
    )
