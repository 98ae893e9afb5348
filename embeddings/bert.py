"""A BERT on a CPU, run for what it says and not to be trained, quicker than by its library.

The texts of a batch are laid end to end, so that no time goes into their padding. Query, key and
value are one product. In bfloat16 weights are laid out once, as the CPU wants them, with GELU and
the residual sum in the same pass: what PyTorch's own compiler puts in place of linear layers.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, layer_norm, linear

__all__ = ["LENGTH_STEP", "quicken", "quicker"]

LENGTH_STEP = 16
"""Inputs are padded to a multiple of so many word pieces: for every shape that it meets, the CPU's
library keeps a compiled kernel, which fills memory and takes time when a length is new."""

_ROWS = 64  # word pieces that the layout is chosen for; measured best for questions and passages
_SMALL = 1e-30  # far from where the exponentials of float32 and bfloat16 end


class _Linear:
    """One linear layer, or several of the same input side by side."""

    def __init__(self, *layers: nn.Linear) -> None:
        self._weight = torch.cat([layer.weight.detach() for layer in layers])
        self._bias = torch.cat([layer.bias.detach() for layer in layers])
        self._packed = _packs(self._weight.dtype)
        if self._packed:
            self._weight = torch.ops.mkldnn._reorder_linear_weight(self._weight, _ROWS)

    def __call__(self, given: Tensor) -> Tensor:
        return self._then(given, "none", "") if self._packed else self._plain(given)

    def gelu(self, given: Tensor) -> Tensor:
        """GELU of the product."""
        return self._then(given, "gelu", "none") if self._packed else gelu(self._plain(given))

    def plus(self, given: Tensor, other: Tensor) -> Tensor:
        """The product and ``other``."""
        if not self._packed:
            return self._plain(given).add_(other)
        out: Tensor = torch.ops.mkldnn._linear_pointwise.binary(
            given, other, self._weight, self._bias, "add"
        )
        return out

    def _plain(self, given: Tensor) -> Tensor:
        return linear(given, self._weight, self._bias)

    def _then(self, given: Tensor, after: str, how: str) -> Tensor:
        out: Tensor = torch.ops.mkldnn._linear_pointwise(
            given, self._weight, self._bias, after, [], how
        )
        return out


class _Layer:
    def __init__(self, layer: Any) -> None:
        attention = layer.attention
        own = attention.self
        self.query_key_value = _Linear(own.query, own.key, own.value)
        self.mixed, self.mixed_norm = _Linear(attention.output.dense), attention.output.LayerNorm
        self.up, self.down = _Linear(layer.intermediate.dense), _Linear(layer.output.dense)
        self.norm = layer.output.LayerNorm


class _Texts:
    """Where in a batch its texts stand: padded, shape (texts, pieces), and end to end."""

    def __init__(self, mask: Tensor) -> None:
        self.shape = mask.shape
        self.filled = mask.reshape(-1).nonzero().squeeze(1)
        self._lengths = mask.sum(1).tolist()
        self._first = mask.argmax(1).tolist()

    def padded(self, rows: Tensor) -> Tensor:
        """Shape (pieces of all texts, width) in, (texts, pieces, width) out, noughts in between."""
        whole = rows.new_zeros(self.shape.numel(), rows.shape[1])
        return whole.index_copy_(0, self.filled, rows).view(*self.shape, -1)

    def joined(self, padded: Tensor) -> Tensor:
        """The way back."""
        return padded.reshape(self.shape.numel(), -1).index_select(0, self.filled)

    def attend(self, query_key_value: Tensor, heads: int, room: Tensor) -> Tensor:
        """Each text attends to itself: shape (pieces of all texts, 3 * width) in, (…, width) out.
        ``room``, shape (texts * heads, pieces, pieces), is overwritten.

        Softmax takes the largest score of a row off the others first, which costs more than all the
        rest of it and matters only where exponentials would be too large or too small for a float.
        """
        texts, pieces = self.shape
        split = self.padded(query_key_value).view(texts, pieces, 3, heads, -1)
        query, key, value = split.permute(2, 0, 3, 1, 4).reshape(3, texts * heads, pieces, -1)
        scale = query.shape[-1] ** -0.5

        def scores() -> Tensor:
            return torch.baddbmm(room, query, key.mT, beta=0, alpha=scale, out=room)

        weights = self._unseen(scores().exp_(), 0.0)
        sums = weights.sum(-1, keepdim=True)
        if not bool(((sums > _SMALL) & (sums < 1 / _SMALL)).all()):
            weights = self._unseen(scores(), -torch.inf).softmax(-1)
            sums = weights.new_ones(1)
        mixed = torch.bmm(weights, value).div_(sums).view(texts, heads, pieces, -1)
        return self.joined(mixed.transpose(1, 2))

    def _unseen(self, scores: Tensor, instead: float) -> Tensor:
        """``scores`` with those of padding overwritten."""
        of_texts = scores.view(len(self._lengths), -1, scores.shape[-1])
        for text, first, length in zip(of_texts, self._first, self._lengths, strict=True):
            text[:, :first] = instead
            text[:, first + length :] = instead
        return scores


class _Bert(nn.Module):
    """Stands in for a ``BertModel``: the same inputs, the same last hidden state but for padding,
    where it is 0."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.config, self.dtype, self.device = model.config, model.dtype, model.device
        self.embeddings = model.embeddings
        self._layers = [_Layer(layer) for layer in model.encoder.layer]

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        **_: Any,
    ) -> Any:
        """All of shape (texts, pieces), as ``BertModel`` takes them."""
        from transformers.modeling_outputs import BaseModelOutput

        texts = _Texts(torch.ones_like(input_ids) if attention_mask is None else attention_mask)
        types = torch.zeros_like(input_ids) if token_type_ids is None else token_type_ids
        said = self.embeddings(
            input_ids=input_ids.reshape(1, -1)[:, texts.filled],
            token_type_ids=types.reshape(1, -1)[:, texts.filled],
            position_ids=(texts.filled % input_ids.shape[1])[None],
        )[0]
        heads, (count, pieces) = self.config.num_attention_heads, texts.shape
        # Taken once: fresh memory in every layer would cost as much time as the scores themselves.
        room = said.new_empty(count * heads, pieces, pieces)
        for layer in self._layers:
            mixed = texts.attend(layer.query_key_value(said), heads, room)
            said = _normal(layer.mixed.plus(mixed, said), layer.mixed_norm)
            said = _normal(layer.down.plus(layer.up.gelu(said), said), layer.norm)
        return BaseModelOutput(last_hidden_state=texts.padded(said))


