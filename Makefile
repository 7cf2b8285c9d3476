# The pipeline, in order; `make` alone lists it. Every target is a call of `python -m PACKAGE`.
PY := .venv/bin/python

# What each target takes on its command line. Other names are refused: make would ignore them.
check.takes := DATA
train.takes := DATA ARGS
export.takes := ARGS
faces.takes := DATA VOTES
classify.takes := FILES MODEL ARGS
webcam.takes := SOURCE MODEL ARGS
wheel.takes := MODEL
bundle.takes := PI MODEL
bench.takes := ARGS
test.takes := ARGS
test-pi.takes := ARGS PROOF_BUDGET_S
test-camera.takes := ARGS PROOF_BUDGET_S
test-quota.takes := ARGS
lock.takes := ARGS
goals := $(or $(MAKECMDGOALS),help)
taken := $(sort $(foreach goal,$(goals),$($(goal).takes)))
given := $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name)))
refused := $(firstword $(filter-out PY PYTHON $(taken),$(given)))
$(if $(refused),$(error make $(goals) does not take $(refused): it takes $(or $(taken),no variables)))

.PHONY: help demo check train export faces classify webcam cameras doctor wheel bundle bench test test-pi test-camera test-quota lint docs lock clean distclean environment dev files
