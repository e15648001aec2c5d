"""Files in a bucket, from a real server of the S3 protocol (moto's) on loopback, and from one that misbehaves."""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer

from orchestration.paths import DataDir
from orchestration.raw.arrivals import waiting_files
from orchestration.raw.errors import SourceError
from orchestration.raw.files.bucket import Bucket
from orchestration.raw.files.content import Content
from orchestration.raw.files.refusal import FileRefused
from orchestration.raw.files.rows import checked_rows
from orchestration.raw.load import pull
from tests.unit.orchestration.file_drops import declare

KEYS = {"access_key": "${DROP_KEY}", "secret_key": "${DROP_SECRET}", "region": "us-east-1", "endpoint": "${DROP_S3}"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(server, monkeypatch):
    for name, value in {"DROP_KEY": "key", "DROP_SECRET": "secret-key", "DROP_S3": server}.items():
        monkeypatch.setenv(name, value)
    client = boto3.client(
        "s3", endpoint_url=server, region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="secret-key"
    )
    client.create_bucket(Bucket="drops")
    yield client
    for page in client.get_paginator("list_objects_v2").paginate(Bucket="drops"):
        items = [{"Key": item["Key"]} for item in page.get("Contents", [])]
        if items:
            client.delete_objects(Bucket="drops", Delete={"Objects": items})
    client.delete_bucket(Bucket="drops")


def _raw(data: DataDir) -> list[tuple]:
    files = f"{data.raw}/drop/people/*.parquet"
    return duckdb.sql(f"select id, name, _source_file from read_parquet('{files}') order by all").fetchall()


def test_every_format_from_a_bucket_each_file_once(s3, tmp_path):
    data = DataDir(tmp_path)
    declaration = declare("s3://drops/daily", KEYS, people={"path": "people/*", "format": "csv"})
    for key, content in {
        "daily/people/一 月 (1).csv": "id,name\n1,王\n".encode(),
        "daily/people/b&c+d=.csv.gz": gzip.compress(b"id,name\n2,b\n"),
        "daily/people/deeper/no.csv": b"id,name\n9,z\n",
        "daily/people_not.csv": b"id,name\n9,z\n",
    }.items():
        s3.put_object(Bucket="drops", Key=key, Body=content)
    assert pull(declaration, data).rows == {"people": 2}
    assert pull(declaration, data).rows == {"people": 0}
    s3.put_object(Bucket="drops", Key="daily/people/一 月 (1).csv", Body="id,name\n1,李\n".encode())
    assert pull(declaration, data).rows == {"people": 1}  # as long as before, and within the same second
    assert _raw(data) == [
        ("1", "李", "people/一 月 (1).csv"),
        ("1", "王", "people/一 月 (1).csv"),
        ("2", "b", "people/b&c+d=.csv.gz"),
    ]


def test_the_watch_sees_a_bucket_as_the_pull_does(s3, tmp_path):
    data = DataDir(tmp_path)
    declaration = declare("s3://drops/crm", KEYS, people={"path": "**/people_*.csv", "format": "csv"})
    for key in ("crm/people_1.csv", "crm/2024/people_2.csv", "crm/other.csv", "elsewhere/people_3.csv"):
        s3.put_object(Bucket="drops", Key=key, Body=f"id,name\n1,{key}\n".encode())
    assert len(waiting_files(declaration, data)) == 2
    assert pull(declaration, data).rows == {"people": 2}
    assert waiting_files(declaration, data) == []
    s3.put_object(Bucket="drops", Key="crm/people_1.csv", Body=b"id,name\n1,corrected now\n")
    assert len(waiting_files(declaration, data)) == 1


def test_parquet_too_large_to_be_held_is_read_from_the_bucket(s3):
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"id": range(5000), "name": ["n"] * 5000}), sink, row_group_size=1000)
    s3.put_object(Bucket="drops", Key="people.parquet", Body=sink.getvalue().to_pybytes())
    declaration = declare("s3://drops", KEYS, people={"format": "parquet"})
    bucket = Bucket(declaration, "s3://drops")
    content = Content(bucket, bucket.matches("people", "people*")[0], held_bytes=0)
    rows = checked_rows(content, declaration, "people", declaration.tables["people"], lambda rows: None, 0)
    assert pa.concat_tables(rows).column("id").to_pylist() == list(range(5000))
    s3.put_object(Bucket="drops", Key="people.parquet", Body=b"PAR1" * 100)
    with pytest.raises(FileRefused, match="was written to while it was read") as caught:
        list(checked_rows(content, declaration, "people", declaration.tables["people"], lambda rows: None, 0))
    assert caught.value.is_transient


def test_more_objects_than_a_page_of_the_listing_holds(s3):
    for number in range(1005):
        s3_backends[DEFAULT_ACCOUNT_ID]["aws"].put_object("drops", f"many/{number:04}.csv", b"")
    declaration = declare("s3://drops", KEYS, people={"format": "csv"})
    names = [found.name for found in Bucket(declaration, "s3://drops").matches("people", "many/*.csv")]
    assert names == [f"many/{number:04}.csv" for number in range(1005)]


