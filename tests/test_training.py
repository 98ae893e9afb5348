"""Training: batches in a fixed order, a loss that falls, runs that go on."""

import json
from pathlib import Path
from typing import Any

import click
import pytest
import torch
from click.testing import CliRunner, Result

from embeddings.packaged import packaged_folder
from qa.batches import batches, place
from qa.examples import Example
from qa.reader import WEIGHTS, SpanReader
from qa.teaching import Teachers, distilled, labelled
from qa.trainer import STEADY, grown, started
from qa.training import main

pytestmark = pytest.mark.models

FACTS = [
    ("Ada Birch", "mayor"),
    ("Tom Ferrow", "baker"),
    ("Lena Holt", "doctor"),
    ("Max Orr", "judge"),
]


def _span(name: str, job: str) -> tuple[int, int]:
    start = len(f"The {job} of Harlow is ")
    return start, start + len(name)


def _squad(tmp_path: Path) -> Path:
    data = [
        {"paragraphs": [{"context": f"The {job} of Harlow is {name}.", "qas": [
            {"question": f"Who is the {job}?",
             "answers": [{"text": name, "answer_start": _span(name, job)[0]}]},
            {"question": f"Who was the {job} before?", "answers": [], "is_impossible": True},
        ]}]}
        for name, job in FACTS
    ]  # fmt: skip
    (tmp_path / "data.json").write_text(json.dumps({"data": data}))
    return tmp_path / "data.json"


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(packaged_folder(), local_files_only=True)


def test_batches_are_labelled_and_repeatable(tokenizer: Any) -> None:
    """A label's pieces spell the answer; no batch is over its size; the same order again."""
    name, job = FACTS[0]
    far = Example("Who?", "word " * 300 + f"The {job} is {name}.", 1500 + len(f"The {job} is "), 0)
    far = Example("Who?", far.context, far.start, far.start + len(name))
    examples = [far, Example("When?", far.context, -1, -1), *[Example("Who?", "a b c", 2, 3)] * 50]

    def made() -> list[dict[str, Any]]:
        return list(batches(examples, tokenizer, 0, tokens=512, length=128, seed=1))

    rows = []
    for batch in made():
        assert batch["input_ids"].numel() <= 512
        for ids, start, end in zip(
            batch["input_ids"], batch["start_positions"], batch["end_positions"], strict=True
        ):
            rows.append(tokenizer.decode(ids[start : end + 1]) if start else "")
    assert sorted(rows) == ["", "ada birch", *["b"] * 50]
    assert all(
        torch.equal(one["input_ids"], other["input_ids"])
        for one, other in zip(made(), made(), strict=True)
    )


def test_odd_examples_are_left_out_or_cut(tokenizer: Any) -> None:
    """An answer that no window holds is not learned as none; an endless question is cut."""
    long = Example("Who?", "word " * 300, 0, 1499)
    asked = Example("who " * 900, "a b c", 2, 3)
    (batch,) = batches([long, asked], tokenizer, 0, tokens=512, length=128, seed=1)
    assert batch["input_ids"].shape == (1, 112)  # 96 + 4, padded to steps of 16
    assert batch["start_positions"].item() > 0


def test_an_answer_cut_by_a_window_is_none(tokenizer: Any) -> None:
    """Only a window that holds the whole answer is labelled with it."""
    encoded = tokenizer(["Who?"], ["a b c d"], max_length=7, truncation="only_second",
                        return_overflowing_tokens=True, return_offsets_mapping=True)  # fmt: skip
    whole, cut = Example("Who?", "a b c d", 0, 1), Example("Who?", "a b c d", 0, 7)
    assert place(encoded, 0, whole) == (4, 4)
    assert place(encoded, 0, cut) == (0, 0)


def test_plain_attention_changes_nothing(real_reader: SpanReader) -> None:
    """The same logits as with PyTorch's own attention, padding and all."""
    from transformers import AutoModelForQuestionAnswering

    from embeddings.attention import use_plain_attention

    model = AutoModelForQuestionAnswering.from_pretrained(
        WEIGHTS, local_files_only=True, dtype=torch.float32
    ).eval()
    inputs = {
        "input_ids": torch.tensor(
            [[101, 2040, 102, 3000, 3001, 102], [101, 2040, 102, 3000, 102, 0]]
        ),
        "attention_mask": torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 0]]),
    }
    with torch.inference_mode():
        before = model(**inputs).start_logits
        use_plain_attention(model)
        assert model.config._attn_implementation == "plain"
        after = model(**inputs).start_logits
    torch.testing.assert_close(after, before, rtol=1e-4, atol=1e-4)


