"""Programs at the door: `python -m benchmarks.api [--seconds 10] [--programs 1 2 4 8]`.

How many drawings a second a server reads over HTTP, asked by so many programs at once over connections that stay open,
beside the classifier in this process (`prepare` and `predict`, one drawing at a time, one thread).
"""

from __future__ import annotations

import argparse
import io
import json
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import numpy as np
from PIL import Image

from harness.processes import AppServer
from mnist_core import Classifier, prepare
from mnist_core.files.strokes import render
from mnist_core.pretrain.penmanship import digit_strokes

DRAWINGS = 50
JSON = "application/json"


def bodies() -> dict[str, list[tuple[str, bytes]]]:
    """Media type and body of each drawing, in each of the forms that the door takes."""
    rng = np.random.default_rng(0)
    forms: dict[str, list[tuple[str, bytes]]] = {"image": [], "strokes": [], "picture": []}
    for n in range(DRAWINGS):
        strokes = digit_strokes(n % 10, rng)
        canvas, file = render(strokes), io.BytesIO()
        Image.fromarray(canvas).save(file, "PNG")
        points = [stroke.round(3).tolist() for stroke in strokes]
        forms["image"].append((JSON, json.dumps({"image": prepare(canvas).tolist()}).encode()))
        forms["strokes"].append((JSON, json.dumps({"strokes": points}).encode()))
        forms["picture"].append(("image/png", file.getvalue()))
    return forms


def alone(seconds: float) -> float:
    """Drawings a second, in this process."""
    clf, rng = Classifier.load("models"), np.random.default_rng(0)
    canvases = [render(digit_strokes(n % 10, rng)) for n in range(DRAWINGS)]
    done, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        clf.predict(prepare(canvases[done % DRAWINGS]))
        done += 1
    return done / seconds


def asked(url: str, sent: list[tuple[str, bytes]], programs: int, seconds: float) -> tuple[float, list[float], int]:
    """Drawings a second that were read, the milliseconds that each took, and how many times the door was busy."""
    times: list[float] = []
    busy, lock = 0, threading.Lock()
    end = time.perf_counter() + seconds

    def program(first: int) -> None:
        nonlocal busy
        with httpx2.Client(base_url=url, timeout=60) as http:
            n = first
            while time.perf_counter() < end:
                kind, body = sent[n % DRAWINGS]
                began = time.perf_counter()
                answer = http.post("/api/predict", content=body, headers={"Content-Type": kind})
                with lock:
                    if answer.status_code == 503:
                        busy += 1
                    else:
                        answer.raise_for_status()
                        times.append((time.perf_counter() - began) * 1000)
                n += 1

    with ThreadPoolExecutor(programs) as pool:
        list(pool.map(program, range(programs)))
    return len(times) / seconds, times, busy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--seconds", type=float, default=10, help="how long each number of programs asks")
    options = parser.parse_args()
    print(f"the classifier alone: {alone(options.seconds):.0f} drawings a second", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        server = AppServer(Path(folder)).start(ready=True)
        try:
            print(f"{'body':10}{'programs':>9}{'a second':>10}{'median ms':>11}{'p95':>7}{'busy':>6}")
            for form, sent in bodies().items():
                asked(server.url, sent, 1, 1)  # what is imported at the first
                for programs in options.programs:
                    rate, times, busy = asked(server.url, sent, programs, options.seconds)
                    middle, slow = np.percentile(times, [50, 95])
                    print(f"{form:10}{programs:9}{rate:10.0f}{middle:11.1f}{slow:7.1f}{busy:6}", flush=True)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
