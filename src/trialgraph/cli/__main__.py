"""Run the command line as `python -m trialgraph.cli`."""

from trialgraph.cli import main

if __name__ == "__main__":
    main()
