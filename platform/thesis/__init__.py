"""The platform: declared experiments, Ray, MLflow, reports and the command line."""

__version__ = "0.1.0"
