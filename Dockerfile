# The image of the Action. Runs as root with an absolute entry point, as the runner asks
# (https://docs.github.com/en/actions/reference/workflows-and-actions/dockerfile-support), and has the
# shell, tar, mv and tail that the runner's Kubernetes hooks use.
ARG BASE_IMAGE=python:3.13.14-slim-bookworm@sha256:67a1e1f215ccda113cfc024e8639049257e88f273898f595b61476d128d387e8

FROM ${BASE_IMAGE} AS build
COPY requirements /build/requirements
RUN python3 -m venv /opt/flakebot \
    && /opt/flakebot/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes -r /build/requirements/runtime.txt \
    && python3 -m venv /build/venv \
    && /build/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes -r /build/requirements/build.txt
COPY pyproject.toml README.md LICENSE /build/
COPY src /build/src
RUN /build/venv/bin/python -m pip wheel --no-deps --no-build-isolation --wheel-dir /build/dist /build \
    && /opt/flakebot/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
        --no-deps /build/dist/flakebot-*.whl \
    && /opt/flakebot/bin/python -m pip uninstall --quiet --yes pip \
    && /opt/flakebot/bin/python -m compileall -q /opt/flakebot/lib

FROM ${BASE_IMAGE}
COPY --from=build /opt/flakebot /opt/flakebot
ENV PYTHONUNBUFFERED=1
ENTRYPOINT ["/opt/flakebot/bin/flakebot-action"]
