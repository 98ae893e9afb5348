"""The reader's model on texts of unlike lengths: laid end to end it says what it says of padded ones."""

import os
import subprocess
import sys
from typing import Any

import pytest
import torch
from transformers import (
    BertConfig,
    BertForQuestionAnswering,
    RobertaConfig,
    RobertaForQuestionAnswering,
)

from embeddings.attention import _attended
from embeddings.loading import fast_dtype
from qa.forward import forward

ROWS = [
    {"input_ids": ids, "token_type_ids": [0] * 4 + [1] * (len(ids) - 4)}
    for ids in ([2, 5, 6, 3, 7, 8], [2, 5, 6, 3, *range(10, 45)], [2, 5, 6, 3, *range(10, 22)])
]
SMALL = {"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
         "intermediate_size": 24, "max_position_embeddings": 64}  # fmt: skip


class Padding:
    """What of a tokenizer ``forward`` uses."""

    def pad(self, rows: list[dict[str, list[int]]], **_: Any) -> Any:
        from transformers import BatchEncoding

        longest = max(len(row["input_ids"]) for row in rows)
        filled = {
            key: [row[key] + [0] * (longest - len(row[key])) for row in rows] for key in rows[0]
        }
        filled["attention_mask"] = [
            [int(place < len(row["input_ids"])) for place in range(longest)] for row in rows
        ]
        return BatchEncoding(filled, tensor_type="pt")


def padded(model: Any, row: dict[str, list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """What the untouched model says of one text alone."""
    with torch.inference_mode():
        said = model(**{key: torch.tensor([ids]) for key, ids in row.items()})
    return said.start_logits[0], said.end_logits[0]


@pytest.mark.parametrize("scale", [0.5, 40.0])
def test_end_to_end_is_as_one_by_one(scale: float) -> None:
    """Of each text the logits it has alone; also where exponentials end (scores of some thousands)."""
    torch.manual_seed(0)
    model = BertForQuestionAnswering(BertConfig(**SMALL)).eval()
    with torch.no_grad():
        for layer in model.base_model.encoder.layer:
            layer.attention.self.query.weight.mul_(scale / 0.02)
            layer.attention.self.key.weight.mul_(scale / 0.02)
    alone = [padded(model, row) for row in ROWS]
    run = forward(model, Padding())
    assert model.config._attn_implementation == "apart"
    for (starts, ends), (start, end) in zip(run(ROWS), alone, strict=True):
        torch.testing.assert_close(torch.tensor(starts), start, rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(torch.tensor(ends), end, rtol=1e-3, atol=1e-4)


def test_softmax_where_exponentials_end() -> None:
    """Too large, too small, or as they mostly are: always the same as softmax."""
    torch.manual_seed(1)
    value = torch.randn(2, 8, 4)
    value[:, 6:] = 0
    for shift in (0.0, 300.0, -300.0):
        scores = torch.randn(2, 8, 8) + shift
        wanted = torch.softmax(scores[..., :6], -1) @ value[:, :6]
        torch.testing.assert_close(_attended(scores, value, 6), wanted)


def test_other_models_are_padded() -> None:
    """A RoBERTa counts positions in its own way: it is run as transformers runs it."""
    torch.manual_seed(0)
    model = RobertaForQuestionAnswering(RobertaConfig(**SMALL, pad_token_id=0, type_vocab_size=2))
    model.eval()
    rows = [{"input_ids": row["input_ids"]} for row in ROWS]
    alone = [padded(model, row) for row in rows]
    for (starts, _), (start, _) in zip(forward(model, Padding())(rows), alone, strict=True):
        torch.testing.assert_close(torch.tensor(starts)[: len(start)], start, rtol=1e-4, atol=1e-5)


_GROWTH = """
import ctypes, os, random, sys
class Info(ctypes.Structure):
    _fields_ = [(n, ctypes.c_size_t) for n in
        "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()]
libc = ctypes.CDLL(None)
if not hasattr(libc, "mallinfo2"):
    sys.exit("not of this C library")
libc.mallinfo2.restype = Info
from qa.reader import SpanReader
reader = SpanReader()
def read(lengths):
    texts = [" ".join(["word"] * length) for length in lengths]
    reader.windows(["Who?"] * len(texts), texts)
rng = random.Random(0)
read([20, 40])
before = libc.mallinfo2().uordblks
for _ in range(150):
    read([rng.randint(5, 60) for _ in range(rng.randint(2, 9))])
print(libc.mallinfo2().uordblks - before)
"""


@pytest.mark.models
@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted with glibc")
def test_kernels_do_not_pile_up() -> None:
    """Of the shapes that batches had, only the last ones' kernels are kept."""
    if fast_dtype() != torch.bfloat16:
        pytest.skip("in float32 no kernels are kept")

    def grown(kept: str | None) -> int:
        names = ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY")
        more = {name: kept for name in names if kept}
        done = subprocess.run(
            [sys.executable, "-c", _GROWTH], capture_output=True, text=True, check=False,
            env={**{k: v for k, v in os.environ.items() if k not in names}, **more},
        )  # fmt: skip
        if "not of this C library" in done.stderr:
            pytest.skip("needs glibc's mallinfo2")
        assert done.returncode == 0, done.stderr
        return int(done.stdout)

    assert grown(None) < grown("1024") / 2
