"""A reader's model on texts of unlike lengths: each padded to the longest, or laid end to end.

Of what retrieval brings a quarter would be padding. Laid end to end, eight passages need a
quarter less time, and what is said of one does not depend on those beside it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from embeddings.attention import use_separate_attention
from embeddings.packing import LENGTH_STEP, pack

__all__ = ["Forward", "Logits", "Row", "forward"]

Row = Mapping[str, Sequence[int]]
"""What the tokenizer makes of a question and a text: lists as long as there are pieces."""

Logits = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]
"""How likely each piece is the first and the last of the answer; padding may follow."""

Forward = Callable[[Sequence[Row]], list[Logits]]


def forward(model: Any, tokenizer: Any) -> Forward:
    """The quickest way to run this model where it is."""
    config = model.config
    absolute = getattr(config, "position_embedding_type", "absolute") in ("absolute", None)
    if model.device.type != "cpu" or config.model_type != "bert" or not absolute:
        return lambda rows: _padded(model, tokenizer, rows)
    pack(model)
    use_separate_attention(model)
    return lambda rows: _end_to_end(model, rows)


def _padded(model: Any, tokenizer: Any, rows: Sequence[Row]) -> list[Logits]:
    inputs = tokenizer.pad(list(rows), return_tensors="pt", pad_to_multiple_of=LENGTH_STEP)
    return list(zip(*_logits(model, **inputs.to(model.device)), strict=True))


def _end_to_end(model: Any, rows: Sequence[Row]) -> list[Logits]:
    lengths = [len(row["input_ids"]) for row in rows]

    def joined(lists: Sequence[Sequence[int]]) -> torch.Tensor:
        return torch.tensor([[number for numbers in lists for number in numbers]])

    starts, ends = _logits(
        model,
        input_ids=joined([row["input_ids"] for row in rows]),
        token_type_ids=joined(
            [row.get("token_type_ids", [0] * len(row["input_ids"])) for row in rows]
        ),
        position_ids=joined([range(length) for length in lengths]),
        attention_mask=torch.zeros(1, 1, 1, 1),  # given whole, so that none is made
        lengths=lengths,
    )
    places = np.cumsum(lengths)[:-1]
    return list(zip(np.split(starts[0], places), np.split(ends[0], places), strict=True))


def _logits(model: Any, **inputs: Any) -> Logits:
    with torch.inference_mode():
        output = model(**inputs)
    return output.start_logits.float().cpu().numpy(), output.end_logits.float().cpu().numpy()
