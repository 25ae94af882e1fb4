"""Ray Train and Ray Tune: trials, sweeps, search, schedulers, resuming."""
