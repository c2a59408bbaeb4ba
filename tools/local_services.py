"""What services answer that fail in their own words: registries, GitHub, npm, Kubernetes.

The recorder's server stands for them all; the first part of an address says for which.
"""

from __future__ import annotations

import hashlib
import json

ERRORS = {
    "limited": (429, "TOOMANYREQUESTS", "You have reached your pull rate limit."),
    "denied": (403, "DENIED", "requested access to the resource is denied"),
    "missing": (404, "MANIFEST_UNKNOWN", "manifest unknown"),
    "broken": (503, "UNAVAILABLE", "service unavailable"),
}
"""What a container registry answers for the image of that name."""

GITHUB = {
    "limited": (403, "API rate limit exceeded for installation ID 4711."),
    "denied": (403, "Resource not accessible by integration"),
    "credentials": (401, "Bad credentials"),
}
ADVISORIES = {
    "left-pad": [
        {"id": 1, "url": "https://github.com/advisories/GHSA-x", "title": "Slow padding",
         "severity": "high", "vulnerable_versions": "<2"}
    ]
}  # fmt: skip
PADDING = {
    "name": "left-pad", "dist-tags": {"latest": "1.0.0"},
    "versions": {"1.0.0": {"name": "left-pad", "version": "1.0.0"}},
}  # fmt: skip
NOT_FOUND = {
    "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404,
    "message": 'pods "worker" not found',
}  # fmt: skip


def _registry(parts: list[str], body: bytes) -> tuple[int, object]:
    """A registry of container images; the layer of the image `layer` is not what it says."""
    del body
    if len(parts) < 6:  # noqa: PLR2004  /v2/
        return 200, {}
    if parts[2] in ERRORS:
        status, code, text = ERRORS[parts[2]]
        return status, {"errors": [{"code": code, "message": text}]}
    empty = hashlib.sha256(b"").hexdigest()
    config = {"architecture": "amd64", "os": "linux",
              "rootfs": {"type": "layers", "diff_ids": [f"sha256:{empty}"]}}  # fmt: skip
    if parts[4:5] == ["manifests"]:
        blob = json.dumps(config).encode()
        kind = "application/vnd.docker.distribution.manifest.v2+json"
        layer = {"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "size": 2,
                 "digest": f"sha256:{empty}"}  # fmt: skip
        digest = f"sha256:{hashlib.sha256(blob).hexdigest()}"
        head = {"mediaType": "application/vnd.docker.container.image.v1+json",
                "size": len(blob), "digest": digest}  # fmt: skip
        return 200, {"schemaVersion": 2, "mediaType": kind, "config": head, "layers": [layer]}
    return 200, {} if empty in parts[-2] else config


def _github(parts: list[str], body: bytes) -> tuple[int, object]:
    del body
    status, text = GITHUB[parts[2]]
    return status, {"message": text}


def _advisories(parts: list[str], body: bytes) -> tuple[int, object]:
    del body
    return 200, PADDING if "left-pad" in parts else ADVISORIES


def _kubernetes(parts: list[str], body: bytes) -> tuple[int, object]:
    del parts, body
    return 404, NOT_FOUND


def _artifacts(parts: list[str], body: bytes) -> tuple[int, object]:
    """GitHub's artifacts; the name `taken` is."""
    if "ListArtifacts" in parts:
        return 200, {"artifacts": []}
    if b'"taken"' in body:
        text = "an artifact with this name already exists on the workflow run"
        return 409, {"code": "already_exists", "msg": text}
    return 403, {"code": "permission_denied", "msg": "Error from intermediary"}


SERVICES = {
    "v2": _registry,
    "github": _github,
    "advisories": _advisories,
    "kubernetes": _kubernetes,
    "twirp": _artifacts,
}


def answer(path: str, body: bytes) -> tuple[int, object] | None:
    """Status and JSON of the service that an address names, None where it names none."""
    parts = [*path.split("/"), ""]
    service = SERVICES.get(parts[1])
    return service(parts, body) if service else None
