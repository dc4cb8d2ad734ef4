"""Getting and keeping credentials: identity, STS, the cache, and the broker where they meet."""
