"""The systems that ``qa.benchmarks.peers`` compares, each behind the same steps.

Run as a script by the Python that has the system: ``python -P peer_systems.py NAME TASK.json RESULT.json``
(with ``-P`` because modules here would hide others: ``html``, ``datasets``). A peer's Python
needs the peer alone, nothing of Quoth. Systems are told the encoder, the reader and how many texts
to read; all else is as each has it by default. Texts are named by their places.
"""

import json
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol, TypedDict

__all__ = ["SYSTEMS", "Result", "System", "Task", "measured"]

PASSAGES = 8


class Task(TypedDict):
    """What a system is given: folders of two models, the texts, and the questions."""

    encoder: str
    reader: str
    texts: list[str]
    warm_up: list[str]
    questions: list[str]


class Result(TypedDict):
    """What is measured, in seconds but ``ms``; lists have one entry for each question.

    ``answers`` is None where a system only retrieves; an answer is where it found none.
    ``cited`` are the texts that the answers are from, where that is said, ``ranked`` the first
    texts found, best first, and ``errors`` what the system raised instead of answering.
    """

    versions: dict[str, str]
    load: float
    build: float
    ms: list[float]
    answers: list[str | None] | None
    cited: list[int | None]
    ranked: list[list[int]]
    errors: list[str]
    peak_bytes: int


class System(Protocol):
    """A system with its models loaded."""

    distributions: Sequence[str]
    reads: bool = True

    def build(self, texts: Sequence[str], /) -> None:
        """Make the texts searchable."""

    def ask(self, question: str, /) -> tuple[str | None, int | None]:
        """The best answer's words and the text they are from; the whole of what a user waits for."""

    def ranked(self, question: str, /) -> list[int]:
        """The texts found for a question, best first."""


class _Quoth(System):
    """Forced to answer, with a span, as Haystack is and as SQuAD has it."""

    distributions = ("quoth", "torch", "transformers")

    def __init__(self, encoder: str, reader: str) -> None:
        from embeddings.encoder import SentenceEncoder
        from qa.reader import SpanReader

        self._encoder, self._reader = SentenceEncoder(encoder), SpanReader(reader)

    def build(self, texts: Sequence[str]) -> None:
        from qa.session import Quoth

        self._folder = TemporaryDirectory(prefix="quoth-")
        corpus = Path(self._folder.name, "corpus.jsonl")
        rows = (json.dumps({"id": str(i), "text": text}) for i, text in enumerate(texts))
        corpus.write_text("\n".join(rows), encoding="utf-8")
        self._quoth = Quoth(
            corpus, index=Path(self._folder.name, "index"), encoder=self._encoder,
            reader=self._reader, passages=PASSAGES, threshold=0, forms=False,
        )  # fmt: skip

    def ask(self, question: str) -> tuple[str | None, int | None]:
        answer = self._quoth.answer(question)
        return answer.text, self._place(answer.citations[0].article.id) if answer.found else None

    def ranked(self, question: str) -> list[int]:
        found = self._quoth.retrieve(question)
        return list(dict.fromkeys(self._place(passage.article.id) for passage in found))

    @staticmethod
    def _place(article: str) -> int:
        return int(article.partition("#")[2])


class _Txtai(System):
    """An embeddings database and the extractive pipeline over it.

    That joins the best texts, by default three, and cuts them at the model's 512 word pieces: asked
    for more it reads little more. It gives no answer below a score of its own, and raises TypeError
    where the reader says that there is none.
    """

    distributions = ("txtai", "torch", "transformers")

    def __init__(self, encoder: str, reader: str) -> None:
        from txtai import Embeddings
        from txtai.pipeline import RAG

        self._embeddings = Embeddings(path=encoder, content=True)
        self._rag = RAG(self._embeddings, reader)

    def build(self, texts: Sequence[str]) -> None:
        self._embeddings.index(texts)

    def ask(self, question: str) -> tuple[str | None, int | None]:
        return self._rag(question)["answer"], None

    def ranked(self, question: str) -> list[int]:
        return [int(found["id"]) for found in self._embeddings.search(question, PASSAGES)]


