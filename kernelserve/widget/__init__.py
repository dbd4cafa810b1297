"""Live views of apps in the notebook: graph, dashboard, requests."""
