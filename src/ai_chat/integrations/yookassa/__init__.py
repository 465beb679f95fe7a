"""YooKassa: our own small client, because the official one blocks the event loop and has no time-out at all."""
