"""Faults at random moments: ``python -m qa.benchmarks.faults --times 12``.

Indexers are killed, disks fill up, files are damaged, several index at once, a disk becomes
read-only. After each fault a fresh process looks at the index, and another brings it up to
date: every article that was acknowledged has to be there, letter for letter, and to be found;
whatever could not be done has to be said in one line.
"""

import json
import os
import shutil
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from corpus.characters import printable
from embeddings.database import DATABASE
from qa.benchmarks.harm import DAMAGES, CannotTryError, allow_writing, damage, small_disk
from qa.benchmarks.measuring import machine
from qa.benchmarks.scene import Scene, Tally
from qa.benchmarks.struck import Child, looking
from qa.console import fail, reporting

__all__ = ["FAULTS", "run"]

_NOBODY = 65534
_SETTLING = 0.2  # seconds that it takes, about


# The faults. Each returns whether it struck in the midst of work.


def killed(scene: Scene, kind: str) -> bool:
    """kill -9, at any moment of an indexer's work."""
    transactions = scene.work(kind)
    child = scene.indexer()
    scene.moment(child, transactions)
    return _kill(scene, child)


def killed_settling(scene: Scene) -> bool:
    """kill -9 while what derives from the database is made, taken over, or grows."""
    scene.work(scene.rng.choice(["anew", "change", "little"]))
    child = scene.indexer()
    child.until("settling")
    time.sleep(scene.rng.uniform(0, _SETTLING))
    return _kill(scene, child)


def _kill(scene: Scene, child: Child) -> bool:
    child.kill()
    struck = child.end() < 0
    scene.acknowledged |= child.acknowledged
    scene.examine()
    return struck


def limited(scene: Scene) -> bool:
    """From a random moment on no file can grow beyond a random size."""
    import resource

    if not hasattr(resource, "prlimit"):
        raise CannotTryError("only Linux can limit another process")
    transactions = scene.work(scene.rng.choice(["anew", "change", "add", "forget"]))
    child = scene.indexer()
    scene.moment(child, transactions)
    size = scene.rng.randrange(500_000)
    struck = not child.ended
    if struck:
        resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    scene.note(child)
    scene.examine()
    return struck and bool(child.errors)


def full(scene: Scene) -> bool:
    """A disk fills up at a random moment, and stays full for a while."""
    before, disk = scene.index, scene.folder / "disk"
    with small_disk(disk):
        scene.index = disk / "index"
        if before.exists():
            shutil.copytree(before, scene.index)
        transactions = scene.work(scene.rng.choice(["anew", "change", "add", "forget"]))
        child = scene.indexer()
        scene.moment(child, transactions)
        struck = not child.ended
        with (disk / "filler").open("wb", buffering=0) as filler:
            while not child.ended:
                try:
                    while filler.write(bytes(4096)):
                        pass
                except OSError:
                    child.next(0.01)
            scene.note(child)
            scene.look()
        (disk / "filler").unlink()
        scene.examine()
        shutil.rmtree(before, ignore_errors=True)
        shutil.copytree(scene.index, before)
    scene.index = before
    return struck


