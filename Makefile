# Dog n Bone: `make run` ends with a phone, `make test` with a green run. Both start from a bare clone
# on a machine with Python 3.11 or newer, Node with npm, and make.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The first of these that runs and is new enough; `make PYTHON=/path/to/python3 run` names another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; \
	done)
IN_VENV := .venv/bin/python
PIP_INSTALL := $(IN_VENV) -m pip install --quiet --quiet --disable-pip-version-check --require-hashes
SDK := node_modules/.installed
export PYTHONUNBUFFERED := 1

.PHONY: help run credentials test lint fix bench assets lock clean

help:
	@echo "make run     the phone at http://localhost:8000, with a fake Twilio beside it (PORT= moves it)"
	@echo "make credentials  what to type on its connect page: sets that work, and one for each failure"
	@echo "make test    every check and every test"
	@echo "make lint    formats, rules and types, without the tests"
	@echo "make fix     formats the code and mends what the linter can mend"
	@echo "make bench   benchmarks, each figure beside a peer or a limit from the same run"
	@echo "make assets  the static files of a production install, under hashed names"
	@echo "make lock    writes requirements*.txt anew from requirements*.in"
	@echo "make clean   removes what make installed and made, the demo's database included"

run: .venv/demo.installed $(SDK)
	@exec $(IN_VENV) -m demo

# Needs Python and nothing installed.
credentials:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found."; exit 1; }
	@exec $(PYTHON) -m demo.credentials

test: .venv/dev.installed $(SDK)
	@exec $(IN_VENV) -m tests.run

lint: .venv/dev.installed $(SDK)
	@exec $(IN_VENV) -m tests.run --checks-only

fix: .venv/dev.installed
	$(IN_VENV) -m ruff check --fix .
	$(IN_VENV) -m ruff format .

bench: .venv/dev.installed $(SDK)
	@exec $(IN_VENV) -m bench

assets: .venv/runtime.installed $(SDK)
	$(IN_VENV) manage.py collectstatic --noinput

lock: .venv/uv.installed
	for name in requirements requirements-demo requirements-dev; do \
		.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
			--no-emit-index-url --no-emit-find-links $$name.in --output-file $$name.txt || exit 1; \
	done

clean:
	rm -rf .venv node_modules var staticfiles .mypy_cache .ruff_cache

# Installing. A stamp is newer than the list it was installed from; a wider list covers the narrower.

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found."; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "No virtual environment could be made. On Debian or Ubuntu: apt install python3-venv"; exit 1; }

.venv/runtime.installed: requirements.txt | .venv/bin/python
	@echo "Installing the Python packages of the product …"
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

.venv/demo.installed: requirements-demo.txt | .venv/bin/python
	@echo "Installing the Python packages of the product and the demo …"
	@$(PIP_INSTALL) -r requirements-demo.txt
	@touch $@ .venv/runtime.installed

.venv/dev.installed: requirements-dev.txt | .venv/bin/python
	@echo "Installing the Python packages of the product, the demo and the tests …"
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@ .venv/demo.installed .venv/runtime.installed

.venv/uv.installed: | .venv/bin/python
	@$(IN_VENV) -m pip install --quiet --quiet --disable-pip-version-check uv
	@touch $@

$(SDK): package.json package-lock.json .npmrc
	@command -v npm >/dev/null || { echo "Node with npm is needed: Twilio's browser SDK comes from there."; exit 1; }
	@echo "Installing Twilio's browser SDK …"
	@npm ci --silent --no-progress
	@touch $@
