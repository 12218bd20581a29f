"""Reads the PDF on its standard input in a process of its own: what that may use is bounded before it sees a byte.

The only door to PDFium. It imports nothing of ours, since it is run apart (``python -I``) with no environment.
"""

import base64
import io
import json
import resource
import sys

SECONDS = 10
MOST_PAGES = 5
"""Pages that are read; what follows them is not looked at."""
_MEMORY = 1024 * 1024 * 1024
_WIDTH = 900
_MOST_PIXELS_HIGH = 4000


def read(content: bytes) -> list[dict[str, str]]:
    """Of each page the text of its text layer, and a PNG of it in base64."""
    import pypdfium2  # here, so that nobody else has it

    document = pypdfium2.PdfDocument(content)
    told = []
    for number in range(min(len(document), MOST_PAGES)):
        page = document[number]
        width, height = page.get_size()
        drawn = page.render(scale=min(_WIDTH / max(1, width), _MOST_PIXELS_HIGH / max(1, height)))
        file = io.BytesIO()
        drawn.to_pil().convert("RGB").save(file, "PNG")
        text = page.get_textpage().get_text_bounded()
        told.append({"text": text, "png": base64.b64encode(file.getvalue()).decode()})
    return told


def main() -> None:
    """Read, with at most ten seconds and a gigabyte, and write no file."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    json.dump(read(sys.stdin.buffer.read()), sys.stdout)


if __name__ == "__main__":
    main()
