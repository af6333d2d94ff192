"""How many photographs are worked on at once: one on each core, each in one thread.

What would be quicker for one visitor on an idle machine would be slower for all on a busy one, and take memory for
every picture that is waiting.
"""

from __future__ import annotations

import os
import threading

import cv2

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

cv2.setNumThreads(1)
core = threading.BoundedSemaphore(CORES)
"""To be held while a picture is worked on. A thread that holds it must not ask for it again."""
