"""The emulators are held to the vendors' documents: if they lie, every test that leans on them proves nothing."""
