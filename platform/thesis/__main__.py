"""``python -m thesis`` is the same command as ``thesis``."""

from thesis.cli.app import main

if __name__ == "__main__":
    main()
