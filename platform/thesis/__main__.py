"""``python -m thesis`` is the same command as ``thesis``."""

import os
import sys

# Python puts the working folder first on its path; a numpy.py in it is not NumPy.
if sys.path and sys.path[0] in ("", os.getcwd()):
    del sys.path[0]

from thesis.cli.app import main

if __name__ == "__main__":
    main()
