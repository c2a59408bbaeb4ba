"""The storage behind a Hugging Face hub (Xet) on loopback, which fails in scripted ways.

A file's hash is the fault, spelled in hexadecimal digits: `store-NAME` answers NAME to whoever asks
of what the file is made, `data-NAME` to whoever fetches that. The API is that of
https://huggingface.co/docs/xet/api, the content is of no use.
"""

from __future__ import annotations

import json

from tools.misbehaving_hub import CONFIG, Handler, Target

SIZE = len(CONFIG).to_bytes(3, "little")
XORB = b"\0" + SIZE + b"\0" + SIZE + CONFIG
"""One chunk behind its header: version, size, compression (none), size of what it holds."""


class Store(Handler):
    """Answers one request as the storage has it."""

    def _answer(self) -> None:
        self.hub.seen.append((self.command, self.path, self.headers.get("Authorization", "")))
        name = self.path.partition("?")[0].rpartition("/")[2]
        layer, _, fault = bytes.fromhex(name).rstrip(b"\0").decode().partition("-")
        if layer == "data" and "/v2/" in self.path:
            self._say(Target("store"), "404")  # the client then asks for version 1
        elif layer == "data" and "/xorbs/" not in self.path:
            self._send(200, json.dumps(self._parts(name)).encode(), {})
        elif fault == "garbage":
            self._send(200, CONFIG, {})
        elif fault in {"truncated", "stall"}:
            self._send(200, XORB, {}, cut=fault)
        else:
            self._say(Target("store"), fault)

    def _parts(self, name: str) -> object:
        whole = {"start": 0, "end": 1}
        place = {"url": f"{self.hub.origin}/xorbs/default/{name}?X-Xet-Signed-Range=bytes"}
        return {
            "offset_into_first_range": 0,
            "terms": [{"hash": name, "unpacked_length": len(CONFIG), "range": whole}],
            "fetch_info": {
                name: [{"range": whole, **place, "url_range": {"start": 0, "end": len(XORB) - 1}}]
            },
        }
