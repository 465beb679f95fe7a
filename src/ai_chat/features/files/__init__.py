"""Files that people attach to messages: taken in, looked into, kept, shown to their owner, carried to models."""
