"""leverkit and what users would take instead, on the same files in the same run. `make bench` runs it all."""
