"""What the bytes of words tell of their encoding, and what is asked or said where they do not."""

from __future__ import annotations

from pathlib import Path

import pytest

import leverkit as lk


def put(folder: Path, names: list[str], encoding: str) -> Path:
    path = folder / "orders.csv"
    path.write_bytes(("client,paid\n" + "".join(f"{name},1\n" for name in names)).encode(encoding))
    return path


@pytest.mark.parametrize(
    ("names", "encoding"),
    [
        (["Ayşe", "Mehmet", "Doğan", "Çelik", "Yılmaz", "Şahin"], "cp1254"),
        (["Şükrü", "Işık"], "cp1254"),
        (["müşteri", "Çağrı", "Öztürk"], "cp1254"),
        (["דוד", "שרה"], "cp1255"),
        (["ישראל ישראלי"], "cp1255"),
        (["محمد", "فاطمة"], "cp1256"),
        (["علي"], "cp1256"),
        (["สมชาย", "ลูกค้า"], "cp874"),
        (["Νίκος"], "cp1253"),
        (["10 руб.", "7 руб."], "cp1251"),
        (["ИВАНОВ", "Щукин"], "cp1251"),
        (["Київ", "Їжак"], "cp1251"),
        (["анна", "зайцева"], "koi8_r"),
        (["Peña", "Bob"], "cp1252"),
        (["Müller", "José", "Søren"], "cp1252"),
        (["£5", "£7"], "cp1252"),
        (["10€"], "cp1252"),
        (["Müller", "Größe"], "cp850"),
        (["Müller", "Größe"], "mac_roman"),
        (["Dvořák", "Šimon", "Žižka"], "iso8859_2"),
        (["Łukasz", "Wiśniewski"], "cp1250"),
        (["Ann", "Bob"], "utf-32"),
    ],
)
def test_words_tell_their_encoding(names: list[str], encoding: str, tmp_path: Path) -> None:
    lines = lk.read(put(tmp_path, names, encoding), columns={"client": "text"})
    assert lines.collect()["client"].to_list() == names


@pytest.mark.parametrize(
    ("names", "encoding", "readings"),
    [
        (["Ayşe", "Doğan"], "cp1254", r"cp1254 \(Ayşe\) or cp1252 \(Ayþe\)"),
        (["דוד"], "cp1255", r"cp1255 \(דוד\) or cp1256 \(مهم\)"),
        (["Szűcs"], "cp1250", r"cp1252 \(Szûcs\) or cp1250 \(Szűcs\)"),
        (["张三", "李四"], "gb18030", r"gb18030 \(张三\) or"),
    ],
)
def test_words_of_two_readings_are_asked_for_with_both(
    names: list[str], encoding: str, readings: str, tmp_path: Path
) -> None:
    path = put(tmp_path, names, encoding)
    with pytest.raises(lk.DataError, match=rf"the encoding is not clear; give encoding=a name such as {readings}"):
        lk.read(path)
    assert lk.read(path, encoding=encoding).collect()["client"].to_list() == names


def test_a_reading_that_is_less_likely_is_said(tmp_path: Path) -> None:
    lines = lk.read(put(tmp_path, ["Peña", "Bob"], "cp1252"))
    assert lines.how.notes == ["cp1252 reads Peña, cp1250 would read Peńa"]
    assert lk.read(put(tmp_path, ["Jürgen", "Größe", "Weiß"], "cp1252")).how.notes == []


def test_two_encodings_in_one_file_are_refused_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(b"client,paid\n" + "Éva,1\nZoë,2\n".encode() + "Müller,3\n".encode("cp1252"))
    with pytest.raises(lk.DataError, match=r"^orders\.csv: line 4 is not utf-8, as others are; write the file anew"):
        lk.read(path)
