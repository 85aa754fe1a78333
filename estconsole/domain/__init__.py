"""Values and rules of enrollment: pure Python on the standard library, with no store, TLS, HTTP or screen inside."""
