"""Shared by analyses: metrics of futures, means over worlds with their errors, labels, the performance score."""
