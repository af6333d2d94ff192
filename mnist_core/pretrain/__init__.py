"""How the base model is made: `python -m mnist_core.pretrain`."""
