# The pipeline, in order; `make` alone lists it. Every target is a call of `python -m PACKAGE`.
PY := .venv/bin/python
# What the tests import is compiled once, also where that is switched off, not in each of their processes.
PYTEST = env -u PYTHONDONTWRITEBYTECODE $(PY) -m pytest

# What each target takes on its command line. Other names are refused: make would ignore them.
check.takes := DATA
train.takes := DATA ARGS
export.takes := ARGS
faces.takes := DATA VOTES SIZES ARGS
classify.takes := FILES MODEL ARGS
webcam.takes := SOURCE MODEL ARGS
wheel.takes := MODEL
bundle.takes := PI MODEL
site.takes := MODEL
bench.takes := ARGS
test.takes := ARGS
test-long.takes := ARGS
test-pi.takes := ARGS PROOF_BUDGET_S
test-camera.takes := ARGS PROOF_BUDGET_S
test-quota.takes := ARGS
test-data.takes := ARGS
test-bundle.takes := ARGS
test-browser.takes := ARGS
test-hosts.takes := ARGS PROOF_BUDGET_S
lock.takes := ARGS
goals := $(or $(MAKECMDGOALS),help)
taken := $(sort $(foreach goal,$(goals),$($(goal).takes)))
given := $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name)))
refused := $(firstword $(filter-out PY PYTHON $(taken),$(given)))
$(if $(refused),$(error make $(goals) does not take $(refused): it takes $(or $(taken),no variables)))

.PHONY: help demo check train export faces classify webcam cameras doctor wheel bundle site bench test test-long test-pi test-camera test-quota test-data test-bundle test-browser test-hosts audit lint docs lock clean distclean device environment dev files

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# So few images are held out that each is two points of recall: hence --allow-drop.
demo: environment ## all of it on drawn faces: draw, train, export, answer (about 2 minutes when idle)
	$(PY) -m data draw data/drawn
	$(PY) -m train --data data/drawn --name demo --overwrite
	$(PY) -m export demo --answers --allow-drop

check: environment ## look through your images before training: make check [DATA=folder]
	$(PY) -m data check $(if $(DATA),"$(DATA)")

train: environment ## train on your images: make train [DATA=folder] [ARGS="--epochs 20"]
	$(PY) -m train $(if $(DATA),--data "$(DATA)") $(ARGS)

export: environment ## make the device's model.tflite of a trained run: make export [ARGS=run]
	$(PY) -m export $(ARGS)

# An interrupted one goes on where it was. The medium size is the shipped model, faces.
comma := ,
sizes := $(subst faces-medium,faces,$(addprefix faces-,$(subst $(comma), ,$(or $(SIZES),medium))))
# ARGS="--cluster tcp://host:8786" trains on the workers of a Dask cluster, see docs/cluster.md; with
# --seeds, runs are there to choose from: none is exported or shipped.
chosen = $(if $(findstring --seeds,$(ARGS)),,$(1))
faces: environment ## rebuild the shipped model: make faces DATA=fer2013.csv [VOTES=fer2013new.csv SIZES=small,medium]
	@$(if $(filter-out faces-small faces faces-large,$(sizes)),echo 'SIZES are one or more of small$(comma)medium$(comma)large' >&2; exit 2)
	@$(if $(DATA),:,echo 'Which data? make faces DATA=fer2013.csv (see docs/training.md)' >&2; exit 2)
	$(PY) -m data import-fer2013 $(DATA) --out data/fer2013 --overwrite \
	    $(if $(VOTES),--votes "$(VOTES)")
	$(if $(ARGS),$(PY) -m train.side_by_side $(ARGS) --data data/fer2013 $(sizes))
	$(foreach name,$(call chosen,$(sizes)),$(call made_of_fer2013,$(name)))
	$(if $(call chosen,$(filter faces,$(sizes))),$(PY) -m export.measure.ship runs/faces)
	$(if $(call chosen,$(word 2,$(sizes))),$(PY) -m bench.sizes $(addprefix runs/,$(sizes)))

define made_of_fer2013
$(if $(ARGS),,$(PY) -m train $(if $(wildcard runs/$(1)/checkpoint/state.json),--resume --name $(1),\
    --model $(1) --data data/fer2013 --name $(1) --overwrite))
$(PY) -m export $(1)

endef

classify: files device ## happy or sad: make classify FILES="a.jpg 'b c.png'" [ARGS=--json]
	$(PY) -m edge classify $(if $(MODEL),--model "$(MODEL)") $(ARGS) $(FILES)

# exec: a make that is ended ends it too.
webcam: device ## watch a camera, video or stream: make webcam [SOURCE=0] [ARGS="--web 8080"]
	@exec $(PY) -m edge webcam $(if $(SOURCE),"$(SOURCE)") $(if $(MODEL),--model "$(MODEL)") $(ARGS)

