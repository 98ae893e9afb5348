"""Train the reader: a span head on a small encoder, on SQuAD-format files.

``python -m qa.training --help`` prints the options. Training goes on from its last
checkpoint when it is started again with the same folder; what was trained, on what and
how, is written beside the weights as ``training.json``.
"""

import hashlib
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from qa.console import reporting
from qa.examples import asked_again, read_squad, titled, with_retrieved_negatives
from qa.swapping import with_swapped_words
from qa.trainer import STEADY, Trainer
from qa.twinning import with_what_the_twin_says


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
    "inits",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Start from this reader instead of the packaged encoder; from the mean of several; or, where "
    "it is the --out of another run, from where its rate had not yet begun to fall.",
)
@click.option(
    "--layers", type=click.IntRange(1), help="Grow the start to so many layers, by doubling some."
)
@click.option(
    "--teacher",
    "teachers",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of a trained reader to learn from, beside the labels; may be given several times.",
)
@click.option(
    "--firm",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Another file, whose labels alone count: no teacher is asked, no text is retrieved for it.",
)
@click.option("--firm-times", default=1, help="How often the --firm files are taken in.")
@click.option(
    "--twins",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of --firm in which two texts that follow each other are asked the same: each is also asked with "
    "the other's sentence behind the question, its answer left out.",
)
@click.option(
    "--asked",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Further questions on the texts of FILES, as qa/lessons/wikipedia-train.jsonl; taken in like --firm.",
)
@click.option("--steps", default=6600, help="Steps of the optimizer.")
@click.option("--tokens", default=4096, help="Tokens in a batch, padding included.")
@click.option("--length", default=320, help="Word pieces of question and text together.")
@click.option("--rate", default=3e-4, help="Highest learning rate, that of the top layer.")
@click.option("--layer-decay", default=0.85, help="Rate of each layer against the one above it.")
@click.option("--warmup", default=300, help="Steps until the highest rate.")
@click.option(
    "--fade", default=0.35, help="Share of the steps, the last, in which the rate falls to 0."
)
@click.option(
    "--negatives",
    default=0.25,
    help="Share of answerable questions that also come with a retrieved text that does not answer them.",
)
@click.option(
    "--swaps",
    default=0.0,
    help="Share of answerable questions that also come with a word changed, so that their text does not answer them.",
)
@click.option("--titles", default=0.1, help="Share of texts with the article's title in front.")
@click.option(
    "--average", default=0.999, help="Decay of the moving average of the weights that is saved."
)
@click.option(
    "--dropout",
    default=0.0,
    help="Share of the hidden units left out at a time. In one or two passes a small model does not overfit; "
    "in more it learns by heart.",
)
@click.option("--seed", default=0)
@reporting
def main(
    files: tuple[Path, ...],
    out: Path,
    inits: tuple[Path, ...],
    teachers: tuple[Path, ...],
    firm: tuple[Path, ...],
    twins: tuple[Path, ...],
    asked: tuple[Path, ...],
    steps: int,
    **options: Any,
) -> None:
    """Train a reader on SQuAD-format FILES.

    Started again with the same --out it goes on where it stood; with another number of
    --steps, from where the rate had not yet begun to fall.

    The weights that come with Quoth are made in nine runs, some eleven hours of two CPU cores, and three means:

    \b
    A="squad2-train.json qed-train.json tydiqa-en-train.json"
    B="$A tydiqa-en-train.json tydiqa-en-train.json"
    python -m qa.training $A --out runs/six
    python -m qa.training $B --init runs/six --layers 7 --seed 1 --steps 6000 --out runs/seven
    python -m qa.training $B --init runs/six --layers 7 --seed 1 --steps 7700 --out runs/longer
    python -m qa.training $B --init runs/seven/weights --init runs/longer/weights \\
        --teacher runs/six/weights --teacher runs/seven/weights --teacher runs/longer/weights \\
        --rate 1.2e-4 --warmup 100 --fade 0.8 --seed 2 --steps 1720 --out runs/taught
    K="--init runs/taught/weights"
    L="--firm qa/lessons/news-train.json --firm qa/lessons/encyclopedia-train.json"
    python -m qa.training $B $K --teacher runs/taught/weights $L --firm-times 10 \\
        --rate 1.2e-4 --warmup 100 --fade 0.8 --seed 3 --steps 2400 --out runs/lessons
    T="--firm qa/lessons/twins-train.json"
    python -m qa.training $B --init runs/lessons/weights --teacher runs/taught/weights \\
        $L $T $T $T $T --firm-times 10 \\
        --rate 1e-4 --warmup 50 --fade 0.9 --seed 4 --steps 700 --out runs/twins
    I="--init runs/twins/weights"
    python -m qa.training qa/lessons/twins-dev.json $I $I $I $K $K --steps 0 --out runs/mean
    M="--init runs/mean/weights"
    python -m qa.training $B $M --teacher runs/mean/weights $L $T --firm-times 3 --swaps 1 \\
        --rate 1.2e-4 --warmup 100 --fade 0.8 --seed 5 --steps 2400 --out runs/swaps
    S="--init runs/swaps/weights"
    python -m qa.training qa/lessons/twins-dev.json $M $M $S --steps 0 --out runs/third
    Q="--teacher runs/taught/weights --teacher runs/swaps/weights --swaps 0.5 --dropout 0.1"
    python -m qa.training $B --init runs/third/weights $Q $L $T --firm-times 3 \\
        --warmup 200 --fade 0 --seed 7 --steps 1934 --out runs/branch
    N="--firm qa/lessons/articles-train.json --firm qa/lessons/pairs-train.json"
    P="--twins qa/lessons/pairs-train.json"
    python -m qa.training $B --init runs/branch $Q $L $T --twins qa/lessons/twins-train.json \\
        $N $N $P $P --firm-times 3 --warmup 50 --fade 0.95 --seed 8 --steps 1500 --out runs/fall
    F="--init runs/fall/weights"
    I="--init runs/third/weights"
    python -m qa.training qa/lessons/twins-dev.json $I $I $I $F $F --steps 0 --out runs/last
    python -m qa.calibration squad1-dev.json qed-dev.json tydiqa-en-dev.json \\
        --without squad2-dev.json --limit 700 --weights runs/last/weights
    cp runs/last/weights/* qa/weights/ && cp runs/fall/weights/training.json qa/weights/
    """
    recipe = {
        **options,
        "init": [_weights_hash(folder) for folder in inits] or "packaged encoder",
        "teachers": [_weights_hash(folder) for folder in teachers],
        "data": [[file.name, _hash(file)] for file in files],
        "firm": [[file.name, _hash(file)] for file in firm],
        "twins": [[file.name, _hash(file)] for file in twins],
        "asked": [[file.name, _hash(file)] for file in asked],
    }
    out.mkdir(parents=True, exist_ok=True)
    rng = random.Random(options["seed"])
    examples = [example for file in files for example in read_squad(file)]
    own = [example for file in asked for example in asked_again(file, examples)]
    examples = with_retrieved_negatives(examples, options["negatives"], rng)
    if options["swaps"]:
        examples = with_swapped_words(examples, options["swaps"], rng)
    own += [replace(example, taught=False) for file in firm for example in read_squad(file)]
    for file in twins:
        own += with_what_the_twin_says(list(read_squad(file)), rng)
    examples += own * options["firm_times"]
    examples = list(titled(examples, options["titles"], rng))
    unanswerable = sum(not example.answerable for example in examples)
    if not examples:
        raise click.ClickException("no examples to train on in these files")
    click.echo(f"{len(examples)} examples, {unanswerable} of them without an answer")
    Trainer(inits, out, steps, recipe, teachers).run(examples)


def _weights_hash(folder: Path) -> str:
    for name in (STEADY, "model.safetensors"):
        if (folder / name).is_file():
            return _hash(folder / name)
    raise click.ClickException(
        f"{folder}: holds no model.safetensors; expected the folder of a trained reader"
    )


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
