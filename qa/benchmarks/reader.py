"""The reader's precisions side by side, and the same weights as transformers runs them in float32:
``python -m qa.benchmarks.reader FILE``.

Times are of one question read with eight passages, as for an answer, and are compared
within one run, the precisions taking turns: machines and their neighbours differ.
"""

import statistics
import time
from pathlib import Path
from typing import get_args

import click

from embeddings.loading import fast_dtype
from qa.console import progress_bar, reporting
from qa.datasets import QuestionSet, read_squad
from qa.evaluation import evaluate_reading
from qa.reader import WEIGHTS, Precision, SpanReader
from qa.session import PASSAGES


@click.command(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--reader", default=WEIGHTS, type=click.Path(path_type=Path))
@click.option("--rounds", default=30, help="Times that each precision reads the passages.")
@click.option("--limit", default=1000, help="Questions of the file that F1 is measured on.")
@click.option("--seed", default=0)
@reporting
def main(file: Path, reader: Path, rounds: int, limit: int, seed: int) -> None:
    """Compare the reader in float32 and bfloat16: time, and F1 on a SQuAD-format FILE."""
    data = read_squad(file)
    wanted = get_args(Precision)
    readers = {"transformers": _as_it_comes(reader)}
    readers |= {precision: SpanReader(reader, precision=precision) for precision in wanted}
    question, texts = _passages(data)
    times: dict[str, list[float]] = {precision: [] for precision in readers}
    with progress_bar("Timing") as progress:
        for done in range(rounds):
            for precision, one in readers.items():
                started = time.perf_counter()
                one.read([question] * len(texts), texts)
                times[precision].append(time.perf_counter() - started)
            if progress:
                progress(done + 1, rounds, "")
    plain = statistics.median(times["transformers"])
    click.echo(f"bfloat16 is {'native' if fast_dtype().itemsize == 2 else 'emulated'} on this CPU")
    click.echo(f"{'precision':<12} {'ms':>7} {'× plain':>10} {'best F1':>8} {'EM':>7}")
    for precision, one in readers.items():
        with progress_bar(precision) as progress:
            found = evaluate_reading(data, reader=one, limit=limit, seed=seed, progress=progress)
        median = statistics.median(times[precision])
        click.echo(
            f"{precision:<12} {1000 * median:>7.0f} {plain / median:>10.2f} "
            f"{found['best_f1']:>8.2f} {found['exact_match']:>7.2f}"
        )


def _as_it_comes(folder: Path) -> SpanReader:
    """The reader with its model untouched: float32, PyTorch's own attention, all texts padded."""
    from transformers import AutoModelForQuestionAnswering

    plain = SpanReader(folder, precision="float32")
    plain._model = AutoModelForQuestionAnswering.from_pretrained(folder, local_files_only=True)
    plain._model.eval()
    return plain


def _passages(data: QuestionSet, pieces: int = 180) -> tuple[str, list[str]]:
    """A question and eight paragraphs, those nearest to the length of a passage: about 180
    word pieces, at 4.6 letters each."""
    nearest = sorted(data.paragraphs, key=lambda p: abs(len(p.text) - 4.6 * pieces))
    return data.questions[0].text, [paragraph.text for paragraph in nearest[:PASSAGES]]


if __name__ == "__main__":
    main()
