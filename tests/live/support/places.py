# SPDX-License-Identifier: Apache-2.0
"""Places where nothing can be written, whoever asks: commands to run a program under, for root and for anybody else."""

import os
import resource
import sys

# A disk that fills up once fill() is called: every write to a file fails with EFBIG, where SIGXFSZ would else kill
FILLING = (
    sys.executable,
    "-c",
    "import os, signal, sys\n"
    "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    "os.execv(sys.argv[1], sys.argv[1:])\n",
)


def disk_of(size):
    """The same with room for files of so many bytes from the beginning."""
    return (
        *FILLING,
        sys.executable,
        "-c",
        "import os, resource, sys\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))\n"
        "os.execv(sys.argv[1], sys.argv[1:])\n",
    )


FULL_DISK = disk_of(0)
# Root writes where he may not, unless he gives that up: CAP_DAC_OVERRIDE leaves the bounding set (prctl 24)
BOUND = (
    sys.executable,
    "-c",
    "import ctypes, os, sys\n"
    "assert os.geteuid() or ctypes.CDLL(None, use_errno=True).prctl(24, 1, 0, 0, 0) == 0, 'cannot give up rights'\n"
    "os.execv(sys.argv[1], sys.argv[1:])\n",
)


def fill(process):
    """The disk of a process that was started under FILLING is full from now on."""
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, 0))


def set_modes(folder, directory, file):
    """The modes of a folder and of all that is in it."""
    for path in [*folder.rglob("*"), folder]:
        os.chmod(path, directory if path.is_dir() else file)
