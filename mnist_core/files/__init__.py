"""Files that people bring and take away: MNIST, pen strokes, images, lessons."""
