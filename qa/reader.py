"""The reader: where in these texts the answer to this question stands."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, Literal, Protocol

import numpy as np

from corpus.errors import UnusableModelError
from embeddings.bert import LENGTH_STEP, quicken
from embeddings.computing import computed
from embeddings.loading import fast_dtype, first_line, is_folder, quiet
from qa.confidence import Calibration
from qa.spans import Span, Window, best_spans, word_edges

__all__ = ["WEIGHTS", "Precision", "Reader", "SpanReader", "shortened"]

WEIGHTS = Path(__file__).parent / "weights"
"""The folder of the reader that comes with Quoth."""

Precision = Literal["float32", "bfloat16"]

_MAX_PIECES = 384  # of question and text together: a passage fits in one window
_QUESTION_PIECES = 96
_STRIDE = 128  # pieces that neighbouring windows of a long text share
_BATCH_PIECES = 8192  # bounds memory, not the number of texts


class Reader(Protocol):
    """What an answerer needs of a model."""

    def read(self, questions: Sequence[str], texts: Sequence[str], /) -> list[list[Span]]:
        """For each text its best spans as answers to its question, best first.

        As many questions as texts; offsets are characters of the text.
        """


class SpanReader:
    """An extractive question-answering checkpoint of ``transformers``.

    One that ``AutoModelForQuestionAnswering`` loads, with no-answer at the first position
    (as BERT and RoBERTa models trained on SQuAD 2.0 have it). A folder is read without any
    network; another name may be fetched by transformers. ``calibration`` is the one that
    lies beside the weights, for others that of the bundled reader. ``precision`` is by default
    the one this CPU is fastest in. Safe to use from several threads.
    Raises UnusableModelError if it cannot be loaded.
    """

    def __init__(
        self,
        model: str | Path | None = None,
        *,
        device: str = "cpu",
        precision: Precision | None = None,
        spans_per_text: int = 20,
    ) -> None:
        self._lock = Lock()
        self._spans = spans_per_text
        computed(lambda: self._load(model, device, precision))

    def _load(self, model: str | Path | None, device: str, precision: Precision | None) -> None:
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer

        name = str(model or WEIGHTS)
        place = str(Path(name).expanduser()) if is_folder(name) else name
        local: dict[str, Any] = {"local_files_only": is_folder(place)}
        try:
            with quiet():
                self._tokenizer = AutoTokenizer.from_pretrained(place, use_fast=True, **local)
                self._model = AutoModelForQuestionAnswering.from_pretrained(
                    place, dtype=_dtype(device, precision), **local
                )
        except Exception as error:  # whatever a model's files can do wrong
            raise UnusableModelError(
                f"reader {name!r} cannot be loaded ({first_line(error)}); "
                "expected a question-answering checkpoint of transformers"
            ) from error
        if not self._tokenizer.is_fast:
            raise UnusableModelError(
                f"reader {name!r} has no fast tokenizer; its spans have no offsets"
            )
        self._model.to(device).eval()
        quicken(self._model)
        self.calibration = Calibration.beside(place, WEIGHTS)
        positions = getattr(self._model.config, "max_position_embeddings", _MAX_PIECES + 2) - 2
        self._pieces = min(_MAX_PIECES, max(LENGTH_STEP, positions // LENGTH_STEP * LENGTH_STEP))

    def read(self, questions: Sequence[str], texts: Sequence[str], /) -> list[list[Span]]:
        """See Reader. All texts go through the model together."""
        return best_spans(self.windows(questions, texts), len(texts), self._spans)

    def windows(self, questions: Sequence[str], texts: Sequence[str]) -> list[Window]:
        """The model's logits for every window of every text, each read with its question."""
        if not texts:
            return []
        features = self._features(questions, texts)
        lengths = [len(ids) for ids in features["input_ids"]]
        order = sorted(range(len(lengths)), key=lengths.__getitem__)
        windows: list[Window | None] = [None] * len(lengths)
        while order:
            batch = order[: max(1, _BATCH_PIECES // lengths[order[-1]])]
            order = order[len(batch) :]
            inputs = self._tokenizer.pad(
                {
                    key: [features[key][i] for i in batch]
                    for key in self._tokenizer.model_input_names
                    if key in features
                },
                return_tensors="pt",
                pad_to_multiple_of=LENGTH_STEP,
            )
            starts, ends = computed(partial(self._logits, inputs))
            for row, i in enumerate(batch):
                windows[i] = _window(features, i, texts, starts[row], ends[row])
        return [window for window in windows if window is not None]

    def _logits(self, inputs: Any) -> tuple[np.ndarray, np.ndarray]:
        import torch

        with torch.inference_mode():
            output = self._model(**inputs.to(self._model.device))
        return output.start_logits.float().cpu().numpy(), output.end_logits.float().cpu().numpy()

    def _features(self, questions: Sequence[str], texts: Sequence[str]) -> Any:
        with self._lock:  # truncation is state of a fast tokenizer
            short = {question: shortened(self._tokenizer, question) for question in set(questions)}
            return self._tokenizer(
                [short[question] for question in questions],
                list(texts),
                truncation="only_second",
                max_length=self._pieces,
                stride=_STRIDE,
                return_overflowing_tokens=True,
                return_offsets_mapping=True,
            )


def shortened(tokenizer: Any, question: str) -> str:
    """As much of the beginning of a question as a reader is given of it."""
    asked = tokenizer(
        question, truncation=True, max_length=_QUESTION_PIECES, return_offsets_mapping=True
    )
    return question[: max((end for _, end in asked["offset_mapping"]), default=0)]


def _dtype(device: str, precision: Precision | None) -> Any:
    import torch

    if precision is None:
        return fast_dtype() if device == "cpu" else "auto"
    return torch.bfloat16 if precision == "bfloat16" else torch.float32


def _window(
    features: Any, i: int, texts: Sequence[str], starts: np.ndarray, ends: np.ndarray
) -> Window:
    offsets = np.asarray(features["offset_mapping"][i], dtype=np.int64).reshape(-1, 2)
    of_text = np.array([part == 1 for part in features.sequence_ids(i)], dtype=bool)
    of_text &= offsets[:, 1] > offsets[:, 0]
    size, number = len(offsets), features["overflow_to_sample_mapping"][i]
    words = np.array([-1 if word is None else word for word in features.word_ids(i)])
    opens, closes = word_edges(texts[number], offsets[of_text], words[of_text])
    return Window(
        text=number,
        offsets=offsets[of_text],
        starts=np.where(opens, starts[:size][of_text], -np.inf),
        ends=np.where(closes, ends[:size][of_text], -np.inf),
        null=float(starts[0] + ends[0]),
    )
