"""No secret is in Git: they come from the environment or from `.dvc/config.local`, which is ignored."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

# What each secret looks like, wherever it stands.
ANYWHERE = {
    "private key": r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----",
    "service account's key": r'"private_key(?:_id)?"\s*:\s*"[^"\n]{20,}',
    "AWS access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "AWS secret key": r"(?i)aws_secret_access_key\W{1,5}[0-9a-z/+]{40}(?![0-9a-z/+])",
    "Google OAuth client secret": r"\bGOCSPX-[\w-]{20,}|\"client_secret\"\s*:\s*\"[^\"]{10,}",
    "Google refresh token": r"\b1//0[\w-]{20,}",
    "Google access token": r"\bya29\.[\w-]{20,}",
    "Google API key": r"\bAIza[\w-]{35}",
    "GitHub token": r"\bgh[oprsu]_[0-9A-Za-z]{36}|\bgithub_pat_\w{22,}",
    "GitLab token": r"\bglpat-[\w-]{20}",
    "Slack token": r"\bxox[abeoprs]-[\w-]{10,}",
    "Slack webhook": r"hooks\.slack\.com/services/T\w+/B\w+/\w+",
    "password in an address": (
        r"\b[a-z][a-z0-9+.-]*://(?:\$\{[^}\s]*\}|[^\s/:@\"'])+:(?!\$?[{<(]|\$[A-Z_][A-Z0-9_]*@)[^\s/:@\"'][^\s/@\"']*@"
    ),
}
# In settings files also a name that ends like one of these and has a value. What is no value, as long as nothing comes
# behind it: a variable, a place to fill in, the request to do so, and what YAML and JSON have instead of a text.
NO_VALUE = (
    r"(?:\$+\{.*\}|\$+\(.*\)|(?-i:\$+[A-Z_][A-Z0-9_]*)|<[^>\n]*>|\{[^}\n]*\}|change[-_ ]?(?:me|this)|null|true|false)"
    r"(?:[\"'][ \t]*[,}]|[\"']?[ \t]*[,}]*[ \t]*(?:#.*)?$)"
)
SETTING = (
    r"(?im)(?:^|(?<!\$)\{|,)[ \t-]*(?:export |ENV |ARG )?[\"']?"
    r"[\w.-]*(?:password|secret|token|credentials?|access_key(?:_id)?|account_key|api_key|connection_string)"
    rf"[\"']?[ \t]*[=:][ \t]*[\"']?(?![\"']|{NO_VALUE})\S{{6,}}"
)
SETTINGS_FILES = {"", ".cfg", ".conf", ".env", ".example", ".ini", ".json", ".local", ".sh", ".toml", ".yaml", ".yml"}

# Made up, and each cut in two so that this file holds none of them.
SAMPLES = {
    "private key": ["-----BEGIN RSA PRIV" + "ATE KEY-----", "-----BEGIN PRIV" + "ATE KEY-----"],
    "service account's key": ['{"private' + '_key": "' + "M" * 64 + '"}', '"private' + '_key_id": "' + "0f" * 20],
    "AWS access key": ["AK" + "IA" + "ABCDEFGHIJ234567", "key: AS" + "IA" + "ABCDEFGHIJ234567"],
    "AWS secret key": ["aws_secret_" + "access_key = " + "wJ+/" * 10, '"AWS_SECRET_' + 'ACCESS_KEY": "' + "wJ+/" * 10],
    "Google OAuth client secret": ["GOC" + "SPX-" + "a-b_" * 7, '"client_' + 'secret": "a1Fz59uTpVNeG"'],
    "Google refresh token": ["1/" + "/0" + "gAb-_" * 10],
    "Google access token": ["ya" + "29." + "a0Af_-" * 10],
    "Google API key": ["AI" + "za" + "SyA-_" * 7],
    "GitHub token": ["gh" + "p_" + "aB3" * 12, "github" + "_pat_" + "aB3" * 12],
    "GitLab token": ["glp" + "at-" + "aB3-_" * 4],
    "Slack token": ["xo" + "xb-" + "123456789012-abc"],
    "Slack webhook": ["https://hooks.sla" + "ck.com/services/T01/B02/abc"],
    "password in an address": [
        "postgresql://mlflow:hunt" + "er2@db:5432/mlflow",
        "https://me:pa$$" + "word@example.org",
        "https://me:$ec" + "ret12@example.org",
        "https://${USER}:hunt" + "er2@example.org",
    ],
    "setting": [
        "    gdrive_client_" + "secret = a1Fz59uTpVNeG",
        "    secret_" + "access_key = testing",
        "    access_key_" + "id = testing",
        "pass" + "word = hunter2",
        "gdrive_user_" + "credentials = eyJhIjoxfQ",
        "export MLFLOW_TRACKING_" + "PASSWORD=hunter2",
        "      POSTGRES_" + 'PASSWORD: "hunter2"',
        "      - POSTGRES_" + "PASSWORD=hunter2",
        '{"user": "me", "pass' + 'word": "hunter2"}',
        "pass" + "word = $ecret12",
        "pass" + "word = changeling7",
        "pass" + "word = ${USER}-hunter2",
    ],
}
HARMLESS = [
    "postgresql://${USER}:${PASSWORD}@db:5432/mlflow",
    "f'postgresql://{user}:{password}@{host}'",
    "https://<user>:<password>@example.org",
    "http://127.0.0.1:5000/@version",
    "    POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?is missing}",
    "POSTGRES_PASSWORD_FILE: /run/secrets/database",
    "MLFLOW_TRACKING_PASSWORD=change-me",
    "PASSWORD: ${PASSWORD:?expected one, at least 12 characters}",
    'password: "$POSTGRES_PASSWORD"  # from the environment',
    "export TOKEN=$(cat /run/secrets/token)",
    '{"password": "<yours>", "with_token": false}',
    "  id-token: write",
    "    token: ${{ secrets.DVC_TOKEN }}",
    "password:",
    "no-secret",
]


def secrets_in(name: str, text: str) -> Iterator[str]:
    """Yield what kinds of secret a file holds, and on which line; never the secret itself."""
    patterns = dict(ANYWHERE)
    if PurePosixPath(name).suffix in SETTINGS_FILES:
        patterns["setting"] = SETTING
    for kind, pattern in patterns.items():
        for found in re.finditer(pattern, text):
            yield f"{name}, line {text.count(chr(10), 0, found.end()) + 1}: {kind}"


def test_no_tracked_file_holds_a_secret(repository: Path):
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=repository, capture_output=True, text=True, check=True)
    names = [name for name in listed.stdout.split("\0") if (repository / name).is_file()]
    texts = {name: (repository / name).read_text(encoding="utf-8", errors="replace") for name in names}
    assert "dvc.yaml" in texts
    assert [secret for name, text in texts.items() for secret in secrets_in(name, text)] == []


def test_each_kind_of_secret_is_found():
    assert set(SAMPLES) == {*ANYWHERE, "setting"}
    for kind, samples in SAMPLES.items():
        for sample in samples:
            assert f".dvc/config, line 2: {kind}" in list(secrets_in(".dvc/config", f"[core]\n{sample}\n")), sample


def test_names_of_variables_and_places_are_no_secrets():
    for line in HARMLESS:
        assert list(secrets_in("compose.yaml", f"{line}\nnext: line of the file\n")) == []


def test_local_settings_of_dvc_are_ignored(repository: Path):
    ignored = subprocess.run(["git", "check-ignore", "--quiet", ".dvc/config.local"], cwd=repository, check=False)
    assert ignored.returncode == 0
