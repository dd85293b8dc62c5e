"""Engines that answer queries: embedded, remote, and what stands in front of both."""
