"""What is wrong when Hugging Face refuses for good, and what to do about it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

_NEW_ONE = (
    "Make a new read token on huggingface.co and store it as the secret that this job has as "
    "`HF_TOKEN`; runs of forks are given no secrets."
)

WORDS: Mapping[str, tuple[str, str]] = {
    "hf-gated": (
        "Gated by its owner, who lets in only accounts that accepted the terms",
        (
            "Accept them on huggingface.co with the account whose token CI uses, and give this job "
            "that token as `HF_TOKEN`; runs of forks are given no secrets."
        ),
    ),
    "hf-token": ("The token is missing, wrong or expired", _NEW_ONE),
    "hf-denied": ("Access was denied: the token is missing, expired or may not read it", _NEW_ONE),
    "hf-repository": (
        "No such repository, as far as this token may see",
        (
            "Look for a typo in the name, and for a repository that was renamed, deleted or made "
            "private; a private one needs `HF_TOKEN`."
        ),
    ),
    "hf-revision": (
        "The repository has no such revision: it is gone or was never there",
        "Pin a commit that exists; branches and tags are moved and deleted.",
    ),
    "hf-missing": (
        "No such model, revision or file",
        "Look for a typo in the name, and for a file that the pinned revision does not have.",
    ),
    "hf-bad-name": (
        "The name is none that Hugging Face can have",
        "Look for a typo, or for a local path that does not exist on this machine.",
    ),
    "hf-no-configuration": (
        "Nothing was found under this name, in the hub or as a local folder",
        (
            "Look for a typo and for a model that its host has taken away; vLLM says the same when "
            "the hub cannot be reached, so look at the lines above it."
        ),
    ),
    "hf-offline": (
        "Not downloaded before the tests, which run offline",
        (
            "Declare every model where the download step looks for them (in dynamo "
            "`@pytest.mark.model`), so that it is in the cache when `HF_HUB_OFFLINE` is set."
        ),
    ),
    "hf-disabled": (
        "Hugging Face has disabled the repository",
        "Use another model; this one will not come back by itself.",
    ),
    "hf-certificate": (
        "The runner does not trust the certificate it was shown",
        (
            "Install the authority of the proxy between them, and name it in `SSL_CERT_FILE` and "
            "`REQUESTS_CA_BUNDLE`."
        ),
    ),
    "hf-undecodable": (
        "The answer is none the client understands",
        "Look for a typo in the name; hf-hub before 0.4.2 says nothing else of a 404.",
    ),
}
"""By the rule that told the fault: what it is, and the remedy, each in Markdown of our own."""

_ANY = (
    "Refused for good by Hugging Face",
    "Check the name, the revision and the token; asking again does not help.",
)


def words(rule: str) -> tuple[str, str]:
    """What is wrong and what to do about it."""
    return WORDS.get(rule, _ANY)
