"""What `hooks/cli.py` runs: one command a module, each with ``run(arguments) -> int``."""
