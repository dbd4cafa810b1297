"""The application as a value: nodes, edges, fingerprints, and the difference of two graphs."""
