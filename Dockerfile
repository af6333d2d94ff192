FROM python:3.11-slim-bookworm

# One unprivileged user, number 1000 as Hugging Face Spaces wants it; /data is all that it may write to.
RUN useradd --create-home --uid 1000 digits && install --directory --owner=digits /data

WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes --requirement requirements.txt

COPY --chown=root:root .streamlit/ .streamlit/
COPY --chown=root:root models/ models/
COPY --chown=root:root mnist_core/ mnist_core/
COPY --chown=root:root ui/ ui/
COPY --chown=root:root api/ api/
COPY --chown=root:root app_pages/ app_pages/
COPY --chown=root:root app.py server.py ./

USER 1000
ENV MNIST_DATA_DIR=/data \
    PYTHONUNBUFFERED=1 \
    STREAMLIT_SERVER_PORT=8501 \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_HEADLESS=true \
    STREAMLIT_SERVER_FILE_WATCHER_TYPE=none
VOLUME /data
EXPOSE 8501

# Not /readyz: a process whose store is away still reads digits, and a restart would not bring the store back
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:%s/_stcore/health' % os.environ['STREAMLIT_SERVER_PORT'], timeout=2)"]

# exec form: the server itself gets SIGTERM, and finishes the lesson in hand
CMD ["python", "-m", "streamlit", "run", "server.py"]
