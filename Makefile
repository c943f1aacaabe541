# What takes long and is not in scripts/test.

SEEDS ?= 100000
MINUTES ?= 600
SEED ?= 1
SWIFT_BUILD = swift build -c release --product andon-sim

.PHONY: simulate simulate-mutants replay faults

# make simulate [SEEDS=100000] [MINUTES=600]: bad days by the thousand, and a table of what came of them (docs/simulation.md).
simulate:
	$(SWIFT_BUILD)
	.build/release/andon-sim seeds --seeds $(SEEDS) --minutes $(MINUTES)

# How many seeds it takes to find each mistake that is put into the product.
simulate-mutants:
	$(SWIFT_BUILD)
	.build/release/andon-sim mutants

# make replay SEED=7: one seed, step by step.
replay:
	$(SWIFT_BUILD)
	.build/release/andon-sim replay $(SEED)

# make faults [TIMES=20] [KILLS=2000]: real faults against the real server, TIMES each, and KILLS times SIGKILL (docs/faults.md).
faults:
	scripts/faults $(or $(TIMES),20) $(or $(KILLS),2000)