def train(file: Path, out: Path, steps: int, *more: object) -> Result:
    arguments = [file, "--out", out, "--steps", steps, "--warmup", 2, "--rate", "1e-3", *more]
    return CliRunner().invoke(main, list(map(str, arguments)))


def test_a_run_learns_stops_and_goes_on(tmp_path: Path) -> None:
    """The loss falls; a longer run goes on from before the rate fell; the folder is a reader."""
    file, out = _squad(tmp_path), tmp_path / "run"
    done = train(file, out, 20)
    assert done.exit_code == 0, done.output
    losses = torch.load(out / "fading.pt", weights_only=True)["losses"]
    assert sum(losses[-5:]) < sum(losses[:5]) / 2
    assert "going on from step 20" in train(file, out, 20).output
    assert "already at step 13" in train(file, out, 15).output
    longer = train(file, out, 30)
    assert "going on from step 13" in longer.output
    about = json.loads((out / "weights" / "training.json").read_text())
    assert about["steps"] == about["steps_done"] == 30
    assert [name for name, _ in about["data"]] == ["data.json"]
    assert SpanReader(out / "weights").read(["Who is the mayor?"], ["The mayor is Ada Birch."])


def test_a_run_is_not_mixed_with_another(tmp_path: Path) -> None:
    """Other options or data in the same folder are refused by name; nothing is lost."""
    file, out = _squad(tmp_path), tmp_path / "run"
    assert train(file, out, 2).exit_code == 0
    before = (out / "fading.pt").read_bytes()
    refused = train(file, out, 4, "--seed", 1)
    assert refused.exit_code == 1
    assert "begun with another seed" in refused.output
    assert (out / "fading.pt").read_bytes() == before


def test_a_grown_model_starts_where_it_was(tmp_path: Path) -> None:
    """Doubled layers are copies that learn by themselves and share the configuration."""
    from transformers import BertConfig, BertForQuestionAnswering

    small = BertConfig(
        vocab_size=50,
        hidden_size=8,
        num_hidden_layers=4,
        num_attention_heads=2,
        intermediate_size=8,
    )
    model = BertForQuestionAnswering(small)
    before = [layer.output.dense.weight.detach().clone() for layer in model.bert.encoder.layer]
    grown(model, 6)
    layers = model.bert.encoder.layer
    assert len(layers) == model.config.num_hidden_layers == 6
    for layer, twin in zip(layers, (0, 0, 1, 2, 2, 3), strict=True):
        assert torch.equal(layer.output.dense.weight, before[twin])
    with torch.no_grad():
        layers[0].output.dense.weight.add_(1)
    assert torch.equal(layers[1].output.dense.weight, before[0])
    model.set_attn_implementation("eager")
    assert {layer.attention.self.config._attn_implementation for layer in layers} == {"eager"}
    model.save_pretrained(tmp_path)
    assert len(BertForQuestionAnswering.from_pretrained(tmp_path).bert.encoder.layer) == 6
    with pytest.raises(click.ClickException, match="give 6 to 12"):
        grown(model, 13)


def test_a_reader_learns_from_others(tmp_path: Path) -> None:
    """Taught by itself it has nothing to learn; the recipe names who taught; two are a mean."""
    from transformers import AutoModelForQuestionAnswering

    file, out = _squad(tmp_path), tmp_path / "run"
    assert train(file, out, 2).exit_code == 0
    weights = out / "weights"
    model = AutoModelForQuestionAnswering.from_pretrained(weights, dtype=torch.float32).eval()
    batch = {"input_ids": torch.tensor([[101, 2040, 102, 3000, 3001, 102]])}
    with torch.no_grad():
        said = model(**batch)
    vocabulary = model.config.vocab_size
    alone = Teachers([weights], vocabulary, "cpu").probabilities(batch)
    assert float(distilled(said, alone)) < 1e-3
    both = Teachers([weights, WEIGHTS], vocabulary, "cpu").probabilities(batch)
    other = Teachers([WEIGHTS], vocabulary, "cpu").probabilities(batch)
    torch.testing.assert_close(both[0], (alone[0] + other[0]) / 2)
    torch.testing.assert_close(both[1].sum(-1), torch.ones(1))
    assert float(distilled(said, other)) > 10 * float(distilled(said, alone))

    labels = {"start_positions": torch.tensor([3]), "end_positions": torch.tensor([4])}
    with torch.no_grad():
        loss = model(**batch, **labels).loss
    torch.testing.assert_close(labelled(said, labels), loss[None])

    taught = train(file, tmp_path / "taught", 2, "--teacher", weights, "--teacher", WEIGHTS)
    assert taught.exit_code == 0, taught.output
    recipe = json.loads((tmp_path / "taught" / "weights" / "training.json").read_text())
    assert len(set(recipe["teachers"])) == 2


