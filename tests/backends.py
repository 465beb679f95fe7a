"""Which databases a test runs on."""

import os

SLOW_BACKENDS = ("sqlite", "postgres") if os.environ.get("SOAK") else ("postgres",)
"""For stories of many processes: a usual run tells them on one database, `make soak` on both."""
RULES_BACKENDS = ("sqlite", "postgres") if os.environ.get("SOAK") else ("sqlite",)
"""For rules that hardly depend on the database: a usual run proves them on the quicker one."""
