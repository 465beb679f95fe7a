"""The signing secret of development is made once, for all processes of a folder, and read by its owner only."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from ai_chat.settings import Settings, SettingsError

ASK = (
    "import sys; from pathlib import Path; from ai_chat.settings import Settings; "
    "print(Settings(_env_file=None, data_dir=Path(sys.argv[1])).signing_secret())"
)


def settings_in(folder: Path) -> Settings:
    return Settings(_env_file=None, data_dir=folder)


def test_it_is_long_and_random(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        settings_in(folder).prepare_data_dir()
    assert len(settings_in(first).signing_secret()) >= 64
    assert settings_in(first).signing_secret() != settings_in(second).signing_secret()


def test_it_is_the_same_after_a_restart(tmp_path: Path) -> None:
    assert settings_in(tmp_path).signing_secret() == settings_in(tmp_path).signing_secret()


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    settings_in(tmp_path).signing_secret()
    assert (tmp_path / "jwt_secret").stat().st_mode & 0o777 == 0o600


def test_nothing_else_is_left_in_the_folder(tmp_path: Path) -> None:
    settings_in(tmp_path).signing_secret()
    settings_in(tmp_path).signing_secret()
    assert [path.name for path in tmp_path.iterdir()] == ["jwt_secret"]


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    def ask(_: int) -> str:
        command = [sys.executable, "-c", ASK, str(tmp_path)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    with ThreadPoolExecutor(3) as threads:
        answers = set(threads.map(ask, range(3)))
    assert len(answers) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["jwt_secret"]


def test_a_given_secret_is_used_and_nothing_is_written(tmp_path: Path) -> None:
    given = Settings(_env_file=None, data_dir=tmp_path, jwt_secret=SecretStr("given-by-the-operator"))
    assert given.signing_secret() == "given-by-the-operator"
    assert list(tmp_path.iterdir()) == []


def test_the_data_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    settings_in(tmp_path / "a" / "b").prepare_data_dir()
    assert (tmp_path / "a" / "b").is_dir()


def test_a_data_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=r"^DATA_DIR .* cannot be created: Not a directory\.$"):
        settings_in(tmp_path / "file" / "data").prepare_data_dir()


def test_a_data_folder_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=r"^DATA_DIR .*\.$"):
        settings_in(tmp_path / "file").prepare_data_dir()