def damaged(scene: Scene, pattern: str, opened: bool) -> bool:
    """A file is damaged at rest, or replaced by a damaged one under a process that has it open."""
    if not scene.acknowledged:
        scene.examine()
    reader = scene.child(looking, scene.index, None, 0) if opened else None
    if reader:
        scene.seen(reader, again=True)
    if pattern.endswith("-wal"):  # left by who was killed, or needed by who reads
        scene.work("change")
        child = scene.indexer()
        for _ in range(scene.rng.randint(2, scene.size // 13)):
            child.until("in")
        child.kill()
        child.end()
        scene.acknowledged |= child.acknowledged
    if not (files := sorted(scene.index.glob(pattern))):
        return False
    kind = scene.rng.choice(sorted({file.suffix for file in files}))
    file = scene.rng.choice([file for file in files if file.suffix == kind])
    how = DAMAGES[scene.tally.tried % len(DAMAGES)]
    damage(file, how, scene.rng)
    if reader:
        for again in (True, False):
            reader.answer(again=True)
            scene.seen(reader, again)
            scene.look()
    database = pattern.startswith(DATABASE)
    scene.examine(damaged=database, rotten=not database and how == "rotten")
    return True


def put_back(scene: Scene) -> bool:
    """An older copy of the database takes its place, as our own message advises."""
    if not scene.acknowledged:
        scene.examine()
    database, copy = scene.index / DATABASE, scene.folder / "copy"
    shutil.copy2(database, copy)
    for _ in range(scene.rng.randint(1, 3)):
        scene.work("little")
        scene.look(sync=True)
    copy.replace(database)
    scene.work("little")
    scene.examine(damaged=True)
    return True


def several(scene: Scene) -> bool:
    """Two or three index the same folder at once, and one of them may be killed."""
    transactions = scene.work(scene.rng.choice(["anew", "change", "add", "forget"]))
    children = [scene.indexer() for _ in range(scene.rng.choice([2, 3]))]
    scene.moment(children[0], transactions)
    alone = any(child.ended for child in children)
    scene.look()
    if scene.rng.random() < 0.5:
        children[0].kill()
    for child in children:
        scene.note(child)
    scene.examine()
    return not alone


def unwritable(scene: Scene, working: bool) -> bool:
    """A disk is read-only, or becomes so in the midst of work. What is there can be asked."""
    if not scene.acknowledged:
        scene.examine()
    uid, struck = _NOBODY if os.geteuid() == 0 else None, True  # nothing is read-only to root
    if not working:
        scene.look(sync=True)  # all that derives from the database is there
    else:
        for place in (scene.index, *scene.index.rglob("*")):
            os.chown(place, uid or -1, -1)
        transactions = scene.work(scene.rng.choice(["change", "add", "forget"]))
        child = scene.indexer(uid)
        scene.moment(child, transactions)
        struck = not child.ended
        allow_writing(scene.index, allowed=False)
        scene.note(child)
    allow_writing(scene.index, allowed=False)
    seen = scene.look(uid=uid)
    if not working:
        scene.tally.unmended += [error.text for error in seen.errors]
        scene.tally.unmended += seen.missed + seen.unsound
    if not scene.look(sync=True, uid=uid).errors:
        scene.tally.unmended.append("nobody said that the disk is read-only")
    allow_writing(scene.index, allowed=True)
    scene.examine()
    return struck


_FILES = {
    "database": DATABASE,
    "write-ahead log": f"{DATABASE}-wal",
    "dense index": "derived-*/dense.faiss",
    "lexical index": "derived-*/lexical/*",
    "stamp": "derived-*/stamp.json",
}
FAULTS: dict[str, Callable[[Scene], bool]] = {
    "kill -9, making an index": partial(killed, kind="anew"),
    "kill -9, adding": partial(killed, kind="add"),
    "kill -9, changing": partial(killed, kind="change"),
    "kill -9, forgetting": partial(killed, kind="forget"),
    "kill -9, settling": killed_settling,
    "disk full (limit on files)": limited,
    "disk full (tmpfs)": full,
    **{f"{file} damaged": partial(damaged, pattern=p, opened=False) for file, p in _FILES.items()},
    **{f"{file} damaged, open": partial(damaged, pattern=p, opened=True) for file, p in _FILES.items()},
    "older database put back": put_back,
    "several indexers at once": several,
    "read-only disk": partial(unwritable, working=False),
    "disk becomes read-only": partial(unwritable, working=True),
}  # fmt: skip


def run(scene: Scene, fault: Callable[[Scene], bool], times: int) -> Tally:
    """Have a fault strike so many times."""
    scene.tally = Tally()
    for _ in range(times):
        scene.reported = False
        scene.tally.struck += fault(scene)
        scene.tally.tried += 1
        scene.tally.reported += scene.reported
    return scene.tally


@click.command(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.option("--times", default=12, type=click.IntRange(1), help="Faults of each kind.")
@click.option(
    "--only",
    multiple=True,
    metavar="WORDS",
    help="Kinds whose name has these words; may be repeated.",
)
@click.option("--size", default=120, type=click.IntRange(60), help="Articles, about.")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--seed", default=0, help="Other articles, other moments.")
@reporting
def main(
    times: int,
    only: tuple[str, ...],
    size: int,
    folder: Path | None,
    json_file: Path | None,
    seed: int,
) -> None:
    """Try each kind of fault; exit status 1 if anything was lost, wrong, unclear or left unmended."""
    done: dict[str, Tally] = {}
    click.echo(
        f"{'':28} tried  struck  reported  lost  wrong texts  unclear messages  left unmended"
    )
    with nullcontext(str(folder)) if folder else TemporaryDirectory() as place:
        Path(place).mkdir(parents=True, exist_ok=True)
        Path(place).chmod(0o755)  # nobody looks in there, too
        scene = Scene(Path(place, "faults"), size, seed)
        for name, fault in FAULTS.items():
            if only and not any(words in name for words in only):
                continue
            try:
                found = done[name] = run(scene, fault, times)
            except CannotTryError as error:
                click.echo(f"{name:28} not tried: {error}")
                continue
            click.echo(
                f"{name:28} {found.tried:5} {found.struck:7} {found.reported:9} {len(found.lost):5} "
                f"{len(found.wrong):12} {len(found.unclear):17} {len(found.unmended):14}"
            )
            for kind, examples in found.bad().items():
                for example in examples[:5]:
                    click.echo(f"  {kind}: {printable(example)}", err=True)
    if json_file:
        told = {
            "machine": machine(),
            "faults": {name: asdict(found) for name, found in done.items()},
        }
        json_file.write_text(json.dumps(told, indent=1))
    click.echo(f"{sum(found.tried for found in done.values())} faults")
    if any(found.bad() for found in done.values()):
        fail("something was lost, wrong, unclear or left unmended")


if __name__ == "__main__":
    main()
