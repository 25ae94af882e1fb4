"""Settings of one memory network (chapter 8). Standard library only."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class CondensedMemoryConfig:
    """One complete run: data, network, addressing, optimizer and seed."""

    data: str = "phenotypes"  # phenotypes (generated notes) | mimic (the user's own copy of MIMIC-III)
    num_labels: int = 50  # commonest diagnoses, 50 or 100 (section 8.5)
    num_notes: int = 4000  # generated notes of all three parts
    num_diseases: int = 150  # diseases that generated notes are about; the commonest are the labels
    num_articles: int = 200  # articles of the generated set; those about no label are distractors
    max_words: int = 600  # of a note and of an article (section 8.5)
    vocabulary_size: int = 20_000  # words without stop words (section 8.5)

    model: str = "condensed"  # memnn | key-value | averaged | condensed
    hops: int = 3  # 3 to 5 (section 8.5)
    addressing: str = "gated"  # softmax | sigmoid | gated (section 8.4.3)
    keys: str = "pages"  # pages | titles: what addresses the memory; the other is what is read (section 8.4)
    condensation: str = "halves"  # halves (section 8.4.1) | printed (equation 8.4 to the letter)
    condensing_init: str = "orthogonal"  # orthogonal (keeps norms) | uniform (PyTorch's default); not stated
    response: str = "concatenated"  # concatenated (W(u + o) with the condensed state) | condensed (eq. 8.5)
    hash_keys: int = 0  # articles retrieved for each note; 0 attends to all of them
    bag: str = "sum"  # sum (section 8.4.4) | mean of the words' embeddings
    embedding_dim: int = 500  # of the words of notes and articles (section 8.5)
    slot_dim: int = 300  # of a memory slot, and so of the state; even (section 8.5)
    title_dim: int = 32  # of the words of titles (section 8.5)
    gate_dim: int = 16  # hidden units of the addressing network (not stated)

    epochs: int = 30  # (not stated)
    batch_size: int = 100  # notes per optimizer step over all workers together (section 8.5.1)
    learning_rate: float = 1e-3  # of Adam (section 8.5.1)
    dropout: float = 0.5  # before the output layer (section 8.5.1)
    max_gradient_norm: float = 20.0  # (section 8.5.1)
    weight_decay: float = 1e-5  # L2 penalty (its weight is not stated)
    slot_loss_weight: float = 1.0  # of the cross entropy of the memory slots (section 8.5.1); 0 leaves it out
    seed: int = 0  # initial weights, order of notes, dropout
    device: str = "auto"  # auto | cpu | cuda
