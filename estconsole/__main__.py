"""`python -m estconsole`."""

from estconsole.cli import main

main()
