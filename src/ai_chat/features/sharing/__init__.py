"""Links by which anybody may read a branch of a chat: made, listed, taken back, opened, gone on with."""
