"""One POST over HTTP or TLS, within a deadline: addresses, proxies, certificates, answers."""
