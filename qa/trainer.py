"""A run of training: a reader, its optimizer, the average of its weights, its checkpoints."""

import copy
import json
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import torch
from torch import Tensor

from embeddings.attention import use_plain_attention
from embeddings.loading import fast_dtype, quiet
from embeddings.packaged import packaged_folder
from qa.batches import batches
from qa.examples import Example
from qa.teaching import Teachers, distilled, given, labelled

__all__ = ["STEADY", "Trainer", "grown", "started"]

STEADY = "steady.pt"
"""The checkpoint of a run from before its rate fell."""


def started(folders: Sequence[Path]) -> Any:
    """A model in float32 to begin with: the packaged encoder with a new head, a reader, or the
    mean of several of one shape.

    Of a run's folder it is the model as it was before the rate fell: what is grown from there
    learns more. On means of weights see Wortsman et al., "Model soups" (2022).
    Raises ClickException for readers that differ in shape.
    """
    from transformers import AutoModelForQuestionAnswering

    models = []
    for folder in folders or [packaged_folder()]:
        with quiet():
            model = AutoModelForQuestionAnswering.from_pretrained(
                _checkpoint(folder), local_files_only=True, dtype=torch.float32
            )
        if (folder / STEADY).is_file():
            state = torch.load(folder / STEADY, map_location="cpu", weights_only=True)
            model.load_state_dict(state["model"])
        models.append(model)
    states = [model.state_dict() for model in models]
    shapes = [{key: value.shape for key, value in state.items()} for state in states]
    if any(shape != shapes[0] for shape in shapes):
        raise click.ClickException(
            "--init: the readers differ in shape; expected ones of one shape"
        )
    for key, value in states[0].items():
        if value.is_floating_point():
            value.copy_(torch.stack([state[key] for state in states]).mean(0))
    return models[0]


def _checkpoint(folder: Path) -> Path:
    """Where the model and its tokenizer lie: a reader's folder, or what a run has exported."""
    return folder / "weights" if (folder / STEADY).is_file() else folder


def grown(model: Any, layers: int) -> Any:
    """``model`` with ``layers`` layers, some of its own, evenly chosen, standing there twice.

    A layer done twice changes little at first (the loss of a six-layer reader went from
    1.200 to 1.204) and learns its own work from there; Gong et al., "Efficient Training of
    BERT by Progressively Stacking" (2019).
    """
    encoder = model.base_model.encoder
    own = list(encoder.layer)
    extra = layers - len(own)
    if not 0 <= extra <= len(own):
        raise click.ClickException(
            f"--layers {layers}: the start has {len(own)}; give {len(own)} to {2 * len(own)}"
        )
    twice = {int((i + 0.5) * (len(own) - 1) / extra) for i in range(extra)}
    places = sorted([*range(len(own)), *twice])
    shared = {id(model.config): model.config}  # what is set there later reaches every layer
    encoder.layer = torch.nn.ModuleList(copy.deepcopy(own[place], dict(shared)) for place in places)
    model.config.num_hidden_layers = layers
    return model


