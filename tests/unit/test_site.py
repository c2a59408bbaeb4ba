"""The documentation's pages, as files on GitHub and as a site (`make docs` builds it)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tools import site_links

ROOT = Path(__file__).parents[2]
SITE: dict[str, Any] = YAML(typ="safe").load(ROOT / "mkdocs.yml")
ACTION: dict[str, Any] = YAML(typ="safe").load(ROOT / "action.yml")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCKS = [
    pytest.param(body, id=f"{page.name}-{number}")
    for page in PAGES
    for number, body in enumerate(re.findall(r"(?ms)^```yaml\n(.*?)^```$", page.read_text()))
]


def _steps(tree: object) -> list[dict[str, Any]]:
    """The steps that use flakebot, wherever they stand."""
    if isinstance(tree, list):
        return [step for each in tree for step in _steps(each)]
    if not isinstance(tree, dict):
        return []
    own = [tree] if str(tree.get("uses", "")).startswith("ai-dynamo/flakebot@") else []
    return own + [step for each in tree.values() for step in _steps(each)]


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_of_yaml_can_be_pasted(block: str) -> None:
    """It is YAML, and gives flakebot only inputs that it has."""
    tree = YAML(typ="safe").load(block)
    assert tree
    given = {*tree.get("with", {})}.union(*(step.get("with", {}) for step in _steps(tree)))
    assert given <= set(ACTION["inputs"])


def test_every_page_stands_in_the_navigation_once() -> None:
    """Those that `mkdocs.yml` does not name are added at its end."""
    config: dict[str, Any] = {"nav": YAML(typ="safe").load(ROOT / "mkdocs.yml")["nav"]}
    config["docs_dir"] = str(ROOT / "docs")
    named = sorted(site_links._pages(config["nav"]))
    site_links.on_config(config)
    pages = sorted(path.name for path in (ROOT / "docs").glob("*.md"))
    assert sorted(site_links._pages(config["nav"])) == pages
    assert set(named) <= set(pages)


def test_a_link_out_of_the_pages_leads_to_github() -> None:
    """And one between them stays as it is."""
    text = "[a](../CONTRIBUTING.md) [b](rules.md#x) [c](../examples)"
    files = f"{SITE['repo_url']}/blob/main"
    assert site_links.on_page_markdown(text) == (
        f"[a]({files}/CONTRIBUTING.md) [b](rules.md#x) [c]({files}/examples)"
    )


def test_the_recipe_for_dynamo_is_its_example() -> None:
    """The page's table and its list name the workflows of the example."""
    example = YAML(typ="safe").load(ROOT / "examples" / "dynamo.yml")
    workflows = example[True if True in example else "on"]["workflow_run"]["workflows"]
    page = (ROOT / "docs" / "recipes.md").read_text()
    assert f"workflows: [{', '.join(workflows)}]" in page
    assert sorted(re.findall(r"^\| `(.+?)` \| ", page, re.MULTILINE)) == sorted(workflows)


def test_the_recipes_name_every_example() -> None:
    """What is worth a file is worth a sentence, there or on the page it belongs to."""
    text = "".join(page.read_text() for page in PAGES)
    examples = {path.name for path in (ROOT / "examples").glob("*.yml")}
    assert {name for name in examples if f"](../examples/{name})" not in text} == set()


def test_the_workflow_of_the_first_screen_is_one_and_asks_for_least() -> None:
    """README and the landing page show the same lines, with the permissions of the example."""
    first, landing = (
        re.findall(r"(?ms)^```yaml\n(.*?)^```$", (ROOT / name).read_text())[0]
        for name in ("README.md", "docs/index.md")
    )
    assert first == landing
    example = YAML(typ="safe").load(ROOT / "examples" / "after-workflow.yml")
    wanted = example["jobs"]["flakebot"]["permissions"]
    shown = YAML(typ="safe").load(first)
    assert shown["permissions"] == wanted
    assert [step["with"]["dry-run"] for step in _steps(shown)] == ["true"]


def test_readme_shows_every_command() -> None:
    """All but the one that the image starts."""
    from flakebot import cli

    commands = {c.name or c.callback.__name__ for c in cli.app.registered_commands if c.callback}
    commands |= {str(group.name) for group in cli.app.registered_groups}
    shown = re.findall(r"(?m)^flakebot (\w+) .*# ", (ROOT / "README.md").read_text())
    assert set(shown) == commands - {"action"}
