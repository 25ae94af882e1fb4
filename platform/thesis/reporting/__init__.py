"""Tables and figures of sweeps and runs, from plain rows: imports neither Ray, MLflow nor torch."""
