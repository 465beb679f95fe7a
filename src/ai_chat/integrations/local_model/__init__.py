"""The embedded demo model: a real language model that answers without a key, a download or a server to install.

`profile` says what the model is, `supervisor` keeps it running, `child` is the process it runs in. The HTTP client that
talks to it is not here: the child speaks the same OpenAI-compatible protocol as any other provider.

This file imports nothing on purpose: Python runs it in the child process too, before `child`.
"""
