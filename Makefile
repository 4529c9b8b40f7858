# Every target makes what it needs: `make train` on a fresh clone installs, finds MNIST and trains.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

# MNIST that lies beside the checkout is used where it lies.
ifneq ($(wildcard ../shared/mnist/.),)
export TINYDIGITS_DATA ?= $(abspath ../shared/mnist)
endif

.PHONY: train test backprop bench reader-model lint notebooks clean
.DELETE_ON_ERROR:

train: $(READY)
	$(BIN)/tinydigits train --recipe fast

# A test process per core, each with one thread.
test: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --cov --cov-report=term --cov-fail-under=90

backprop: $(READY)
	$(BIN)/tinydigits backprop --out out/backprop
	$(BIN)/jupyter-execute --inplace notebooks/S6_part1_back_propagation.ipynb

# Accuracy over seeds (resumed if interrupted), the seconds to 99.48 %, speed against the original's
# way, the engine against PyTorch, the reader on pictures. Hours; nothing else should run.
bench: $(READY)
	$(BIN)/tinydigits bench accuracy --recipe original --seeds 10
	$(BIN)/tinydigits bench accuracy --recipe fast --seeds 10
	$(BIN)/tinydigits bench accuracy --recipe best --seeds 10 --keep out/best
	$(BIN)/tinydigits bench speed
	$(BIN)/python benchmarks/speed.py
	$(BIN)/python benchmarks/engine.py
	$(BIN)/python benchmarks/reading.py $(if $(HANDWRITING),--handwriting $(HANDWRITING))
	$(BIN)/python benchmarks/tables.py

# The reader's digits.onnx from weights/best.safetensors, calibrated.
reader-model: $(READY)
	$(BIN)/python benchmarks/reader_model.py

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

notebooks: $(READY)
	$(BIN)/python -m nbclient.cli --help >/dev/null
	$(BIN)/jupyter-execute --inplace notebooks/*.ipynb

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tinydigits needs Python 3.11 or newer; set PYTHON=python3.11, say.")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

clean:
	rm -rf .venv out dist .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find src tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
