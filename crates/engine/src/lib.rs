//! Shards, commit pipeline, timers, recovery and task dispatch.
