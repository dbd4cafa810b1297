"""gRPC at the front door; imported only where services are given, as grpcio is an extra."""
