"""Texts in, unit vectors out."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from corpus.errors import UnusableModelError
from embeddings.bert import LENGTH_STEP, quicker
from embeddings.computing import computed
from embeddings.loading import fast_dtype, first_line, is_folder, quiet
from embeddings.packaged import PACKAGED_NAME, packaged_folder, weights_hash

__all__ = ["PASSAGE_PIECES", "Encoder", "SentenceEncoder", "Vectors", "unit"]

Vectors = npt.NDArray[np.float32]

PASSAGE_PIECES = 192
"""A passage never has more word pieces, title and special tokens counted in. The packaged
encoder reads 256; measured at 182, the reader found as many answers as with 256 and needed a
fifth less time."""


_BUDGET = 16 * 768
"""Characters of text, those that fill the shorter ones up counted in, that the model is given
together: as many as 16 full passages have, or more short ones."""

_MOST = 128  # of these, however short


class Encoder(Protocol):
    """What an index needs of a model."""

    @property
    def name(self) -> str:
        """Names the model in the manifest: vectors of other names cannot be compared."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    @property
    def limit(self) -> int:
        """Word pieces of text that one input may have, special tokens left out."""

    def pieces(self, text: str, /) -> Sequence[tuple[int, int]]:
        """Offsets of the word pieces of ``text``, special tokens left out. Called from another
        thread while ``encode`` runs."""

    def encode(
        self, texts: Sequence[str], /, kind: Literal["passage", "question"] = "passage"
    ) -> Vectors:
        """Unit vectors of ``texts``: float32, shape (len(texts), dimension)."""


def unit(vectors: npt.NDArray[np.floating]) -> Vectors:
    """Rows brought to length 1, as float32; a row of zeros stays one."""
    vectors = np.asarray(vectors, dtype=np.float32)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(norms == 0, 1, norms)).astype(np.float32)


class SentenceEncoder:
    """A sentence-transformers model; by default the packaged all-MiniLM-L6-v2.

    ``model`` is a folder or a name. The packaged one and folders are read without any
    network; another name may be fetched by sentence-transformers. Safe to use from
    several threads. Raises UnusableModelError if it cannot be loaded.
    """

    def __init__(self, model: str | Path | None = None, *, device: str = "cpu") -> None:
        computed(lambda: self._load(model, device))

    def _load(self, model: str | Path | None, device: str) -> None:
        from sentence_transformers import SentenceTransformer
        from tokenizers import Tokenizer

        if not model:
            folder, self.name = str(packaged_folder()), PACKAGED_NAME
        elif is_folder(str(model)):
            # A folder's path differs between machines, its weights do not.
            folder = str(Path(model).expanduser().absolute())
            self.name = f"{Path(folder).name}@{weights_hash(folder)[:8]}"
        else:
            folder = self.name = str(model)
        try:
            with quiet():
                self._model = SentenceTransformer(
                    folder,
                    device=device,
                    local_files_only=is_folder(folder),
                    model_kwargs={"dtype": fast_dtype()} if device == "cpu" else {},
                )
        except Exception as error:  # whatever a model's files can do wrong
            raise UnusableModelError(
                f"encoder {str(model or PACKAGED_NAME)!r} cannot be loaded ({first_line(error)}); "
                "expected a sentence-transformers folder or name"
            ) from error
        backend = getattr(self._model.tokenizer, "backend_tokenizer", None)
        if backend is None:
            raise UnusableModelError(
                f"encoder {folder!r} has no fast tokenizer; its word pieces have no offsets"
            )
        # A copy: truncation and padding are state of a tokenizer, and the model's own has both.
        self._tokenizer = Tokenizer.from_str(backend.to_str())
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        inner = getattr(self._model[0], "auto_model", None)
        if inner is not None and (quick := quicker(inner)):
            self._model[0].model = quick
            if inner.config.max_position_embeddings % LENGTH_STEP == 0:
                text = self._model[0].processing_kwargs.setdefault("text", {})
                text.setdefault("pad_to_multiple_of", LENGTH_STEP)
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        prompt = max(map(len, map(self.pieces, (self._model.prompts or {}).values())), default=0)
        reads = min(PASSAGE_PIECES, self._model.max_seq_length or PASSAGE_PIECES)
        self.limit = reads - self._tokenizer.num_special_tokens_to_add(False) - prompt

    def pieces(self, text: str, /) -> list[tuple[int, int]]:
        """See Encoder."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        return [(start, end) for start, end in encoding.offsets if end > start]

    def encode(
        self, texts: Sequence[str], /, kind: Literal["passage", "question"] = "passage"
    ) -> Vectors:
        """See Encoder. Texts longer than the model reads are cut by it."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        encode = self._model.encode_query if kind == "question" else self._model.encode_document
        found = np.empty((len(texts), self.dimension), dtype=np.float32)
        for batch in _budgeted([len(text) for text in texts]):
            run = partial(
                encode, [texts[i] for i in batch],
                batch_size=len(batch), show_progress_bar=False, convert_to_numpy=True,
            )  # fmt: skip
            found[batch] = computed(run)  # the model's tokenizer is not safe from several threads
        # Vectors normalised in bfloat16 are off by up to 0.4 %.
        return unit(found)


def _budgeted(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of texts of like lengths, longest first, at most _BUDGET characters together."""
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    while order:
        many = max(1, min(_BUDGET // max(1, lengths[order[0]]), _MOST))
        yield order[:many]
        order = order[many:]
