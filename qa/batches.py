"""From training examples to batches of tensors, of like lengths and in a fixed order."""

import random
from collections.abc import Iterator, Sequence
from typing import Any

from torch import Tensor

from embeddings.bert import LENGTH_STEP
from qa.examples import Example
from qa.reader import shortened

__all__ = ["BLOCK", "batches", "place"]

BLOCK = 2048
"""Examples that are sorted by length together."""

_STRIDE = 96


def batches(
    examples: Sequence[Example], tokenizer: Any, block: int, *, tokens: int, length: int, seed: int
) -> Iterator[dict[str, Tensor]]:
    """The batches of one block of the data; the same block always gives the same ones.

    A batch holds at most ``tokens`` word pieces, padding counted in; a question and its
    text at most ``length``. The order of the examples is another one in every epoch.
    """
    per_epoch = max(1, len(examples) // BLOCK)
    epoch, number = divmod(block, per_epoch)
    order = list(range(len(examples)))
    random.Random(f"{seed}/{epoch}").shuffle(order)
    rng = random.Random(f"{seed}/{epoch}/{number}")
    chosen = [examples[i] for i in order[number * BLOCK : (number + 1) * BLOCK]]
    rows = sorted(_rows(chosen, tokenizer, length, rng), key=lambda row: len(row["input_ids"]))
    grouped: list[list[dict[str, Any]]] = [[]]
    for row in rows:
        padded = -(-len(row["input_ids"]) // LENGTH_STEP) * LENGTH_STEP
        if (len(grouped[-1]) + 1) * padded > tokens:
            grouped.append([])
        grouped[-1].append(row)
    rng.shuffle(grouped)
    for group in filter(None, grouped):
        yield dict(tokenizer.pad(group, return_tensors="pt", pad_to_multiple_of=LENGTH_STEP))


def _rows(
    examples: Sequence[Example], tokenizer: Any, length: int, rng: random.Random
) -> Iterator[dict[str, Any]]:
    """Of each example one window: the one with the answer, or any where there is none."""
    encoded = tokenizer(
        [shortened(tokenizer, e.question) for e in examples], [e.context for e in examples],
        truncation="only_second", max_length=length, stride=_STRIDE,
        return_overflowing_tokens=True, return_offsets_mapping=True,
    )  # fmt: skip
    windows: dict[int, list[int]] = {}
    for i, example in enumerate(encoded["overflow_to_sample_mapping"]):
        windows.setdefault(example, []).append(i)
    inputs = [key for key in tokenizer.model_input_names if key in encoded]
    for number, of_example in windows.items():
        labelled = [(i, *place(encoded, i, examples[number])) for i in of_example]
        with_answer = [row for row in labelled if row[1] > 0]
        if examples[number].answerable and not with_answer:
            continue  # longer than a window: not to be learned as no answer
        i, start, end = rng.choice(with_answer or labelled)
        yield {
            **{key: encoded[key][i] for key in inputs},
            "start_positions": start,
            "end_positions": end,
            "taught": float(examples[number].taught),
        }


def place(encoded: Any, i: int, example: Example) -> tuple[int, int]:
    """First and last piece of the answer in window ``i``; the first piece of all, twice,
    where the answer does not lie in it whole."""
    if not example.answerable:
        return 0, 0
    offsets = encoded["offset_mapping"][i]
    pieces = [
        n
        for n, (part, (start, end)) in enumerate(zip(encoded.sequence_ids(i), offsets, strict=True))
        if part == 1 and start < example.end and example.start < end
    ]
    if not pieces or offsets[pieces[0]][0] > example.start or offsets[pieces[-1]][1] < example.end:
        return 0, 0
    return pieces[0], pieces[-1]
