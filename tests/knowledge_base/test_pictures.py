import pytest

from core.errors import UserMistake
from knowledge_base.pictures import PICTURE_BYTES, read_picture
from tests.knowledge_base.pictures_made import jpeg, png


@pytest.mark.parametrize(("content", "media_type"), [(png(), "image/png"), (jpeg(), "image/jpeg")])
def test_a_picture_is_known_by_its_bytes_not_by_its_name(content: bytes, media_type: str) -> None:
    picture = read_picture(content, name="chart.gif")
    assert picture.media_type == media_type
    assert len(picture.digest) == 64


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", png()[:30], jpeg()[:20], png(0, 2), b"\xff\xd8\xff"],
)
def test_what_is_no_whole_png_or_jpeg_is_refused(content: bytes) -> None:
    with pytest.raises(UserMistake, match="not a PNG or JPEG picture"):
        read_picture(content, name="chart.png")


def test_a_picture_with_too_many_bytes_is_refused() -> None:
    with pytest.raises(UserMistake, match=r"5\.0 MB; 5 are the most"):
        read_picture(png() + bytes(PICTURE_BYTES), name="chart.png")


def test_a_picture_with_too_long_sides_is_refused() -> None:
    with pytest.raises(UserMistake, match="9999 × 2"):
        read_picture(png(9_999, 2), name="chart.png")
