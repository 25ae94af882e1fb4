"""The journal of a run and its projection into MLflow: the only home of ``mlflow``."""
