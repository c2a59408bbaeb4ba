"""What helps against the failures of Hugging Face that were seen, in Markdown of our own. Pure.

Quotas: https://huggingface.co/docs/hub/rate-limits. Variables:
https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables
"""

from __future__ import annotations

from collections.abc import Iterator

from flakebot.judging.external import ExternalSummary
from flakebot.judging.hub_kinds import HubKind
from flakebot.wording import plural

STAMPEDE = 2
"""Jobs of one attempt that were refused for their number at once: one alone may be anybody's."""

_NETWORK = frozenset({HubKind.DNS, HubKind.TLS, HubKind.CONNECTION})


def remedies(summary: ExternalSummary) -> tuple[str, ...]:
    """The remedies that fit what the counted runs show, the most telling first."""
    return tuple(_limits(summary)) + tuple(_downloads(summary)) + tuple(_kinds(summary))


def _limits(summary: ExternalSummary) -> Iterator[str]:
    """Against 429."""
    signs = summary.signs
    if signs.together >= STAMPEDE:
        yield (
            f"**Warm the cache first.** {plural(signs.together, 'job')} of one attempt filled a "
            "cold cache at the same time and were turned away (429). Let one job download the "
            "models and the others wait for it (`needs:`), with the cache on a volume they share."
        )
    if signs.forks:
        yield (
            f"**Forks have no token.** {plural(signs.forks, 'run')} of forks met the quota of "
            "anonymous clients, which all runners behind one address share. Secrets are not given "
            "to forks: take models from a cache or an image, or a mirror by `HF_ENDPOINT`."
        )
    if signs.small_quota:
        yield (
            f"**Stay off the small quota.** In {plural(signs.small_quota, 'run')} the quota of the "
            "API was used up, which is a sixth of the resolver's (500 to 3,000 in five minutes "
            "without a token). Name the files, or download at a pinned revision, instead of asking "
            "the API what there is."
        )
    if _seen(summary, HubKind.RATE_LIMIT) and not signs.forks:
        yield (
            "**Give jobs a token.** With `HF_TOKEN` the quota is the account's, not that of the "
            "address which all runners share, and larger: 5,000 files in five minutes, not 3,000."
        )


def _downloads(summary: ExternalSummary) -> Iterator[str]:
    """Against every kind: fetch before the tests start."""
    signs = summary.signs
    if signs.inside_tests:
        yield (
            f"**Download before the tests.** In {signs.inside_tests} of "
            f"{plural(signs.jobs, 'job')} a test had to fetch: no step downloads the models, or "
            "its failure is hidden (`|| true`, `continue-on-error`). A step with `flakebot fetch "
            "MODEL` tries again, and fails once for all tests when it must."
        )
    yield (
        "**Then go offline.** With the models in a cache, run the tests with `HF_HUB_OFFLINE=1`: "
        "no request is left that could fail."
    )


def _kinds(summary: ExternalSummary) -> Iterator[str]:
    """Against what only some kinds have."""
    if _seen(summary, HubKind.TIMEOUT):
        yield (
            "**Wait longer.** The client gives up after 10 s; `HF_HUB_ETAG_TIMEOUT=30` and "
            "`HF_HUB_DOWNLOAD_TIMEOUT=60` outlast a slow minute."
        )
    if _seen(summary, HubKind.XET):
        yield (
            "**Leave Xet out.** `HF_HUB_DISABLE_XET=1` downloads from the other store while Xet "
            "has trouble."
        )
    if any(_seen(summary, kind) for kind in _NETWORK):
        yield (
            "**Look at the runners' network.** Names, TLS and connections fail on the way: compare "
            "runners, and let `huggingface.co`, `hf.co` and all names below them through."
        )


def _seen(summary: ExternalSummary, kind: HubKind) -> bool:
    return any(row.name == kind for row in summary.by_kind)
