"""What the compiled engine is made of: its sections, and its machine code by crate, for `make size`.

Generic code stands with the crate that wrote it, whoever uses it: the kernels that leverkit runs on several threads are mostly of rayon by name.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

#: So many are named at most, and none that takes less than this share.
_MOST, _LEAST = 20, 0.005


def crates(listing: str) -> Counter[str]:
    """Bytes of machine code by crate, of what ``nm --demangle --print-size --size-sort`` lists."""
    sizes: Counter[str] = Counter()
    for line in listing.splitlines():
        parts = line.split(" ", 3)
        if len(parts) == 4 and parts[2] in "tT":
            sizes[_crate(parts[3])] += int(parts[1], 16)
    return sizes


def _crate(name: str) -> str:
    """The crate of a symbol: one of leverkit where it is named, as what is generic over it would not be there without."""
    own = re.search(r"leverkit_[a-z]+(?=::)", name)
    first = own or re.search(r"[a-z_][a-z0-9_]*(?=::)", name)
    return first[0] if first else "without a name"


def sections(listing: str) -> dict[str, int]:
    """Bytes of a file by section, of what ``size --format=sysv`` lists."""
    rows = (line.split() for line in listing.splitlines() if line.startswith("."))
    return {name: int(size) for name, size, *_ in rows}


def _told(title: str, sizes: dict[str, int]) -> None:
    whole = sum(sizes.values())
    print(f"{title}: {whole / 1e6:.1f} MB")
    named = [(name, size) for name, size in Counter(sizes).most_common(_MOST) if size >= _LEAST * whole]
    for name, size in named:
        print(f"  {size / 1e6:6.2f} MB {size / whole:6.1%}  {name}")


def main(path: Path) -> None:
    """Prints what an engine that was not stripped is made of."""
    run = [["size", "--format=sysv", str(path)], ["nm", "--demangle", "--print-size", "--size-sort", str(path)]]
    by_section, by_crate = (
        subprocess.run(command, check=True, capture_output=True, text=True).stdout for command in run
    )
    _told("Sections", sections(by_section))
    _told("Machine code by crate", dict(crates(by_crate)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
