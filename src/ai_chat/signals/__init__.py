"""What workers must agree on while they run: rate limits now, live streams and wake-ups later. In process, or in Redis."""
