"""Tables and figures of sweeps and runs, from plain rows: no Ray, MLflow or torch in here."""
