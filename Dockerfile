# syntax=docker/dockerfile:1
# The bot with git and bubblewrap, as an ordinary user. For npm projects build it with
#   --build-arg EXTRA_PACKAGES="nodejs npm"
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/bot
COPY requirements.txt ./
RUN /opt/bot/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
COPY requirements-dev.txt pyproject.toml README.md LICENSE ./
COPY bot ./bot
COPY remediators ./remediators
COPY state ./state
COPY templates ./templates
# The build backend comes from the pinned development requirements and stays behind in this stage.
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements-dev.txt \
    && /opt/build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /opt/bot/bin/pip install --no-cache-dir --no-deps /wheels/*.whl \
    && /opt/bot/bin/pip uninstall --yes pip

FROM python:3.11-slim-bookworm
ARG EXTRA_PACKAGES=""
RUN apt-get update \
    && apt-get install --yes --no-install-recommends bubblewrap ca-certificates git tini ${EXTRA_PACKAGES} \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 bot \
    && install -d -o bot -g bot /data /data/cache
COPY --from=build /opt/bot /opt/bot
ENV PATH=/opt/bot/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    BOT_DATABASE=sqlite:////data/bot.db \
    BOT_CACHE=/data/cache \
    BOT_LOG_LEVEL=info
USER bot
WORKDIR /data
VOLUME /data
HEALTHCHECK --interval=5m --timeout=30s --start-period=1h CMD ["bot", "health"]
# The first process of a container inherits what a sandbox leaves behind as it ends, and has to ask for its status.
ENTRYPOINT ["tini", "--", "bot"]
CMD ["daemon"]
