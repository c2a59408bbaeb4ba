"""Which addresses may be asked."""

import pytest

from flakebot.hugging_face.guard import is_public, joined, refusal

HOST = "is not on a host of Hugging Face"
PLAIN = "is not plain https"
PARSED = "cannot be parsed"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://huggingface.co/a/b/resolve/main/config.json", ""),
        ("https://huggingface.co:443/a", ""),
        ("https://HuggingFace.co/a", ""),
        ("https://huggingface.co./a", ""),
        ("https://cdn-lfs-us-1.hf.co/a", ""),
        ("https://mirror.example/a", ""),
        ("https://sub.mirror.example/a", HOST),
        ("https://evilhuggingface.co/a", HOST),
        ("https://huggingface.co.evil.example/a", HOST),
        ("https://169.254.169.254/latest/meta-data", HOST),
        ("https:///a", HOST),
        ("http://huggingface.co/a", PLAIN),
        ("ftp://huggingface.co/a", PLAIN),
        ("https://huggingface.co:8443/a", PLAIN),
        ("https://huggingface.co:0/a", PLAIN),
        ("https://user@huggingface.co/a", PLAIN),
        ("https://huggingface.co@evil.example/a", PLAIN),
        ("", PLAIN),
        ("https://huggingface.co:port/a", PARSED),
        ("https://[huggingface.co/a", PARSED),
        ("https://evil.example\\.huggingface.co/a", PARSED),
        ("https://evil.example%2f.huggingface.co/a", PARSED),
        ("https://evil example.huggingface.co/a", PARSED),
        ("https://hugging\nface.co/a", PARSED),
        ("https://huggingfаce.co/a", PARSED),  # noqa: RUF001 # a Cyrillic letter
        ("https://huggingface.co\u2044evil.example", PARSED),
    ],
)
def test_only_plain_https_on_known_hosts_is_asked(address: str, expected: str) -> None:
    """Whatever could lead elsewhere is refused with its reason."""
    assert refusal(address, "mirror.example") == expected


def test_no_host_is_allowed_when_no_endpoint_is_configured() -> None:
    """An empty endpoint is not the host of an address without one."""
    assert refusal("https:///a", "") == HOST


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("18.154.227.7", True),
        ("2600:9000:2000::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("192.168.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 # not bound to
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:18.154.227.7", True),
        ("huggingface.co", False),
    ],
)
def test_only_the_public_internet_is_public(address: str, expected: bool) -> None:  # noqa: FBT001 # a table
    """Private, loopback, link-local, shared and mapped addresses are not."""
    assert is_public(address) is expected


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/b", "https://huggingface.co/b"),
        ("//hf.co/b", "https://hf.co/b"),
        ("https://hf.co/b", "https://hf.co/b"),
        ("https://[", ""),
    ],
)
def test_a_redirect_is_joined(location: str, expected: str) -> None:
    """Relative and absolute ones, and one that leads nowhere."""
    assert joined("https://huggingface.co/a", location) == expected
