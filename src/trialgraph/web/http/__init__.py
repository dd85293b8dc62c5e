"""What every answer over HTTP needs: negotiation, representations, problems, headers, deferral."""
