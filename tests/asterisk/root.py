"""The root file system that real Asterisk runs in: built once per machine, shared, never written.

Asterisk is packaged in Debian unstable; mmdebstrap puts it into a folder without touching the
machine. Everything that an instance writes lies elsewhere (``server``).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

# A new name for a new way of building: old folders are not found and not harmed.
NAME = "asterisk-sid-1"
# Where an instance's own folder is mounted, in a mount namespace of its own.
INSTANCE = Path("/srv/instance")

_TOOLS = ("mmdebstrap", "unshare", "nsenter", "setpriv", "chrt", "chroot")


def obstacle() -> str | None:
    """Return why no Asterisk can run here, or ``None`` when it can."""
    if os.geteuid() != 0:
        return "real Asterisk needs root (chroot and mount namespaces)"
    if not Path("/etc/debian_version").exists():
        return "real Asterisk needs Debian (mmdebstrap)"
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        return f"real Asterisk needs {', '.join(missing)}: run .ci/run, or apt-get install them"
    trial = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    if trial.returncode:
        why = trial.stderr.decode(errors="replace").strip()
        return f"real Asterisk needs a mount namespace of its own, but: {why}"
    return None


def may_hurry() -> bool:
    """Say whether Asterisk may have the processor before all others here, as Debian runs it."""
    trial = subprocess.run(["chrt", "--rr", "10", "true"], capture_output=True, check=False)
    return trial.returncode == 0


def build() -> Path:
    """Return the root file system, built first if it is not there (about 30 s and 350 MB).

    Several processes may ask at once: one builds, the others wait. Raises ``RuntimeError`` with
    mmdebstrap's own words when it fails.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "voicebot"
    cache.mkdir(parents=True, exist_ok=True)
    root = cache / NAME
    with (cache / f"{NAME}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.exists():
            draft = Path(tempfile.mkdtemp(prefix=f"{NAME}-", dir=cache))
            try:
                _bootstrap(draft)
            except BaseException:
                shutil.rmtree(draft)
                raise
            draft.rename(root)
    return root


def _bootstrap(target: Path) -> None:
    command = ["mmdebstrap", "--quiet", "--variant=apt", "--include=asterisk,asterisk-modules"]
    command += ["--aptopt=APT::Install-Recommends false"]
    # A mirror's copy of unstable may be older than its own expiry date.
    command += ["--aptopt=Acquire::Check-Valid-Until false"]
    done = subprocess.run(
        [*command, "sid", str(target)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"mmdebstrap failed:\n{done.stderr[-4000:]}")
    target.chmod(0o755)
    (target / INSTANCE.relative_to("/")).mkdir(parents=True)
