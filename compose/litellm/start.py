"""Starts the LiteLLM proxy as its own `litellm` command does, about a quarter sooner.

Importing the proxy allocates a few million objects that stay alive; Python's cyclic garbage collector walks them
again and again meanwhile and finds nothing. It is off during the import and on, with its usual settings, before
the proxy serves its first request.
"""

import gc
import sys

gc.disable()
import litellm.proxy.proxy_server  # noqa: E402, F401
from litellm import run_server  # noqa: E402

gc.freeze()
gc.enable()

sys.argv[0] = "litellm"
sys.exit(run_server())
