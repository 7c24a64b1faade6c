# docker build -t copydesk . && docker run --rm -v "$PWD:/data" copydesk check .
FROM python:3.12-slim AS build
COPY . /source
RUN python -m pip wheel --quiet --wheel-dir /wheels /source

FROM python:3.12-slim
ENV COPYDESK_CACHE_DIR=/var/cache/copydesk
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    python -m pip install --quiet --no-cache-dir --no-index --find-links /wheels copydesk \
    && useradd --create-home copydesk \
    && install --directory --owner copydesk "$COPYDESK_CACHE_DIR"
USER copydesk
# compiled rules are kept in the image, for whichever user it is run as: the first run is as fast as the others
RUN printf 'Warm.' >/tmp/warm.txt && copydesk explain /tmp/warm.txt >/dev/null && rm /tmp/warm.txt \
    && chmod -R a+rwX "$COPYDESK_CACHE_DIR"
WORKDIR /data
ENTRYPOINT ["copydesk"]
