"""A disk without room is not the file's fault."""

from pathlib import Path

import pytest
from PIL import Image

from ai_chat.features.files.apart import Apart, Unusable
from ai_chat.features.files.findings import MAIN

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a disk that is always full")
@pytest.mark.parametrize("inspector", ["look_at_text", "look_at_image"])
async def test_what_cannot_be_written_is_not_called_damaged(tmp_path: Path, inspector: str) -> None:
    source = tmp_path / "sent"
    if inspector == "look_at_text":
        source.write_text("some words")
    else:
        Image.new("RGB", (800, 600), "red").save(source, "PNG")
    (tmp_path / MAIN).symlink_to(FULL)
    with pytest.raises(Unusable) as refused:
        await Apart(at_once=1, seconds=30).run(f"ai_chat.features.files.{inspector}", source, tmp_path)
    assert refused.value.code == "SERVICE_UNAVAILABLE"
