"""Search: finds chats and messages by their words, and keeps the index of them."""
