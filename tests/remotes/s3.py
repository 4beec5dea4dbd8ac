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
        super().__enter__()
        self._client = boto3.client("s3", endpoint_url=self.url, **ACCOUNT)
        self._client.create_bucket(Bucket=self.BUCKET)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        super().__exit__()
        s3_backends.reset()

    def corrupt(self, title: str) -> None:
        """Flip the bits of an object."""
        name = self._name(title)
        self._put(name, bytes(byte ^ 0xFF for byte in self.objects[name]))

    def remove(self, title: str) -> None:
        """Lose an object."""
        self._client.delete_object(Bucket=self.BUCKET, Key=self.PREFIX + self._name(title))

    def contents(self) -> dict[str, bytes]:
        """Give all that is stored, to `fill` it again."""
        return self.objects

    def fill(self, contents: dict[str, bytes]) -> None:
        """Store this, instead of what is stored."""
        for name in self.objects.keys() - contents.keys():
            self._client.delete_object(Bucket=self.BUCKET, Key=self.PREFIX + name)
        for name, content in contents.items():
            self._put(name, content)

    @property
    def objects(self) -> dict[str, bytes]:
        """The contents of all objects by `folder/title`."""
        keys = [one["Key"] for one in self._client.list_objects_v2(Bucket=self.BUCKET).get("Contents", [])]
        bodies = [self._client.get_object(Bucket=self.BUCKET, Key=key)["Body"].read() for key in keys]
        return {key.removeprefix(self.PREFIX): body for key, body in zip(keys, bodies, strict=True)}

    def _put(self, name: str, content: bytes) -> None:
        self._client.put_object(Bucket=self.BUCKET, Key=self.PREFIX + name, Body=content)

    def _name(self, title: str) -> str:
        (full_name,) = [name for name in self.objects if name.endswith(f"/{title}")]
        return full_name
