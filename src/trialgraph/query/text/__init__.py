"""What a query says, read and rewritten as text: tokens, clauses, patterns, what may be asked at all."""