def test_firm_labels_are_learned_whatever_a_teacher_says(tmp_path: Path) -> None:
    """Of a --firm file no teacher is asked: with one that knows nothing, the loss is that of the
    labels alone; the file is taken in as often as it was said, and written down."""
    file = _squad(tmp_path)
    (tmp_path / "other.json").write_text(file.read_text())

    def losses(name: str, *more: object) -> list[float]:
        out = tmp_path / name
        done = train(file, out, 3, "--negatives", 0, "--titles", 0, "--init", WEIGHTS, *more)
        assert done.exit_code == 0, done.output
        found: list[float] = torch.load(out / "fading.pt", weights_only=True)["losses"]
        return found

    assert train(file, tmp_path / "naive", 1).exit_code == 0
    naive = ("--teacher", tmp_path / "naive" / "weights")
    firm = ("--firm", tmp_path / "other.json", "--firm-times", 3)
    alone, firmly = losses("alone", *firm), losses("firmly", *firm, *naive)
    doubted = losses("doubted", *naive)
    assert len(alone) == len(firmly)
    # A quarter of the examples has the teacher, where all have it the loss is far off.
    assert abs(firmly[0] - alone[0]) < abs(doubted[0] - alone[0]) / 2
    recipe = json.loads((tmp_path / "firmly" / "weights" / "training.json").read_text())
    assert [name for name, _ in recipe["firm"]] == ["other.json"]
    assert recipe["firm_times"] == 3


def test_an_unfit_teacher_is_refused(tmp_path: Path) -> None:
    """A folder without weights, and a reader with another vocabulary, each in one line."""
    from transformers import BertConfig, BertForQuestionAnswering

    file = _squad(tmp_path)
    (tmp_path / "empty").mkdir()
    refused = train(file, tmp_path / "run", 2, "--teacher", tmp_path / "empty")
    assert refused.exit_code == 1
    assert "holds no model.safetensors" in refused.output
    small = BertConfig(
        vocab_size=50,
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
    )
    BertForQuestionAnswering(small).save_pretrained(tmp_path / "small")
    refused = train(file, tmp_path / "run", 2, "--teacher", tmp_path / "small")
    assert refused.exit_code == 1
    assert "knows 50 word pieces" in refused.output


def test_a_run_begins_from_others(tmp_path: Path) -> None:
    """From the mean of two readers; from another run as it was before its rate fell; and readers of
    different shapes are refused in one line."""
    file, one, two = _squad(tmp_path), tmp_path / "one", tmp_path / "two"
    assert train(file, one, 6).exit_code == 0
    assert train(file, two, 6, "--seed", 1).exit_code == 0
    both = started([one / "weights", two / "weights"]).state_dict()
    first, second = (started([folder / "weights"]).state_dict() for folder in (one, two))
    for key, value in both.items():
        torch.testing.assert_close(value, (first[key] + second[key]) / 2)
    before = torch.load(one / STEADY, weights_only=True)["model"]
    head = "qa_outputs.weight"
    assert torch.equal(started([one]).state_dict()[head], before[head])
    assert not torch.equal(first[head], before[head])

    seven = train(file, tmp_path / "seven", 2, "--init", one, "--layers", 7)
    assert seven.exit_code == 0, seven.output
    recipe = json.loads((tmp_path / "seven" / "weights" / "training.json").read_text())
    assert len(recipe["init"]) == 1
    refused = train(
        file,
        tmp_path / "no",
        2,
        "--init",
        one / "weights",
        "--init",
        tmp_path / "seven" / "weights",
    )
    assert refused.exit_code == 1
    assert "differ in shape" in refused.output
