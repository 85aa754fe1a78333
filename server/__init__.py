"""The protocol front: an EST server (RFC 7030) that decodes requests, asks the engine, and renders its answers."""
