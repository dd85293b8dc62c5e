"""What every view needs: settings and engine, the served release and its words, nodes, templates."""
