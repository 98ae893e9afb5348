# make run    sets everything up, then serves the page on http://127.0.0.1:7860 (PORT=… for another)
# make test   sets everything up, then runs the tests
# make bench  measures an index of 1,000 and of 10,000 passages (ARGS="--passages 1000000 --stand-in" for others)
# make check  lint, format and types        make fix  mends lint and format

PYTHON ?= python3
PORT ?= 7860
ARGS ?=
BIN := .venv/bin

.PHONY: run test bench check fix clean browser
.DELETE_ON_ERROR:

run: .venv/run
	$(BIN)/python app.py --port $(PORT) $(ARGS)

test: .venv/dev browser
	$(BIN)/python -m pytest $(ARGS)

bench: .venv/bench
	$(BIN)/python -m qa.benchmarks.index --chart bench.png $(ARGS)

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fix: .venv/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Quoth needs Python 3.11 or newer, this is " + sys.version.split()[0] + "; name another with: make PYTHON=python3.11") if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv .venv

# The exact versions are those of constraints.txt.
.venv/run: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

.venv/dev: .venv/run
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

.venv/bench: .venv/run
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	touch $@

# The page's tests need a Chromium; where it cannot be installed they are skipped, and say so.
browser:
	@command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 && \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } || \
	  echo "no Chromium found: the page's tests will be skipped (on Debian: apt-get install chromium)"
