"""Writes small ZIP archives by the zipfile module of Python, in each of the forms it knows: python archives.py <folder for fixtures>

The name of each file says what it holds by content(): the tests make the same bytes. The tests need none of it.
"""
import io
import sys
import zipfile
from pathlib import Path


class Unseekable(io.BytesIO):
    """What a program writes into that streams: its headers cannot be corrected afterwards."""
    def seekable(self):
        return False

    def seek(self, *_):
        raise io.UnsupportedOperation

    def tell(self):
        raise io.UnsupportedOperation


def content(name):
    """Bytes that depend on the name alone."""
    return bytes((7 * i + len(name) * (i // 16)) % 256 for i in range(40 * len(name)))


NAMES = ["config.json", "model.weights.h5", "größe/λ.bin"]


def archive(compression=zipfile.ZIP_STORED, target=io.BytesIO, comment=b"", zip64=False, names=NAMES):
    buffer = target()
    with zipfile.ZipFile(buffer, "w", compression) as result:
        result.comment = comment
        for name in names:
            info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            info.compress_type = compression
            with result.open(info, "w", force_zip64=zip64) as file:
                file.write(content(name))
    return buffer.getvalue()


def with_wide_end(data):
    """The same with the records of ZIP64 at its end, and what they hold left out of the others, as where an archive is too long for these."""
    end = data.rindex(b"PK\5\6")
    count, size, start = (int.from_bytes(data[end + a:end + b], "little") for a, b in ((10, 12), (12, 16), (16, 20)))
    wide = b"PK\6\6" + (44).to_bytes(8, "little") + (45).to_bytes(2, "little") * 2 + bytes(8)
    wide += b"".join(value.to_bytes(8, "little") for value in (count, count, size, start))
    locator = b"PK\6\7" + bytes(4) + end.to_bytes(8, "little") + (1).to_bytes(4, "little")
    return data[:end] + wide + locator + data[end:end + 8] + b"\xff" * 12 + data[end + 20:]


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    stored = archive()
    archives = {
        "stored": stored, "deflated": archive(zipfile.ZIP_DEFLATED), "streamed": archive(target=Unseekable),
        "streamed-deflated": archive(zipfile.ZIP_DEFLATED, Unseekable), "comment": archive(comment=b"a comment of this archive " * 40),
        "wide-headers": archive(zip64=True), "wide-streamed": archive(target=Unseekable, zip64=True), "wide-end": with_wide_end(stored),
        "empty": archive(names=[]), "short-names": archive(names=["a.bin", "b.bin"]), "bzip2": archive(zipfile.ZIP_BZIP2, names=NAMES[:1]),
    }
    for name, data in archives.items():
        with zipfile.ZipFile(io.BytesIO(data)) as checked:
            assert checked.testzip() is None
        (folder / f"{name}.zip").write_bytes(data)


main()
