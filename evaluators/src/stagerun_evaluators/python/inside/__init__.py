"""What runs inside the sandbox, beside the candidate: the tests' harness, the type checker, the linter's server.

Nothing here may import the rest of this package: it is put on sys.path alone, as `inside`. It needs the standard library, pytest
and mypy only.
"""
