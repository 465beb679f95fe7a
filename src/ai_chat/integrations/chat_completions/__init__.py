"""The wire all our upstreams speak: OpenAI's chat completions over server-sent events."""
