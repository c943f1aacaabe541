# Long checks by name; everything else is in scripts/.
.PHONY: faults

# Real faults against the real server: TIMES each, KILLS times SIGKILL.
faults:
	scripts/faults $(or $(TIMES),20) $(or $(KILLS),2000)
