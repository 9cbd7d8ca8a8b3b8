"""`python -m leverkit` is the `leverkit` command."""

from leverkit.cli import main

if __name__ == "__main__":
    main()
