"""`read_image`, under the name by which scripts outside this repository know it."""

from mnist_core.files.images import UnreadableImage, read_image

__all__ = ["UnreadableImage", "read_image"]
