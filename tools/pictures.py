"""Make the pictures of README from the example comment and issue: `python -m tools.pictures`.

Beside the pictures stands what they were made of, so that a test knows when they are out of date.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from tools import browser

DOCS = browser.ROOT / "docs"
FOLDER = DOCS / "pictures"
MADE_OF = FOLDER / "made-of.json"
PICTURES = {"comment": 900, "issue": 900}
"""Names of the examples, with the pixels of them that are shown."""


def source(name: str) -> Path:
    """The text that a picture shows, as flakebot wrote it for the sample run."""
    return DOCS / f"example-{name}.md"


def made_of() -> dict[str, str]:
    """A hash of each picture's text."""
    return {name: sha256(source(name).read_bytes()).hexdigest() for name in PICTURES}


def main() -> None:
    """Make them all."""
    FOLDER.mkdir(exist_ok=True)
    for name, height in PICTURES.items():
        said = "commented" if name == "comment" else "opened this issue"
        document = browser.page([source(name).read_text()], said)
        browser.picture(document, FOLDER / f"{name}.png", height)
        print(f"docs/pictures/{name}.png")
    MADE_OF.write_text(json.dumps(made_of(), indent=1) + "\n")


if __name__ == "__main__":
    main()
