"""`make reference`: write the documents anew."""

from __future__ import annotations

from reference.files import FILES

if __name__ == "__main__":
    for path, text in FILES.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text())
        print(path)
