"""Whatever is uploaded, what is kept are pixels: upright, bounded, without a word about anybody."""

from __future__ import annotations

import io
import subprocess
from typing import Any

import pytest
from PIL import Image

from conversations.errors import Invalid, Unavailable
from conversations.pictures import Remade, clean_name, remake_in_process, tokens_for, worker
from conversations.pictures.remake import THUMBNAIL
from tests.pictures.samples import BAD, HTML, MARK, animation, photo, saved

LIMITS = {"longest": 2_048, "most_pixels": 50_000_000}


def remade(content: bytes, **limits: int) -> Remade:
    return remake_in_process(lambda: content, **{**LIMITS, **limits})


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_nothing_of_a_file_is_kept_but_its_pixels(kind: str) -> None:
    source = photo(kind=kind)
    made = remade(source)
    picture = opened(made.content)
    for content in (made.content, made.thumbnail):
        assert MARK.encode() not in content
        assert not opened(content).getexif()
        assert not {"comment", "xmp", "XML:com.adobe.xmp", "exif", "icc_profile"} & set(opened(content).info)
    assert picture.size == (made.width, made.height) == (400, 300)
    red, green, blue = picture.convert("RGB").getpixel((50, 150))
    assert red > 150 > 100 > max(green, blue)
    assert made.media_type == {"PNG": "image/png", "GIF": "image/png"}.get(kind, "image/jpeg")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stands_upright_however_the_camera_was_held(orientation: int) -> None:
    upright = Image.new("RGB", (60, 40), (255, 255, 255))
    upright.paste((255, 0, 0), (0, 0, 20, 40))
    turned = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    stored = upright.transpose(turned[orientation]) if orientation in turned else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = opened(remade(saved(stored, "PNG", exif=exif)).content)
    assert picture.size == (60, 40)
    assert picture.getpixel((5, 20)) == (255, 0, 0)
    assert picture.getpixel((50, 20)) == (255, 255, 255)


def test_large_pictures_become_as_large_as_models_use() -> None:
    made = remade(photo((3_000, 1_500)), longest=1_024)
    assert (made.width, made.height) == (1_024, 512)
    assert max(opened(made.thumbnail).size) == THUMBNAIL


def test_small_pictures_stay_as_they_are() -> None:
    made = remade(photo((30, 20), kind="PNG"))
    assert (made.width, made.height) == (30, 20)
    assert opened(made.thumbnail).size == (30, 20)


def test_transparency_stays() -> None:
    picture = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    assert opened(remade(saved(picture, "WEBP", lossless=True)).content).getpixel((3, 3))[3] == 0


def test_of_an_animation_the_first_frame_is_taken() -> None:
    made = opened(remade(animation()).content)
    assert getattr(made, "n_frames", 1) == 1
    assert made.convert("RGB").getpixel((5, 5)) == (0, 0, 0)


def test_what_is_hidden_behind_a_picture_is_gone() -> None:
    assert HTML not in remade(photo() + HTML).content


@pytest.mark.parametrize(("content", "words"), BAD.values(), ids=BAD.keys())
def test_what_is_no_good_picture_is_refused_in_plain_words(content: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        remade(content)


def test_pixels_are_counted_before_anything_is_decoded() -> None:
    with pytest.raises(Invalid, match="1 million pixels"):
        remade(photo((1_200, 1_000)), most_pixels=1_000_000)


def test_a_reader_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "SECONDS", 0.01)
    with pytest.raises(Unavailable, match="too long"):
        remade(photo())


def test_a_reader_that_dies_costs_one_upload(monkeypatch: pytest.MonkeyPatch) -> None:
    def died(*args: Any, **options: Any) -> Any:
        return subprocess.CompletedProcess(args, -9, b"", b"killed")

    with monkeypatch.context() as patched:
        patched.setattr(worker.subprocess, "run", died)
        with pytest.raises(Invalid, match="broken"):
            remade(photo())
    assert remade(photo()).width == 400


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("cat.png", "cat.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\cat.png", "cat.png"),
        ("a\x00b\x1b[31m\u202egpj.exe", "ab[31mgpj.exe"),
        ("  ", "picture"),
        ("", "picture"),
        ("..", "picture"),
        ("图片.jpg", "图片.jpg"),
        ("x" * 300 + ".jpeg", "x" * 89 + "….jpeg"),
    ],
)
def test_a_name_is_shown_without_folders_and_tricks(name: str, shown: str) -> None:
    assert clean_name(name) == shown


@pytest.mark.parametrize(
    ("size", "tokens"), [((512, 512), 255), ((1_024, 1_024), 765), ((2_048, 4_096), 1_105), ((10, 10), 255)]
)
def test_tokens_are_those_that_openai_publishes(size: tuple[int, int], tokens: int) -> None:
    assert tokens_for(*size) == tokens


def test_wide_colours_are_brought_into_those_of_the_web() -> None:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    broken = remade(saved(Image.new("RGB", (9, 9), (10, 200, 30)), "PNG", icc_profile=b"no profile at all"))
    assert opened(broken.content).getpixel((3, 3)) == (10, 200, 30)
    made = remade(saved(Image.new("RGB", (9, 9), (10, 200, 30)), "PNG", icc_profile=profile))
    assert "icc_profile" not in opened(made.content).info
