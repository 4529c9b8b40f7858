# Every target makes what it needs: `make train` on a fresh clone installs, finds MNIST and trains.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
TRAIN := .venv/.train
DEV := .venv/.dev
WEB := .venv/.web

# PyPI's torch for Linux brings CUDA's libraries, 2.7 GB to download. Where there is no NVIDIA
# driver, PyTorch's own build without them (0.2 GB) is taken instead, if it can be had.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
ifeq ($(shell uname -s),Linux)
ifeq ($(shell command -v nvidia-smi),)
SMALL_TORCH := yes
endif
endif

# MNIST that lies beside the checkout is used where it lies.
ifneq ($(wildcard ../shared/mnist/.),)
export TINYDIGITS_DATA ?= $(abspath ../shared/mnist)
endif

.PHONY: help train serve test test-all coverage lint api dist notebooks backprop bench trust trust-report reader-model finder handwriting clean
.DELETE_ON_ERROR:

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

train: $(TRAIN)  ## train the network on MNIST, about a minute; installs what that needs
	$(BIN)/tinydigits train --recipe fast

serve: $(WEB)  ## the page and the reader over HTTP, on this machine; installs no PyTorch
	$(BIN)/tinydigits serve

# A test process per core, each with one thread. One that is done takes tests from another, from the
# end of its list: tests of a file mostly stay together, as they share what is dear to make.
PYTEST = OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto

test: $(DEV)  ## prove all of it that takes minutes at most
	$(PYTEST) --dist worksteal

# What takes long or needs compilers, emulators and other browsers, which .ci/run installs and else
# are missed. A file's tests stay together: each process would start a Ray cluster of its own.
test-all: test  ## prove the rest, too
	$(PYTEST) --dist loadfile -m slow $$(grep -rl mark.slow tests | sort)

coverage: $(DEV)  ## count the lines that no test runs
	$(PYTEST) --dist worksteal --cov --cov-report=term --cov-fail-under=90

lint: $(DEV)  ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

api: $(DEV)  ## the API reference, from the docstrings, in out/api
	$(BIN)/python docs/api.py out/api