def quicker(model: Any) -> nn.Module | None:
    """What can stand in for ``model``, a ``BertModel`` on a CPU; None for other models, and where more
    than the last hidden state is wanted."""
    config = model.config
    known = config.model_type == "bert" and config.hidden_act == "gelu" and not config.is_decoder
    absolute = getattr(config, "position_embedding_type", None) in ("absolute", None)
    usual = absolute and not getattr(config, "output_hidden_states", False)
    if not (known and usual and model.device.type == "cpu") or model.dtype == torch.float16:
        return None
    with torch.inference_mode():
        return _Bert(model)


def quicken(model: Any) -> None:
    """Run ``model``, one with a head on a BERT, this way from now on, if it is one on a CPU."""
    inner = quicker(model.base_model)
    if inner is not None:
        setattr(model, model.base_model_prefix, inner)


def _normal(given: Tensor, norm: nn.LayerNorm) -> Tensor:
    return layer_norm(given, norm.normalized_shape, norm.weight, norm.bias, norm.eps)


def _packs(dtype: torch.dtype) -> bool:
    """Whether this PyTorch can lay out weights of this type."""
    return (
        dtype == torch.bfloat16
        and torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
        and all(
            hasattr(torch.ops.mkldnn, name)
            for name in ("_reorder_linear_weight", "_linear_pointwise")
        )
    )
