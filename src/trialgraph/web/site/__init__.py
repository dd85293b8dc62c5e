"""Pages about the site, downloads, look-up, what machines and operators look for."""
