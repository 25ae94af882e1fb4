"""The only home of MLflow."""
