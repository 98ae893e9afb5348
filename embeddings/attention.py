"""Attention on a CPU: as plain matrix products, for training and to encode passages; and of texts
that are laid end to end, to read them.

PyTorch's fused attention is made for GPUs; on a CPU its backward pass takes several times
as long as these products on contiguous memory: 67 against 24 ms for a layer of 25 texts of
160 pieces, in bfloat16 on two cores. Forward, on 16 passages of one length, it is a quarter
faster. No dropout, which alone took a third of a training step. Of texts laid end to end each
attends to itself alone, without a mask: passages need a quarter less time, and 11 of 70 ms less
than with the fused one.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from embeddings.packing import LENGTH_STEP

__all__ = ["use_plain_attention", "use_separate_attention"]

_SMALL = 1e-20  # far from where the exponentials of float32 and bfloat16 end


def _attention(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, **_: Any
) -> tuple[Tensor, None]:
    """Shapes (texts, heads, pieces, width) in, (texts, pieces, heads, width) out."""
    texts, heads, pieces, width = query.shape
    q, k, v = (part.reshape(texts * heads, pieces, width) for part in (query, key, value))
    if mask is None:
        mask = query.new_zeros(1, 1, 1, pieces)
    # A text's padding is the same for each of its pieces: one row of the mask says it.
    bias = mask[:, :, :1, :].to(q.dtype).expand(texts, heads, 1, pieces)
    scores = torch.baddbmm(
        bias.reshape(texts * heads, 1, pieces), q, k.mT.contiguous(), alpha=width**-0.5
    )
    mixed = _attended(scores, v, pieces)
    return mixed.view(texts, heads, pieces, width).transpose(1, 2), None


def _apart(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None,
    lengths: Sequence[int], **_: Any,
) -> tuple[Tensor, None]:  # fmt: skip
    """Shapes (1, heads, pieces, width) in, (1, pieces, heads, width) out; ``lengths`` are those of
    the texts, pieces together."""
    mixed = torch.empty_like(query.transpose(1, 2), memory_format=torch.contiguous_format)
    query = query * query.shape[-1] ** -0.5
    first = 0
    for length in lengths:
        here = slice(first, first + length)
        # Of few shapes, since the CPU's library has to compile a kernel for each.
        shape = (0, 0, 0, -length % LENGTH_STEP)
        q, k, v = (pad(part[0, :, here], shape) for part in (query, key, value))
        found = _attended(torch.bmm(q, k.mT), v, length)
        mixed[0, here] = found[:, :length].transpose(0, 1)
        first += length
    return mixed, None


def _attended(scores: Tensor, value: Tensor, length: int) -> Tensor:
    """``softmax(scores) @ value``, shapes (heads, pieces, pieces) and (heads, pieces, width), of
    the first ``length`` pieces; the values of the others are 0.

    Softmax takes the largest score of a row off the others first, which costs more than all the rest
    of it and matters only where exponentials would be too large or too small for a float.
    """
    if scores.requires_grad:
        return torch.bmm(torch.softmax(scores, -1), value)
    weights = scores.exp()
    sums = weights[..., :length].sum(-1, keepdim=True)
    if bool(((sums > _SMALL) & (sums < 1 / _SMALL)).all()):
        return torch.bmm(weights, value) / sums
    return torch.bmm(torch.softmax(scores[..., :length], -1), value[:, :length])


def use_plain_attention(model: Any) -> None:
    """Let ``model``, an encoder of ``transformers``, attend this way from now on."""
    _use(model, "plain", _attention)


def use_separate_attention(model: Any) -> None:
    """Let ``model`` take texts laid end to end, their ``lengths`` given beside them, and a mask of
    four dimensions that nobody looks at."""
    _use(model, "apart", _apart)


def _use(model: Any, name: str, attention: Any) -> None:
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import eager_mask

    AttentionInterface.register(name, attention)
    AttentionMaskInterface.register(name, eager_mask)
    model.set_attn_implementation(name)
