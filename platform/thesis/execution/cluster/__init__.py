"""Ray itself: connecting, resources, the code that workers run, jobs."""