cameras: device ## the cameras of this machine, and what to call them
	@$(PY) -m edge cameras

doctor: device ## what this machine has for it, and what is missing
	@$(PY) -m edge doctor

wheel: device ## the wheel that a device installs: make wheel [MODEL=model.tflite]
	$(PY) -m pi wheel $(if $(MODEL),--model "$(MODEL)")

bundle: environment ## all that a Pi needs, without network: make bundle [PI=bookworm]
	$(PY) -m pi bundle $(or $(PI),trixie) $(if $(MODEL),--model "$(MODEL)")

# npm fetches LiteRT.js, which runs the model there.
site: device ## the page that answers in the visitor's own browser, in build/browser [MODEL=model.tflite]
	$(PY) -m browser $(if $(MODEL),--model "$(MODEL)")

bench: dev ## measure this machine, and what people would use instead [ARGS=--others]
	@$(PY) -m bench $(ARGS)

test: dev ## run the tests, three at a time: make test [ARGS="-k webcam"]
	$(PYTEST) -n 3 --dist worksteal -m "not long" $(ARGS)

test-long: dev ## run the tests that take long, alone or with their like
	$(PYTEST) -n 2 --dist worksteal -m long $(ARGS)

# Both need root and apt. Each takes PROOF_BUDGET_S seconds at most (660); what does not fit in is
# skipped, the essential part comes first: PROOF_BUDGET_S=3600 make test-camera
test-pi: dev ## install and run on emulated 64-bit ARM, Bookworm and Trixie
	$(PYTEST) tests/proofs/pi $(ARGS)

test-camera: dev ## run on a real video device and systemd, in a virtual machine
	$(PYTEST) tests/proofs/camera $(ARGS)

test-quota: dev ## run live on a tenth of a core (needs root and cgroups)
	$(PYTEST) tests/proofs/quota $(ARGS)

test-data: dev ## look at published images and odd files, where they are
	$(PYTEST) tests/proofs/data $(ARGS)

test-bundle: dev ## install, upgrade, break and remove a bundle on this machine
	$(PYTEST) tests/proofs/bundle $(ARGS)

test-browser: dev ## the same 200 pictures through the page and through the device's own code
	$(PYTEST) tests/proofs/browser -s $(ARGS)

test-hosts: dev ## train on two hosts, classify on two workers, kill one (root: in network namespaces)
	$(PYTEST) tests/proofs/hosts $(ARGS)

audit: dev ## known holes in the pinned packages, as pip-audit knows them; needs the network
	$(PY) -m uv tool run --from 'pip-audit>=2.9,<3' pip-audit --require-hashes --disable-pip \
	    -r requirements/train.txt

lint: dev ## ruff and mypy
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

docs: dev ## build docs/ as a site in build/site, strict about broken links, with the page of make site
	$(PY) -m zensical build --strict
	$(PY) -m browser --out build/site/try

# Universal, with hashes, for Python 3.10 to 3.13. What is pinned stays, unless ARGS=--upgrade.
LOCK := $(PY) -m uv pip compile --quiet --universal --python-version 3.10 --generate-hashes \
    --no-emit-index-url --annotation-style line --custom-compile-command "make lock"
EXTRAS := --extra heic --extra web --extra mqtt --extra metrics
lock: dev ## pin in requirements/ what pyproject.toml allows: make lock [ARGS=--upgrade]
	$(LOCK) pyproject.toml --extra train --extra batch --extra onnx $(EXTRAS) $(ARGS) -o requirements/train.txt >/dev/null
	sed -n 's/^requires = \["\(setuptools[^"]*\)"\].*/\1/p' pyproject.toml | $(LOCK) pyproject.toml - \
	    $(EXTRAS) -c requirements/train.txt $(ARGS) -o requirements/device.txt >/dev/null
	$(LOCK) --group dev -c requirements/train.txt $(ARGS) -o requirements/dev.txt >/dev/null
	sed -n 's/^opencv-python-headless\(.*\) \\$$/opencv-python\1/p' requirements/train.txt | \
	    $(LOCK) - --no-deps -o requirements/opencv-windows.txt >/dev/null

clean: ## remove caches and build products; images and trained runs stay
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache __pycache__
	find batch bench browser edge data train export pi tests -name __pycache__ -prune -exec rm -rf {} +

distclean: clean ## clean, and remove .venv and .venvs (the next make installs them again); images and runs stay
	rm -rf .venv .venvs

device:
	@sh environment.sh device

environment:
	@sh environment.sh train

dev:
	@sh environment.sh dev

files:
	@$(if $(FILES),:,echo 'Which files? make classify FILES="photo.jpg other.png"' >&2; exit 2)
