"""What readers that are trained already say of a batch, for a reader that learns from them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from corpus.errors import UnusableModelError
from embeddings.bert import quicken
from embeddings.loading import fast_dtype, first_line, quiet

__all__ = ["TEMPERATURE", "Teachers", "distilled", "given", "labelled"]

TEMPERATURE = 2.0
"""By how much the teachers' logits are divided, so that what they hold second best is seen too."""


_POSITIONS = ("start_positions", "end_positions")  # where a batch has its labels


def given(batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """What of a batch a model is given: all but what is to be learned from it."""
    return {key: batch[key] for key in batch.keys() - {*_POSITIONS, "taught"}}


class Teachers:
    """Several readers as one: the mean of their probabilities.

    Their mistakes differ, so that together they are better than any one of them, and more
    modest. Raises UnusableModelError for a checkpoint that cannot be loaded or that counts
    word pieces otherwise than the reader that learns (``vocabulary`` of them).
    """

    def __init__(self, folders: Sequence[Path], vocabulary: int, device: str) -> None:
        self._models = [_loaded(folder, vocabulary, device) for folder in folders]

    def probabilities(self, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """How likely each word piece is the first and the last of the answer, each of shape
        (texts, pieces), the logits divided by TEMPERATURE."""
        inputs = given(batch)
        with torch.inference_mode():
            said = [model(**inputs) for model in self._models]
        return tuple(
            torch.stack([_soft(one[key]).exp() for one in said]).mean(0).clone()
            for key in ("start_logits", "end_logits")
        )  # type: ignore[return-value]


def labelled(output: Any, batch: dict[str, Tensor]) -> Tensor:
    """Of each text, the mean cross-entropy of its answer's start and end: shape (texts,)."""
    said = (output.start_logits, output.end_logits)
    both = [
        functional.cross_entropy(logits.float(), batch[key], reduction="none")
        for logits, key in zip(said, _POSITIONS, strict=True)
    ]
    return (both[0] + both[1]) / 2


def distilled(output: Any, taught: tuple[Tensor, Tensor]) -> Tensor:
    """Of each text, the mean divergence of the reader's start and end from what it was ``taught``:
    shape (texts,).

    Times the square of the temperature, so that its gradients are as large as those of the
    labels; Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network" (2015).
    """
    pairs = zip((output.start_logits, output.end_logits), taught, strict=True)
    both = [
        functional.kl_div(_soft(logits), target, reduction="none").sum(-1)
        for logits, target in pairs
    ]
    return TEMPERATURE**2 * (both[0] + both[1]) / 2


def _soft(logits: Tensor) -> Tensor:
    return functional.log_softmax(logits.float() / TEMPERATURE, dim=-1)


def _loaded(folder: Path, vocabulary: int, device: str) -> Any:
    from transformers import AutoModelForQuestionAnswering

    dtype = fast_dtype() if device == "cpu" else torch.bfloat16
    try:
        with quiet():
            model = AutoModelForQuestionAnswering.from_pretrained(
                folder, local_files_only=True, dtype=dtype
            )
    except Exception as error:  # whatever a model's files can do wrong
        raise UnusableModelError(
            f"teacher {folder}: cannot be loaded ({first_line(error)}); "
            "expected a folder with a question-answering checkpoint of transformers"
        ) from error
    if model.config.vocab_size != vocabulary:
        raise UnusableModelError(
            f"teacher {folder}: knows {model.config.vocab_size:,} word pieces, the reader to be "
            f"trained {vocabulary:,}; expected one with the same tokenizer"
        )
    model.to(device).eval()
    quicken(model)
    return model
