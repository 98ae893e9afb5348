"""A BERT made quicker says what it says as its library runs it, whatever is beside a text."""

from collections.abc import Iterator
from threading import current_thread
from typing import Any

import pytest
import torch
from transformers import (
    BertConfig,
    BertForQuestionAnswering,
    BertModel,
    RobertaConfig,
    RobertaModel,
)

from embeddings.bert import quicken, quicker
from embeddings.computing import computed

SMALL: dict[str, Any] = {
    "vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2,
    "intermediate_size": 24, "max_position_embeddings": 64,
}  # fmt: skip
IDS = torch.tensor(
    [[2, 5, 6, 3, 7, 8, 0, 0], [2, 5, 6, 3, 10, 11, 12, 13], [2, 9, 3, 0, 0, 0, 0, 0]]
)
TYPES = torch.tensor([[0, 0, 0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1, 1, 1], [0] * 8])


@pytest.fixture(autouse=True)
def nothing_to_learn() -> Iterator[None]:
    """The same weights every time, and no gradients."""
    torch.manual_seed(0)
    with torch.inference_mode():
        yield


def said(model: Any, mask: torch.Tensor) -> torch.Tensor:
    """The last hidden state of what is no padding."""
    state = model(input_ids=IDS, attention_mask=mask, token_type_ids=TYPES)[0]
    return state[mask.bool()]  # type: ignore[no-any-return]


def bert(scale: float = 1.0, **more: Any) -> BertModel:
    """A model of random weights; ``scale`` makes the scores of its attention larger."""
    model = BertModel(BertConfig(**SMALL, **more)).eval()
    for layer in model.encoder.layer:
        for part in (layer.attention.self.query, layer.attention.self.key):
            part.weight.normal_(0, 0.3 * scale)
    return model


@pytest.mark.parametrize("scale", [1.0, 30.0])
@pytest.mark.parametrize("side", ["right", "left"])
def test_the_same_as_its_library_says(scale: float, side: str) -> None:
    """Padded on either side, and where exponentials are too large for a float (scores of thousands)."""
    model = bert(scale)
    mask = (IDS > 0).long()
    if side == "left":
        mask = mask.flip(1)
    wanted = said(model, mask)
    quick = quicker(model)
    assert quick is not None
    torch.testing.assert_close(said(quick, mask), wanted, rtol=1e-3, atol=1e-4)


def test_without_a_mask_nothing_is_padding() -> None:
    """As for transformers, and without token types all are of the first kind."""
    model = bert()
    wanted = model(IDS)[0]
    quick = quicker(model)
    assert quick is not None
    torch.testing.assert_close(quick(IDS)[0], wanted, rtol=1e-3, atol=1e-4)


def test_a_text_alone_and_among_others() -> None:
    """Nothing is seen of the texts beside it, nor of their padding."""
    quick = quicker(bert())
    assert quick is not None
    mask = (IDS > 0).long()
    together = quick(IDS, mask, TYPES)[0]
    alone = quick(IDS[:1, :6], None, TYPES[:1, :6])[0]
    torch.testing.assert_close(together[0, :6], alone[0], rtol=1e-3, atol=1e-4)
    assert not together[0, 6:].any()


def test_in_bfloat16_no_further_from_float32() -> None:
    """Laid out for the CPU, with what comes behind in the same pass: the same but for rounding."""
    model = bert()
    mask = (IDS > 0).long()
    exact = said(model, mask)
    plain = said(model.to(torch.bfloat16), mask).float()
    quick = quicker(model)
    assert quick is not None
    off, usual = (float((one - exact).abs().mean()) for one in (said(quick, mask).float(), plain))
    assert off < 1.5 * usual + 1e-4


def test_a_head_keeps_its_place() -> None:
    """A model with a head says the same through what stands in for its BERT."""
    model = BertForQuestionAnswering(BertConfig(**SMALL)).eval()
    mask = (IDS > 0).long()
    wanted = model(input_ids=IDS, attention_mask=mask, token_type_ids=TYPES)
    quicken(model)
    found = model(input_ids=IDS, attention_mask=mask, token_type_ids=TYPES)
    torch.testing.assert_close(
        found.start_logits[mask.bool()], wanted.start_logits[mask.bool()], rtol=1e-3, atol=1e-4
    )


def test_other_models_are_left_as_they_are() -> None:
    """A RoBERTa counts places otherwise; other activations, half precision and the states of
    every layer are not written here."""
    roberta = RobertaModel(RobertaConfig(**SMALL))
    assert quicker(roberta) is None
    assert quicker(bert(hidden_act="relu")) is None
    assert quicker(bert().half()) is None
    assert quicker(bert(output_hidden_states=True)) is None


def test_models_run_in_one_thread() -> None:
    """Whoever asks; also from inside; errors come back."""
    names = {computed(lambda: current_thread().name) for _ in range(3)}
    assert len(names) == 1
    assert names == {computed(lambda: computed(lambda: current_thread().name))}
    assert names != {current_thread().name}
    with pytest.raises(ZeroDivisionError):
        computed(lambda: 1 // 0)