def test_a_bucket_that_does_not_exist_and_one_without_files(s3, tmp_path):
    with pytest.raises(SourceError, match=r"^drop\.people: the bucket nowhere does not exist\. Remedy: correct loc"):
        pull(declare("s3://nowhere/x", KEYS, people={"format": "csv"}), DataDir(tmp_path))
    with pytest.raises(SourceError, match=r"^drop\.people: no file matches people\* in drops/x/\. Remedy: "):
        pull(declare("s3://drops/x", KEYS, people={"format": "csv"}), DataDir(tmp_path))
    with pytest.raises(SourceError, match=r"^drop\.\*: its location ftp:// is no bucket that can be read\. Remedy: "):
        pull(declare("ftp://drops/x", KEYS, people={"format": "csv"}), DataDir(tmp_path))


class Misbehaving:
    """Answers lists and reads as it is told to."""

    def __init__(self) -> None:
        self.status, self.code, self.body, self.etags = 200, "", b"id,name\n1,a\n", ["a"]
        self.length: int | None = None

    def answer(self, handler: BaseHTTPRequestHandler, *, with_body: bool) -> None:
        listing = "list-type" in handler.path
        if self.status != 200 and (listing or self.code == "GetDenied"):
            return self._send(handler, self.status, f"<Error><Code>{self.code}</Code></Error>".encode(), with_body)
        if listing:
            item = f"<Contents><Key>people.csv</Key><Size>{len(self.body)}</Size>"
            item += "<LastModified>2024-01-01T00:00:00.000Z</LastModified></Contents>"
            content = f"<ListBucketResult><Name>drops</Name><KeyCount>1</KeyCount>{item}</ListBucketResult>".encode()
            return self._send(handler, 200, content, with_body)
        etag = self.etags.pop(0) if len(self.etags) > 1 else self.etags[0]
        return self._send(handler, 200, self.body, with_body, etag, self.length)

    def _send(
        self,
        handler: BaseHTTPRequestHandler,
        status: int,
        content: bytes,
        with_body: bool,
        etag: str = "x",
        length: int | None = None,
    ) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", "application/xml")
        handler.send_header("Content-Length", str(length or len(content)))
        handler.send_header("ETag", f'"{etag}"')
        handler.send_header("Last-Modified", "Mon, 01 Jan 2024 00:00:00 GMT")
        handler.end_headers()
        if with_body:
            handler.wfile.write(content)
            handler.close_connection = True


@pytest.fixture
def misbehaving(monkeypatch) -> Iterator[Misbehaving]:
    answers = Misbehaving()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers.answer(self, with_body=True)

        def do_HEAD(self) -> None:
            answers.answer(self, with_body=False)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    for name, value in {"DROP_KEY": "key", "DROP_SECRET": "s3cr3t-k3y"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DROP_S3", f"http://127.0.0.1:{server.server_port}")
    yield answers
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("status", "code", "line", "is_transient"),
    [
        (403, "InvalidAccessKeyId", r"the bucket refuses its keys \(\w+\)\. Remedy: check the keys of drop", False),
        (403, "SignatureDoesNotMatch", r"the bucket refuses its keys \(\w+\)\. Remedy: check the keys of dr", False),
        (503, "SlowDown", r"the bucket can't be reached \(\w+\)\. Remedy: pull again", True),
        (500, "InternalError", r"the bucket can't be reached \(\w+\)\. Remedy: pull again", True),
    ],
)
def test_what_a_bucket_refuses_is_told_in_a_line(misbehaving, tmp_path, status, code, line, is_transient):
    misbehaving.status, misbehaving.code = status, code
    with pytest.raises(SourceError, match=rf"^drop\.people: {line}") as caught:
        pull(declare("s3://drops", KEYS, people={"format": "csv"}), DataDir(tmp_path))
    assert caught.value.is_transient is is_transient
    assert "s3cr3t" not in str(caught.value)


def test_an_object_that_changes_or_breaks_off_is_read_again_later(misbehaving):
    declaration = declare("s3://drops", KEYS, people={"format": "csv"})
    bucket = Bucket(declaration, "s3://drops")
    found = bucket.matches("people", "people*")[0]
    assert Content(bucket, found).unpacked().__next__() == b"id,name\n1,a\n"
    misbehaving.etags = ["a", "a", "b"]
    with pytest.raises(FileRefused, match="was written to while it was read") as caught:
        Content(bucket, found)
    assert caught.value.is_transient
    misbehaving.length = 5000
    found = bucket.matches("people", "people*")[0]
    with pytest.raises(FileRefused, match=r"could not be read to its end|was written to") as caught:
        Content(bucket, found)
    assert caught.value.is_transient
