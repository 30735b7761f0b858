"""What another package can add to the engine: an analysis, a metric, a measure and a sampler."""