class _Haystack(System):
    """A pipeline of embedder, retriever and extractive reader; its best answer that has words.

    The reader passes no token types on, so that BERT models are not read as they were trained: of
    150 questions of SQuAD 1.1 dev, each with its own paragraph, 60 % are exactly right; with token
    types 77 %.
    """

    distributions = (
        "haystack-ai", "transformers-haystack", "sentence-transformers-haystack", "torch", "transformers",
    )  # fmt: skip

    def __init__(self, encoder: str, reader: str) -> None:
        from haystack import Pipeline
        from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
        from haystack.document_stores.in_memory import InMemoryDocumentStore
        from haystack_integrations.components.embedders import sentence_transformers as embedders
        from haystack_integrations.components.readers import transformers as readers

        self._store = InMemoryDocumentStore()
        self._embedder = embedders.SentenceTransformersDocumentEmbedder(
            model=encoder, progress_bar=False
        )
        self._embedder.warm_up()
        asked = embedders.SentenceTransformersTextEmbedder(model=encoder, progress_bar=False)
        retriever = InMemoryEmbeddingRetriever(self._store, top_k=PASSAGES)
        self._pipeline = Pipeline()
        self._pipeline.add_component("embedder", asked)
        self._pipeline.add_component("retriever", retriever)
        self._pipeline.add_component("reader", readers.TransformersExtractiveReader(reader))
        self._pipeline.connect("embedder.embedding", "retriever.query_embedding")
        self._pipeline.connect("retriever.documents", "reader.documents")
        self._pipeline.warm_up()

    def build(self, texts: Sequence[str]) -> None:
        from haystack import Document

        documents = [Document(id=str(i), content=text) for i, text in enumerate(texts)]
        self._store.write_documents(self._embedder.run(documents)["documents"])

    def ask(self, question: str) -> tuple[str | None, int | None]:
        found = self._run(question)["reader"]["answers"]
        best = next((answer for answer in found if answer.data), None)
        return (best.data, int(best.document.id)) if best else (None, None)

    def ranked(self, question: str) -> list[int]:
        return [int(d.id) for d in self._run(question, {"retriever"})["retriever"]["documents"]]

    def _run(self, question: str, also: set[str] | None = None) -> dict[str, Any]:
        data = {"embedder": {"text": question}, "reader": {"query": question}}
        found: dict[str, Any] = self._pipeline.run(data, include_outputs_from=also)
        return found


class _LlamaIndex(System):
    """A vector index in memory; it has no extractive reader."""

    distributions = ("llama-index-core", "sentence-transformers", "torch", "transformers")
    reads = False

    def __init__(self, encoder: str, reader: str) -> None:
        from llama_index.core.embeddings import BaseEmbedding
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(encoder)

        class Encoder(BaseEmbedding):  # type: ignore[misc]
            def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
                found: list[list[float]] = model.encode(texts, show_progress_bar=False).tolist()
                return found

            def _get_text_embedding(self, text: str) -> list[float]:
                return self._get_text_embeddings([text])[0]

            _get_query_embedding = _get_text_embedding

            async def _aget_query_embedding(self, query: str) -> list[float]:
                return self._get_text_embedding(query)

        self._encoder = Encoder()

    def build(self, texts: Sequence[str]) -> None:
        from llama_index.core import Document, VectorStoreIndex

        documents = [Document(id_=str(i), text=text) for i, text in enumerate(texts)]
        index = VectorStoreIndex.from_documents(documents, embed_model=self._encoder)
        self._retriever = index.as_retriever(similarity_top_k=PASSAGES)

    def ask(self, question: str) -> tuple[str | None, int | None]:
        self._retriever.retrieve(question)
        return None, None

    def ranked(self, question: str) -> list[int]:
        found = self._retriever.retrieve(question)
        return list(dict.fromkeys(int(node.node.ref_doc_id) for node in found))


SYSTEMS: Mapping[str, Callable[[str, str], System]] = {
    "quoth": _Quoth,
    "txtai": _Txtai,
    "haystack": _Haystack,
    "llamaindex": _LlamaIndex,
}
"""By name, what loads a system with an encoder's and a reader's folder."""


def measured(system: Callable[[str, str], System], task: Task) -> Result:
    """A system at its task: models loaded, texts indexed, questions asked one after the other."""
    started = time.perf_counter()
    loaded = system(task["encoder"], task["reader"])
    load = time.perf_counter() - started
    started = time.perf_counter()
    loaded.build(task["texts"])
    build = time.perf_counter() - started
    asked = [_asked(loaded, question) for question in (*task["warm_up"], *task["questions"])]
    asked = asked[len(task["warm_up"]) :]
    peak = _peak_bytes()
    return Result(
        versions=dict(filter(None, map(_version, loaded.distributions))),
        load=load,
        build=build,
        ms=[ms for ms, _, _, _ in asked],
        answers=[text for _, text, _, _ in asked] if loaded.reads else None,
        cited=[cited for _, _, cited, _ in asked],
        ranked=[loaded.ranked(question) for question in task["questions"]],
        errors=[error for _, _, _, error in asked if error],
        peak_bytes=peak,
    )


def _asked(system: System, question: str) -> tuple[float, str | None, int | None, str]:
    """Milliseconds, the answer, what it cites, and the error if there was one instead."""
    started = time.perf_counter()
    text, cited, error = None, None, ""
    try:
        text, cited = system.ask(question)
    except Exception as failure:  # whatever a library raises is its answer
        error = f"{type(failure).__name__}: {failure}"
    return 1000 * (time.perf_counter() - started), text, cited, error


def _version(distribution: str) -> tuple[str, str] | None:
    try:
        return distribution, metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _peak_bytes() -> int:
    """The most memory this process has had resident. Where Linux tells, from there: what getrusage
    gives begins with that of the process it was started from."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    except OSError:
        found = None
    if found:
        return 1024 * int(found[1])
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    name, task_file, result_file = sys.argv[1:]
    try:
        outcome: Any = measured(SYSTEMS[name], json.loads(Path(task_file).read_text("utf-8")))
    except ModuleNotFoundError as missing:
        outcome = {"missing": str(missing)}
    Path(result_file).write_text(json.dumps(outcome), encoding="utf-8")
