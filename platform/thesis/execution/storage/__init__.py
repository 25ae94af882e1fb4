"""What lies on disk or in a bucket; knows no Ray."""
