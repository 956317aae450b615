"""Installs LiteLLM into /opt/litellm during the image build: wheels only, no dependency resolution, then bytecode.

Runs with the base's own Python and pip, so it needs no shell and no compiler. The host's certificate authorities
(ca.crt, optional) and pip settings serve this stage only; nothing of them stays in the final image.
"""

import compileall
import os
import pathlib
import py_compile
import shutil
import subprocess
import sys

target = pathlib.Path("/opt/litellm")
authorities = pathlib.Path("/build/ca.crt")
if authorities.exists():
    os.environ["PIP_CERT"] = str(authorities)

subprocess.run(
    [
        sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-cache-dir",
        "--root-user-action=ignore", "--only-binary=:all:", "--no-deps", "--no-compile",
        "--target", str(target), "--requirement", "/build/requirements.txt",
    ],
    check=True,
)  # fmt: skip

# The admin UI (switched off by DISABLE_ADMIN_UI) and the packages' own tests: 60 MB nobody asks for.
shutil.rmtree(target / "litellm/proxy/_experimental/out", ignore_errors=True)
for tests in [*target.glob("*/tests"), *target.glob("*/test")]:
    shutil.rmtree(tests)

# Bytecode that is trusted without a look at the source: the proxy reads 4000 modules at each start.
compiled = compileall.compile_dir(
    str(target), quiet=2, workers=0, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
)
print(f"installed into {target}" + ("" if compiled else " (some files have no bytecode)"))
