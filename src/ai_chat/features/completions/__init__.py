"""What programs use: personal API keys, and an API in OpenAI's shapes on the same models, quota and ledger as the chats."""
