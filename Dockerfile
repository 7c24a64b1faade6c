# docker build -t copydesk . && docker run --rm -v "$PWD:/data" copydesk check .
FROM python:3.12.11-slim-bookworm AS build
COPY . /source
RUN python -m pip wheel --quiet --wheel-dir /wheels /source

FROM python:3.12.11-slim-bookworm
ENV COPYDESK_CACHE_DIR=/var/cache/copydesk
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    python -m pip install --quiet --no-cache-dir --no-index --find-links /wheels copydesk \
    && useradd --create-home copydesk
# Root compiles the rules into the image, where every user can read them: the first run is as fast as the others.
# No other user can write there, because copydesk does not use a cache that others can write to.
RUN printf 'Warm.' >/tmp/warm.txt && copydesk explain /tmp/warm.txt >/dev/null && rm /tmp/warm.txt \
    && chmod -R a+rX "$COPYDESK_CACHE_DIR"
USER copydesk
WORKDIR /data
ENTRYPOINT ["copydesk"]
