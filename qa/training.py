"""Train the reader: a span head on a small encoder, on SQuAD-format files.

``python -m qa.training --help`` prints the options. Training goes on from its last
checkpoint when it is started again with the same folder; what was trained, on what and
how, is written beside the weights as ``training.json``.
"""

import hashlib
import json
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import torch
from torch import Tensor

from embeddings.loading import fast_dtype, quiet
from embeddings.packaged import packaged_folder
from qa.examples import Example, read_squad, titled, with_retrieved_negatives

_BLOCK = 2048  # examples that are sorted by length together, and between checkpoints
_STRIDE = 96


@click.command(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder for checkpoints and weights.",
)
@click.option(
    "--init",
    type=click.Path(exists=True, path_type=Path),
    help="Start from this checkpoint folder instead of the packaged encoder.",
)
@click.option("--steps", default=6000, help="Steps of the optimizer.")
@click.option("--tokens", default=4096, help="Tokens in a batch, padding included.")
@click.option("--max-length", default=320, help="Word pieces of question and text together.")
@click.option("--rate", default=2e-4, help="Peak learning rate; five times that for a new head.")
@click.option("--warmup", default=150, help="Steps until the peak.")
@click.option(
    "--negatives",
    default=0.15,
    help="Share of answerable questions that also come with a retrieved text that does not answer them.",
)
@click.option("--titles", default=0.3, help="Share of texts with the article's title in front.")
@click.option(
    "--average", default=0.999, help="Decay of the moving average of the weights that is saved."
)
@click.option("--seed", default=0)
def main(files: tuple[Path, ...], out: Path, init: Path | None, steps: int, **options: Any) -> None:
    """Train a reader on SQuAD-format FILES."""
    recipe = {
        **options,
        "steps": steps,
        "init": init.name if init else "packaged encoder",
        "data": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files},
    }
    out.mkdir(parents=True, exist_ok=True)
    rng = random.Random(options["seed"])
    examples = [example for file in files for example in read_squad(file)]
    examples = with_retrieved_negatives(examples, options["negatives"], rng)
    examples = list(titled(examples, options["titles"], rng))
    unanswerable = sum(not example.answerable for example in examples)
    click.echo(f"{len(examples)} examples, {unanswerable} of them without an answer")
    Trainer(init, out, steps, recipe).run(examples)


