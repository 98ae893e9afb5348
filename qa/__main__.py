"""``python -m qa`` is ``quoth``."""

from qa.cli import main

if __name__ == "__main__":
    main(prog_name="quoth")
