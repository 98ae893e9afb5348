"""An indexer killed at any moment leaves an index that opens, with every finished article."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from embeddings.index import Index
from tests.fakes import FakeEncoder

INDEXER = """
import sys
from embeddings import index, syncing
from embeddings.store import Store
from tests.fakes import FakeEncoder

put = Store.put

def told(self, entries, files=()):
    put(self, entries, files)
    for entry in entries:
        print(entry.article.id, flush=True)

Store.put = told
syncing.BATCH = 8
index.Index(sys.argv[1], FakeEncoder()).sync(sys.argv[2])
print("done", flush=True)
"""


def test_sigkill_at_twenty_random_moments(tmp_path: Path) -> None:
    """Each run is killed somewhere, the next goes on; nothing that was finished is missing."""
    corpus, folder = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    for n in range(600):
        text = " ".join(
            f"Sentence {s} of article {n} has quite a few words in it." for s in range(12)
        )
        (corpus / f"{n:03}.txt").write_text(f"Article number {n}\n\n{text}")
    root = Path(__file__).parent.parent
    rng = random.Random(7)
    finished: set[str] = set()
    told: set[str] = set()
    kills = 0
    for _ in range(20):
        command = [sys.executable, "-c", INDEXER, str(folder), str(corpus)]
        with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            # In the midst of its work: after some articles, then a moment longer.
            lines = [process.stdout.readline() for _ in range(rng.randint(1, 25))]
            time.sleep(rng.uniform(0, 0.01))
            process.send_signal(signal.SIGKILL)
            lines += process.stdout.readlines()
            kills += process.wait() == -signal.SIGKILL
        finished |= {line.strip() for line in lines if line.endswith(".txt\n")}
        index = Index(folder, FakeEncoder())
        assert finished <= {a.id for a in index.store.articles()}
        assert index.store.complaints() == []
        if "done\n" in lines:  # all was indexed: begin anew with other articles
            for file in corpus.iterdir():
                file.write_text(file.read_text() + " One more sentence.")
            finished = set()
        (vector,) = index.encoder.encode(["article 1"], "question")
        assert len(index.dense(vector, 3)) == 3
        told |= finished
    assert kills > 0
    assert len(told) > 100
    assert Index(folder, FakeEncoder()).sync(corpus).problems == ()
    assert Index(folder, FakeEncoder()).store.counts()[0] == 600
