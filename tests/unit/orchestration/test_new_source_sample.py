"""A look at a folder of files, through the real connector: what is there, and nothing is loaded."""

from pathlib import Path

import pytest

from orchestration.new_source.sample import sample
from orchestration.raw.declaration import SourceDeclaration, validate_declaration
from orchestration.raw.errors import SourceError


def _declared(folder: Path, **table: object) -> SourceDeclaration:
    table = {"description": "", "path": "*.csv", "format": "csv", "columns": ["unknown"], **table}
    source = {"source": "club", "description": "", "connector": "files", "owner": "a@example.com"}
    declaration = validate_declaration(
        {**source, "party_data_class": "first", "location": str(folder), "tables": {"members": table}}
    )
    members = declaration.tables["members"].model_copy(update={"columns": []})
    return declaration.model_copy(update={"tables": {"members": members}})


def test_columns_and_key_of_a_csv_are_found(tmp_path: Path):
    text = "\ufeffMember No,E-Mail,姓名,note\n1,a@example.com,王伟,x\n2,b@example.com,Zoë,\n"
    (tmp_path / "members_1.csv").write_text(text, encoding="utf-8")
    [table] = sample(_declared(tmp_path))
    assert [column.name for column in table.columns] == ["Member No", "E-Mail", "姓名", "note"]
    assert [column.lake_name for column in table.columns] == ["member_no", "e_mail", "姓名", "note"]
    assert {column.type for column in table.columns} == {"varchar"}
    assert table.key == ("Member No",)
    assert table.notes == ("_source_file", "_unreadable")
    assert [path.name for path in tmp_path.iterdir()] == ["members_1.csv"]


def test_what_can_not_be_told_is_one_line_without_values(tmp_path: Path):
    with pytest.raises(SourceError, match=r"^club\.members: no file matches"):
        sample(_declared(tmp_path))
    (tmp_path / "members_1.csv").write_text("name,colour\nAnne,red\nAnne,red\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"^club\.members: no column names its rows\. Remedy: write key:") as caught:
        sample(_declared(tmp_path))
    assert "Anne" not in str(caught.value)
