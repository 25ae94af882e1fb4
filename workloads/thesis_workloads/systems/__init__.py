"""One folder per system: configuration, data, model, training, experiment and tables."""
