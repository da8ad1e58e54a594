# Dog n Bone: `make run` ends with a phone, `make test` with a green run. Both start from a bare clone
# on a machine with Python 3.11 or newer, Node with npm, and make.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The first of these that runs and is new enough; `make PYTHON=/path/to/python3 run` names another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; \
	done)
IN_VENV := .venv/bin/python
SDK := node_modules/.installed
export PYTHONUNBUFFERED := 1

.PHONY: help run credentials test lint fix bench soak fuzz assets messages lock clean

help:
	@echo "make run     the phone at http://localhost:8000, with a fake Twilio beside it (PORT= moves it)"
	@echo "make credentials  what to type on its connect page: sets that work, and one for each failure"
	@echo "make test    every check and every test"
	@echo "make lint    formats, rules and types, without the tests"
	@echo "make fix     formats the code and mends what the linter can mend"
	@echo "make bench   benchmarks, each figure beside a peer or a limit from the same run"
	@echo "make soak    faults under load, and what they cost: nothing may be lost (FAULTS=, 200 if not said; SEED= for the same again)"
	@echo "make fuzz    bad input for every place that takes any (INPUTS=, 20,000 if not said; SEED= for the same again)"
	@echo "make assets  the static files of a production install, under hashed names"
	@echo "make messages  brings the catalogues of other languages into step with the texts (GNU gettext)"
	@echo "make lock    writes requirements*.txt anew from requirements*.in"
	@echo "make clean   removes what make installed and made, the demo's database included"

run: .venv/demo.installed $(SDK)
	@exec $(IN_VENV) -m demo

# Needs Python and nothing installed.
credentials:
	@python="$(PYTHON)"; test -n "$$python" || { sh tools/machine.sh "" $(NODE); exit 1; }; exec $$python -m demo.credentials

test: .venv/dev.installed $(SDK)
	@exec $(IN_VENV) -m tests.run

lint: .venv/dev.installed $(SDK)
	@exec $(IN_VENV) -m tests.run --checks-only

fix: .venv/dev.installed
	$(IN_VENV) -m ruff check --fix .
	$(IN_VENV) -m ruff format .

bench: .venv/dev.installed $(SDK)
	@exec $(IN_VENV) -m bench

soak: .venv/dev.installed $(SDK)
	@exec $(IN_VENV) -m soak $(if $(FAULTS),--faults $(FAULTS)) $(if $(SEED),--seed $(SEED))

fuzz: .venv/dev.installed $(SDK)
	@exec $(IN_VENV) -m fuzz $(if $(INPUTS),--inputs $(INPUTS)) $(if $(SEED),--seed $(SEED))

assets: .venv/runtime.installed $(SDK)
	$(IN_VENV) manage.py collectstatic --noinput

messages: .venv/dev.installed
	@exec $(IN_VENV) -m tools.messages

lock: .venv/uv.installed
	for name in requirements requirements-demo requirements-dev; do \
		.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
			--no-emit-index-url --no-emit-find-links $$name.in --output-file $$name.txt || exit 1; \
	done

clean:
	rm -rf .venv node_modules var staticfiles .mypy_cache .ruff_cache

# Installing. A stamp is newer than the list it was installed from; a wider list covers the narrower.
# What must be there already is looked for before anything is made.

NODE := 18
INSTALL = @python="$(PYTHON)"; sh tools/machine.sh "$$python" $(NODE) && exec $$python -m tools.install

.venv/runtime.installed: requirements.txt
	$(INSTALL) runtime

.venv/demo.installed: requirements-demo.txt
	$(INSTALL) demo

# The tests of the browser's modules need a newer one.
.venv/dev.installed: NODE := 20
.venv/dev.installed: requirements-dev.txt
	$(INSTALL) dev

.venv/uv.installed:
	$(INSTALL) uv

# After the Python packages, because one cannot see the other's words.
$(SDK): package.json package-lock.json .npmrc
	$(INSTALL) npm

.NOTPARALLEL:
