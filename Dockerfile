# The reader over HTTP. Build: docker build -t tinydigits .
# Run: docker run -p 8000:8000 -v "$PWD/token:/token:ro" tinydigits
FROM python:3.12-slim
WORKDIR /app
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN pip install --no-cache-dir '.[files,web]' && useradd --system tinydigits
USER tinydigits
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s CMD ["python", "-c", \
    "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
CMD ["tinydigits", "serve", "--host", "0.0.0.0", "--token-file", "/token"]
