# Aangan's commands. `make` alone lists them.

SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help setup setup-test run demo test firmware test-firmware chaos fuzz lint bench cad lock clean distclean

PY := .venv/bin/python
PORTS ?=
FRESH ?=
TESTS ?= tests
AT_ONCE ?= 2
MINUTES ?= 10

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 15

setup: ## install what is missing (PYTHON=/path/to/python3 chooses the Python)
	@bash provisioning/setup.sh run

setup-test:
	@bash provisioning/setup.sh test

run: ## start a throw-away district here (FRESH=1: anew; PORTS=kiosk=8081,server=8001)
	@began=$$(date +%s.%N) && bash provisioning/setup.sh run && \
	  exec $(PY) -m provisioning run --began $$began $(if $(PORTS),--ports $(PORTS)) $(if $(FRESH),--fresh)

demo: setup ## play a whole day through a fresh district and count what arrives
	@exec $(PY) -m provisioning demo

test: setup-test lint ## everything CI runs, two files at a time (TESTS=tests/unit: a part; AT_ONCE=0: one by one)
	@exec $(PY) -m pytest --numprocesses=$(AT_ONCE) --dist=loadfile --no-loadscope-reorder $(TESTS)

firmware: setup ## build var/firmware/aangan-scale.uf2, ready to copy onto a Pico (on Debian)
	@exec $(PY) -m hardware.firmware_build

test-firmware: setup-test ## boot that image in an emulated Pico and weigh with the kiosk's driver
	@test -f var/firmware/aangan-scale.uf2 || { echo 'no image yet: make firmware' >&2; exit 1; }
	@test -x var/firmware/venv/bin/pip || $(PY) -m venv var/firmware/venv
	@var/firmware/venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/firmware.txt
	@exec $(PY) -m pytest --timeout=600 tests/firmware/emulated_pico.py

chaos: setup-test ## kill kiosks, broker and server for ten minutes, then count (MINUTES=1: shorter)
	@exec $(PY) -m tests.chaos.run --minutes $(MINUTES)

fuzz: setup-test ## feed the decoders of the wire with what a fuzzer invents (MINUTES=1: shorter)
	@test -x var/fuzz/venv/bin/pip || $(PY) -m venv var/fuzz/venv
	@var/fuzz/venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/fuzz.txt
	@PYTHONPATH=. exec var/fuzz/venv/bin/python -m tests.fuzz.fuzz_frame -max_total_time=$$((60 * $(MINUTES)))

lint: setup-test ## ruff, basedpyright, import-linter, the phone app's types
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	.venv/bin/basedpyright
	.venv/bin/basedpyright -p edge/scale_firmware
	.venv/bin/lint-imports
	npm run --silent typecheck

bench: setup-test ## measure, print the tables, write var/bench.json
	@PYTHONPATH=. exec $(PY) tests/bench/run.py

cad: setup ## draw the wiring and build the cases anew, into hardware/ (needs Graphviz)
	@command -v dot >/dev/null || { echo "The wiring is drawn by Graphviz: install it first (apt install graphviz)."; exit 1; }
	@test -x var/cad/venv/bin/wireviz || { $(PY) -m venv var/cad/venv && \
	  var/cad/venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/cad.txt; }
	$(PY) -m hardware tables --write
	var/cad/venv/bin/wireviz -f sg hardware/wiring/scale.yml >/dev/null
	dot -Tpng -Gdpi=55 hardware/wiring/scale.gv -o hardware/wiring/scale.png && rm hardware/wiring/scale.gv
	PYTHONPATH=. var/cad/venv/bin/python -m hardware.enclosure.build
	$(PY) -m hardware.enclosure.picture

LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
  --no-emit-index-url --no-emit-find-links
lock: setup ## write requirements/ from pyproject.toml
	@test -x var/lock/bin/uv || { $(PY) -m venv var/lock && var/lock/bin/pip install --quiet uv; }
	@for extra in edge server provisioning dev; do \
	  echo requirements/$$extra.txt; \
	  var/lock/bin/$(LOCK) pyproject.toml --extra $$extra -o requirements/$$extra.txt || exit 1; \
	done
	@echo requirements/micropython-stubs.txt
	@var/lock/bin/$(LOCK) requirements/micropython-stubs.in -o requirements/micropython-stubs.txt
	@echo requirements/convert.txt # not --universal: what onnx2tf pins is there for Python 3.11 and 3.12 only
	@var/lock/bin/$(subst --universal ,,$(LOCK)) requirements/convert.in -o requirements/convert.txt
	@echo requirements/peers.txt
	@var/lock/bin/$(LOCK) requirements/peers.in -o requirements/peers.txt
	@echo requirements/firmware.txt
	@var/lock/bin/$(LOCK) requirements/firmware.in -o requirements/firmware.txt
	@echo requirements/fuzz.txt
	@var/lock/bin/$(LOCK) requirements/fuzz.in -c requirements/server.txt -o requirements/fuzz.txt
	@echo requirements/cad.txt
	@var/lock/bin/$(LOCK) requirements/cad.in -o requirements/cad.txt

clean: ## remove the demo districts and what the tools left; keep what was downloaded
	@rm -rf var/district var/demo var/bench.json .pytest_cache .ruff_cache .hypothesis .import_linter_cache .grimp_cache
	@find . -name __pycache__ -not -path './.venv/*' -not -path './node_modules/*' -prune -exec rm -rf {} +

distclean: clean ## remove what was installed as well
	@rm -rf .venv node_modules var edge/kiosk/static/built server/web/static/built