class Trainer:
    """One run: model, optimizer, average of the weights, and where in the data it stands."""

    def __init__(
        self,
        inits: Sequence[Path],
        out: Path,
        steps: int,
        recipe: dict[str, Any],
        teachers: Sequence[Path] = (),
    ) -> None:
        from transformers import AutoTokenizer

        self.recipe, self.out, self.steps = recipe, out, steps
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        torch.manual_seed(recipe["seed"])
        folder = _checkpoint(inits[0]) if inits else packaged_folder()
        with quiet():
            self.tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self.model = started(inits)
        if recipe["layers"]:
            grown(self.model, recipe["layers"])
        self.model.to(self.device)
        vocabulary = self.model.config.vocab_size
        self.teachers = Teachers(teachers, vocabulary, self.device) if teachers else None
        if self.device == "cpu":
            use_plain_attention(self.model)
        for module in self.model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = recipe["dropout"]
        self.model.base_model.embeddings.word_embeddings.weight.requires_grad_(False)
        self.optimizer = torch.optim.AdamW(
            list(self._groups(new_head=not inits)), betas=(0.9, 0.98), weight_decay=0.01
        )
        self.average = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        self.step = self.block = 0
        self.losses: list[float] = []
        self._resume()

    def _groups(self, new_head: bool) -> Iterator[dict[str, Any]]:
        """The learned parameters by layer, each with the ``scale`` of its rate."""
        layers = self.model.config.num_hidden_layers
        scales: dict[float, list[Tensor]] = {}
        for name, parameter in self.model.named_parameters():
            if parameter.requires_grad:
                layer = re.search(r"\.layers?\.(\d+)\.", name)
                if layer:
                    scale = self.recipe["layer_decay"] ** (layers - 1 - int(layer[1]))
                elif name.startswith("qa_outputs"):
                    scale = 3.0 if new_head else 1.0
                else:
                    scale = self.recipe["layer_decay"] ** layers
                scales.setdefault(scale, []).append(parameter)
        return ({"params": parameters, "scale": scale} for scale, parameters in scales.items())

    def run(self, examples: Sequence[Example]) -> None:
        """Train until ``steps`` is reached, with a checkpoint after every block of examples:
        one from before the rate falls is kept, so that a longer run can go on from it."""
        started, first = time.time(), self.step
        while self.step < self.steps:
            for batch in self._batches(examples):
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
            self._save(STEADY if self.step <= self._steady else "fading.pt")
            self._export()
        self._export()  # also what a kill left undone

    def _batches(self, examples: Sequence[Example]) -> Iterator[dict[str, Tensor]]:
        return batches(
            examples, self.tokenizer, self.block,
            tokens=self.recipe["tokens"], length=self.recipe["length"], seed=self.recipe["seed"],
        )  # fmt: skip

    @property
    def _steady(self) -> int:
        """The step at which the rate begins to fall."""
        return int(self.steps * (1 - self.recipe["fade"]))

    def _rate(self) -> float:
        """Up, level, and down in a straight line: a level stretch can be gone on from.

        Hägele et al., "Scaling Laws and Compute-Optimal Training Beyond Fixed Training
        Durations" (2024).
        """
        up = self.step / max(1, self.recipe["warmup"])
        down = (self.steps - self.step) / max(1, self.steps - self._steady)
        return float(self.recipe["rate"] * max(0.0, min(1.0, up, down)))

    def _train(self, batch: dict[str, Tensor]) -> float:
        self.step += 1
        for group in self.optimizer.param_groups:
            group["lr"] = self._rate() * group["scale"]
        dtype = fast_dtype() if self.device == "cpu" else torch.bfloat16
        self.model.train()
        batch = {key: value.to(self.device) for key, value in batch.items()}
        with torch.autocast(self.device, dtype=dtype, enabled=dtype == torch.bfloat16):
            output = self.model(**given(batch))
        losses = labelled(output, batch)
        if self.teachers:
            share = batch["taught"] / 2
            losses = losses.lerp(distilled(output, self.teachers.probabilities(batch)), share)
        loss = losses.mean()
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

    def _save(self, name: str) -> None:
        state = {
            "model": self.model.state_dict(), "average": self.average,
            "optimizer": self.optimizer.state_dict(), "step": self.step, "block": self.block,
            "losses": self.losses, "recipe": self.recipe, "steps": self.steps,
        }  # fmt: skip
        torch.save(state, self.out / "checkpoint.tmp")
        (self.out / "checkpoint.tmp").replace(self.out / name)

    def _resume(self) -> None:
        """Go on from the newest checkpoint that this run can use."""
        for name in ("fading.pt", STEADY):
            if not (self.out / name).exists():
                continue
            state = torch.load(self.out / name, map_location=self.device, weights_only=True)
            if state["recipe"] != self.recipe:
                changed = [k for k in self.recipe if self.recipe[k] != state["recipe"].get(k)]
                raise click.ClickException(
                    f"{self.out}: begun with another {', '.join(changed)}; "
                    "give the same options and files, or another --out"
                )
            if name == "fading.pt" and state["steps"] != self.steps:
                continue  # its rate has fallen for another end
            if name == STEADY and state["step"] > self._steady:
                raise click.ClickException(
                    f"{self.out}: already at step {state['step']}, where the rate of a run of "
                    f"{self.steps} steps has begun to fall; give more --steps, or another --out"
                )
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.average, self.losses = state["average"], state["losses"]
            self.step, self.block = state["step"], state["block"]
            click.echo(f"going on from step {self.step}")
            return

    def _export(self) -> None:
        """The averaged weights in half precision, as a folder that transformers loads."""
        folder = self.out / "weights"
        halves = {k: v.half() if v.is_floating_point() else v for k, v in self.average.items()}
        with quiet():
            self.model.save_pretrained(folder, state_dict=halves)
            self.tokenizer.save_pretrained(folder)
        done = {
            **self.recipe,
            "steps": self.steps,
            "steps_done": self.step,
            "losses": [round(x, 4) for x in self.losses[::50]],
        }
        (folder / "training.json").write_text(json.dumps(done, indent=1) + "\n")