class Trainer:
    """One run: model, optimizer, average of the weights, and where in the data it stands."""

    def __init__(self, init: Path | None, out: Path, steps: int, recipe: dict[str, Any]) -> None:
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer

        self.recipe, self.out, self.steps = recipe, out, steps
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        torch.manual_seed(recipe["seed"])
        folder = init or packaged_folder()
        with quiet():
            self.tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            self.model = AutoModelForQuestionAnswering.from_pretrained(
                folder, local_files_only=True, dtype=torch.float32
            ).to(self.device)
        self.model.base_model.embeddings.word_embeddings.weight.requires_grad_(False)
        head = {id(p) for p in self.model.qa_outputs.parameters()}
        learned = [p for p in self.model.parameters() if p.requires_grad]
        groups = [
            {"params": [p for p in learned if id(p) not in head], "scale": 1.0},
            {"params": [p for p in learned if id(p) in head], "scale": 1.0 if init else 5.0},
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=recipe["rate"], weight_decay=0.01)
        self.average = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        self.step = self.block = 0
        self.losses: list[float] = []
        if (out / "checkpoint.pt").exists():
            self._resume()

    def run(self, examples: Sequence[Example]) -> None:
        """Train until ``steps`` is reached, with a checkpoint after every block of examples."""
        started, first = time.time(), self.step
        while self.step < self.steps:
            for batch in self._batches(examples, self.block):
                if self.step >= self.steps:
                    break
                self.losses.append(self._train(batch))
                if self.step % 50 == 0:
                    recent = sum(self.losses[-50:]) / len(self.losses[-50:])
                    pace = (time.time() - started) / (self.step - first)
                    left = pace * (self.steps - self.step) / 60
                    click.echo(
                        f"step {self.step}/{self.steps}  loss {recent:.3f}  {pace:.2f} s a step, {left:.0f} min left"
                    )
            self.block += 1
            self._checkpoint()
            self._export()

    def _train(self, batch: dict[str, Tensor]) -> float:
        self.step += 1
        warm = min(1.0, self.step / self.recipe["warmup"])
        fade = max(0.0, 1 - self.step / self.steps)
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe["rate"] * group["scale"] * min(warm, fade)
        dtype = fast_dtype() if self.device == "cpu" else torch.bfloat16
        self.model.train()
        with torch.autocast(self.device, dtype=dtype, enabled=dtype == torch.bfloat16):
            loss: Tensor = self.model(**{k: v.to(self.device) for k, v in batch.items()}).loss
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        # A short average at first, so that the start is soon forgotten.
        decay = min(self.recipe["average"], (1 + self.step) / (10 + self.step))
        for key, value in self.model.state_dict().items():
            if value.is_floating_point():
                self.average[key].lerp_(value, 1 - decay)
        return float(loss.detach())

    def _batches(self, examples: Sequence[Example], block: int) -> Iterator[dict[str, Tensor]]:
        """The batches of a block; the same block always gives the same ones."""
        per_epoch = max(1, len(examples) // _BLOCK)
        epoch, number = divmod(block, per_epoch)
        order = list(range(len(examples)))
        random.Random(f"{self.recipe['seed']}/{epoch}").shuffle(order)
        rng = random.Random(f"{self.recipe['seed']}/{epoch}/{number}")
        chosen = [examples[i] for i in order[number * _BLOCK : (number + 1) * _BLOCK]]
        rows = sorted(self._features(chosen, rng), key=lambda row: len(row["input_ids"]))
        batches: list[list[dict[str, Any]]] = [[]]
        for row in rows:
            if (len(batches[-1]) + 1) * len(row["input_ids"]) > self.recipe["tokens"]:
                batches.append([])
            batches[-1].append(row)
        rng.shuffle(batches)
        for batch in filter(None, batches):
            yield dict(self.tokenizer.pad(batch, return_tensors="pt"))

    def _features(
        self, examples: Sequence[Example], rng: random.Random
    ) -> Iterator[dict[str, Any]]:
        """Of each example one window: the one with the answer, or any where there is none."""
        encoded = self.tokenizer(
            [e.question for e in examples], [e.context for e in examples],
            truncation="only_second", max_length=self.recipe["max_length"], stride=_STRIDE,
            return_overflowing_tokens=True, return_offsets_mapping=True,
        )  # fmt: skip
        windows: dict[int, list[int]] = {}
        for i, example in enumerate(encoded["overflow_to_sample_mapping"]):
            windows.setdefault(example, []).append(i)
        for number, of_example in windows.items():
            example = examples[number]
            labelled = [(i, *self._place(encoded, i, example)) for i in of_example]
            with_answer = [row for row in labelled if row[1] > 0]
            i, start, end = rng.choice(with_answer or labelled)
            yield {
                **{
                    key: encoded[key][i]
                    for key in ("input_ids", "token_type_ids", "attention_mask")
                    if key in encoded
                },
                "start_positions": start,
                "end_positions": end,
            }

    @staticmethod
    def _place(encoded: Any, i: int, example: Example) -> tuple[int, int]:
        """First and last piece of the answer in window ``i``; the first piece of all, twice,
        where it does not lie in it whole."""
        if not example.answerable:
            return 0, 0
        pieces = [
            n
            for n, (part, (start, end)) in enumerate(
                zip(encoded.sequence_ids(i), encoded["offset_mapping"][i], strict=True)
            )
            if part == 1 and start < example.end and example.start < end
        ]
        offsets = encoded["offset_mapping"][i]
        if (
            not pieces
            or offsets[pieces[0]][0] > example.start
            or offsets[pieces[-1]][1] < example.end
        ):
            return 0, 0
        return pieces[0], pieces[-1]

    def _checkpoint(self) -> None:
        state = {
            "model": self.model.state_dict(), "average": self.average,
            "optimizer": self.optimizer.state_dict(), "step": self.step, "block": self.block,
            "losses": self.losses,
        }  # fmt: skip
        torch.save(state, self.out / "checkpoint.tmp")
        (self.out / "checkpoint.tmp").replace(self.out / "checkpoint.pt")

    def _resume(self) -> None:
        state = torch.load(self.out / "checkpoint.pt", map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average, self.losses = state["average"], state["losses"]
        self.step, self.block = state["step"], state["block"]
        click.echo(f"going on from step {self.step}")

    def _export(self) -> None:
        """The averaged weights in half precision, as a folder that transformers loads."""
        folder = self.out / "weights"
        halves = {k: v.half() if v.is_floating_point() else v for k, v in self.average.items()}
        with quiet():
            self.model.save_pretrained(folder, state_dict=halves)
            self.tokenizer.save_pretrained(folder)
        done = {
            **self.recipe,
            "steps_done": self.step,
            "losses": [round(x, 4) for x in self.losses[::50]],
        }
        (folder / "training.json").write_text(json.dumps(done, indent=1) + "\n")


if __name__ == "__main__":
    main()
