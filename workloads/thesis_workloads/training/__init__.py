"""Training shared by the systems: order of images, optimizers, schedules, evaluation, workers."""
