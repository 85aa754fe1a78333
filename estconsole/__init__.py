"""A console with an EST server inside (RFC 7030): the product without a front."""
