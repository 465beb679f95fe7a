"""S3-compatible storage."""