dist: $(DEV)  ## the wheel and the source distribution, checked, in dist/
	rm -rf dist
	$(BIN)/python -m build --no-isolation
	$(BIN)/twine check --strict dist/*

notebooks: $(DEV)  ## execute both notebooks in place
	$(BIN)/jupyter-execute --inplace notebooks/*.ipynb

backprop: $(DEV)  ## the worked example: workbook, pictures and notebook
	$(BIN)/tinydigits backprop --out out/backprop
	$(BIN)/jupyter-execute --inplace notebooks/S6_part1_back_propagation.ipynb

# Nothing else should run. What is kept already is not made again, so an interruption costs little.
# benchmarks/README.md says which script makes which table, and which need more than is here.
bench: RUNS := benchmarks/results/accuracy.jsonl
bench: SCRIPTS := seconds training inference engine metamorphic reading_speed damaged scale service microcontrollers int8
bench: $(DEV)  ## make the numbers of all tables; hours
	$(BIN)/tinydigits bench accuracy --recipe original --seeds 10 --results $(RUNS)
	$(BIN)/tinydigits bench accuracy --recipe fast --seeds 10 --results $(RUNS)
	$(BIN)/tinydigits bench accuracy --recipe best --seeds 10 --results $(RUNS) --keep out/best
	for script in $(SCRIPTS); do $(BIN)/python benchmarks/$$script.py || exit 1; done
	$(BIN)/python benchmarks/service.py --load
	$(BIN)/python benchmarks/reading.py $(if $(HANDWRITING),--handwriting $(HANDWRITING))
	$(if $(HANDWRITING),$(BIN)/python benchmarks/canvas.py --handwriting $(HANDWRITING))
	$(if $(RAPIDOCR),$(BIN)/python benchmarks/others.py --rapidocr $(RAPIDOCR) $(if $(HANDWRITING),--handwriting $(HANDWRITING)) $(if $(REAL),--real $(REAL)))
	$(if $(REAL),$(BIN)/python benchmarks/real.py $(REAL))
	$(BIN)/python benchmarks/tables.py

# Reports on the shipped weights, on `best`, and on runs of `fast` and `original` made for it. What was
# made before is found again, so an interruption costs little. FONTS=DIR adds fonts; the example in
# docs/ has Debian's fonts-liberation. Without REAL=DIR it says nothing of real pictures.
trust trust-report: JUDGE = $(BIN)/tinydigits trust --data mnist --folds out/trust/folds \
	--handwriting "$(HANDWRITING)" $(if $(FONTS),--fonts "$(FONTS)")
trust: SEEDS := --seeds benchmarks/results/accuracy.jsonl
trust: trust-report  ## reports on the shipped weights and other models: docs/trust, MODEL_CARD.md; HANDWRITING=DIR
	for recipe in fast original; do \
		if test -e out/trust/$$recipe; then $(BIN)/tinydigits train --resume out/trust/$$recipe; \
		else $(BIN)/tinydigits train --data mnist --recipe $$recipe --out out/trust/$$recipe; fi || exit 1; \
	done
	$(JUDGE) --quick weights/best.safetensors --out out/trust/reports/best
	for recipe in fast original; do \
		$(JUDGE) --quick out/trust/$$recipe $(SEEDS) --out out/trust/reports/$$recipe || exit 1; \
	done
	mkdir -p benchmarks/results/trust
	for name in best fast original; do \
		cp out/trust/reports/$$name/report.json benchmarks/results/trust/$$name.json; \
	done
	$(BIN)/python benchmarks/tables.py

trust-report: handwriting $(DEV)  ## the report on the shipped weights alone; HANDWRITING=DIR, REAL=DIR
	$(if $(REAL),$(BIN)/python benchmarks/real.py $(REAL))
	$(JUDGE) weights/reader.safetensors --out docs/trust --card MODEL_CARD.md \
		$(if $(REAL),--real "$(REAL)" --real-sets benchmarks/results/real_sets.json) \
		--temperature $$($(BIN)/python -c "import tinydigits; print(tinydigits.Reader().session.temperature)")
	$(BIN)/python benchmarks/tables.py

reader-model: handwriting $(DEV)  ## the reader's own weights and digits.onnx; HANDWRITING=DIR has the digits
	$(BIN)/python weights/make.py --handwriting "$(HANDWRITING)"
	$(BIN)/python benchmarks/gallery.py

# What was trained is found again, so an interruption costs three minutes, or the calibration, which
# takes a few. The network that comes out is out/finder/finder.onnx.
finder: WRITERS = $(if $(HANDWRITING),--handwriting "$(HANDWRITING)")
finder: export PYTHONPATH = .:weights
finder: $(DEV)  ## train and calibrate the finder of digits, hours; goes on where it stopped; HANDWRITING=DIR adds digits
	$(BIN)/python weights/finder/train.py --out out/finder $(WRITERS)
	$(BIN)/python weights/finder/calibrate.py out/finder/finder.onnx $(WRITERS)

handwriting:
	@test -n "$(HANDWRITING)" || { echo "this needs HANDWRITING=DIR, the folder that holds pendigits-orig.tra.gz, usps-zip.train.gz and optdigits-orig.tra.gz"; exit 1; }

clean:  ## remove what make and the tools have made, runs/ aside
	rm -rf .venv .venv-* out dist .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find src tests benchmarks -name __pycache__ -prune -exec rm -rf {} +

$(TRAIN): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tinydigits needs Python 3.11 or newer; set PYTHON=python3.11, say.")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(if $(SMALL_TORCH),$(PIP) --no-deps --retries 0 --index-url $(TORCH_INDEX) $(shell grep ^torch== requirements.txt) 2>/dev/null || true)
	$(PIP) -r requirements.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

$(DEV): $(TRAIN) requirements-dev.txt
	$(PIP) -r requirements-dev.txt
	touch $@

$(WEB): requirements.txt requirements-dev.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	grep -h == requirements.txt requirements-dev.txt > .venv/pins.txt
	$(PIP) --constraint .venv/pins.txt --editable '.[web]'
	touch $@
