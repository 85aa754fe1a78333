"""Keys, certificates and requests: where the domain's facts come from, and where certificates are made."""
