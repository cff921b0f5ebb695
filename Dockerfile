# The image holds the code and what it needs, nothing to build with. The data lives in the volume /data.
FROM python:3.11-slim AS build
# `--build-arg WITH=run,s3` adds what PICTURES_URL=s3://… needs.
ARG WITH=run
COPY requirements/run.txt requirements/s3.txt /tmp/
RUN python -m venv --without-pip /venv \
    && for part in $(echo "$WITH" | tr , ' '); do \
        pip --python /venv/bin/python install --no-cache-dir --require-hashes --no-deps --requirement "/tmp/$part.txt" \
        || exit 1; done
WORKDIR /app
COPY manage.py ./
COPY chatsite chatsite
COPY conversations conversations
COPY templates templates
COPY static static
RUN /venv/bin/python -m compileall -q .

FROM python:3.11-slim
RUN useradd --uid 10001 --no-create-home chat && install --directory --owner chat --group chat /data
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER chat
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 DEBUG=0 HOST=0.0.0.0 PORT=8000 CHAT_DATA_DIR=/data
VOLUME /data
EXPOSE 8000
# The site answers only to its own names, so the question goes to this machine under the first of them.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["python", "-c", \
    "import os, urllib.request as u; u.urlopen(u.Request(f\"http://127.0.0.1:{os.environ['PORT']}/healthz\", headers={'Host': os.environ['ALLOWED_HOSTS'].split(',')[0].strip()}), timeout=4)"]
CMD ["python", "manage.py", "serve"]
