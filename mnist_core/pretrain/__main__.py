"""`python -m mnist_core.pretrain`: see `build`."""

import sys

from mnist_core.pretrain.build import main

if __name__ == "__main__":
    sys.exit(main())
