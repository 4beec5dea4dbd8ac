"""An S3 on loopback: moto's server with one bucket, and faults to order."""

import boto3
from moto.s3.models import s3_backends
from moto.server import DomainDispatcherApplication, MotoRequestHandler, create_backend_app

from tests.remotes.loopback import LoopbackServer

ACCOUNT = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}


class S3(LoopbackServer):
    """What `moto_server` runs, with a bucket; moto keeps one set of buckets a process, so one of these at a time."""

    BUCKET = "contingency"
    PREFIX = "dvc/files/md5/"

    def __init__(self) -> None:
        super().__init__(DomainDispatcherApplication(create_backend_app), MotoRequestHandler)

    def __enter__(self) -> "S3":
        self.start()
        self._client = boto3.client("s3", endpoint_url=self.url, **ACCOUNT)
        self._client.create_bucket(Bucket=self.BUCKET)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self.close()
        s3_backends.reset()

    def corrupt(self, title: str) -> None:
        """Flip the bits of an object."""
        name = self._name(title)
        content = bytes(byte ^ 0xFF for byte in self.objects[name])
        self._client.put_object(Bucket=self.BUCKET, Key=self.PREFIX + name, Body=content)

    def remove(self, title: str) -> None:
        """Lose an object."""
        self._client.delete_object(Bucket=self.BUCKET, Key=self.PREFIX + self._name(title))

    def contents(self) -> dict[str, bytes]:
        """Give all that is stored, for `fill` of another one."""
        return self.objects

    def fill(self, contents: dict[str, bytes]) -> None:
        """Store what another one has stored."""
        for name, content in contents.items():
            self._client.put_object(Bucket=self.BUCKET, Key=self.PREFIX + name, Body=content)

    @property
    def objects(self) -> dict[str, bytes]:
        """The contents of all objects by `folder/title`."""
        listed = self._client.list_objects_v2(Bucket=self.BUCKET).get("Contents", [])
        return {
            entry["Key"].removeprefix(self.PREFIX): self._client.get_object(Bucket=self.BUCKET, Key=entry["Key"])[
                "Body"
            ].read()
            for entry in listed
        }

    def _name(self, title: str) -> str:
        (full_name,) = [name for name in self.objects if name.endswith(f"/{title}")]
        return full_name
