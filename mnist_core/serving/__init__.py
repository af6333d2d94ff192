"""One process that serves many visitors: the model they share, its settings, its turns."""
