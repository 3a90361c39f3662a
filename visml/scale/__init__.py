"""A collection gone through in one process or on a Ray cluster: the same work, the same parts, another driver."""
