"""The dearest answers that readers take: of registries, and of those who tell of vulnerabilities."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fuzz.shape import Shape
from bot.adapters.advisories import threats
from bot.adapters.advisories.records import indexed
from bot.osv import match, record
from remediators import bounds
from remediators.api import Completed, Fetched, Registry
from remediators.bounds import Bounds
from remediators.errors import ToolError
from remediators.registries import package_document, project_files, python_metadata
from remediators.registries.json_walk import LARGEST_VALUE, MOST_VALUES
from remediators.registries.npm import NpmRegistry
from remediators.registries.pypi import PypiRegistry
from remediators.versions.pypi import PypiVersions

_INDEX = "https://registry.example/simple"
_PEP_691 = "application/vnd.pypi.simple.v1+json"
_SHA = "a" * 64
_JUNK = f'"%d":[{"[]," * 14}0],'
_TAKEN = MOST_VALUES - 100
_SMALL = '{"":0},'
_PLACE = f"https://registry.example/packages/aa/bb/{'c' * 60}"
_TOLD = (
    f'"core-metadata":{{"sha256":"{_SHA}"}},"data-dist-info-metadata":{{"sha256":"{_SHA}"}},"hashes":{{"sha256":'
    f'"{_SHA}"}},"provenance":"https://registry.example/integrity/app/1.0/p/provenance","requires-python":">=3.9",'
    '"size":12345,"upload-time":"2024-01-01T00:00:00.000000Z","yanked":false'
)
_NPM_TOLD = (
    '"description":"what it does","license":"MIT","dependencies":{"a":"^1","b":"^2"},"engines":{"node":">=18"},'
    f'"dist":{{"shasum":"{"a" * 40}","tarball":"https://registry.example/app/-/app-1.tgz","integrity":"sha512-x=="}}'
)


@dataclass(frozen=True, slots=True)
class Answering:
    """`Tools` in which every request has one answer."""

    body: bytes
    content_type: str

    def run(self, argv: Sequence[str], cwd: Path | None, env: Mapping[str, str] | None = None) -> Completed:
        """Nothing is installed."""
        raise ToolError(f"{argv[0]} is not installed")

    def fetch(self, url: str, accept: str, etag: str = "") -> Fetched:
        """The answer."""
        return Fetched(200, self.body, self.content_type, "", url)


def shapes() -> Iterator[Shape]:
    """A usual one of each answer, and the dearest that are known."""
    yield from _of_indexes()
    yield from _of_npm()
    yield from _of_advisories()


def _of_indexes() -> Iterator[Shape]:
    kind, read, bound = "simple index, JSON", _listed(PypiRegistry, _PEP_691), bounds.PROJECT_PAGE
    head, tail = '{"meta":{"api-version":"1.1"},"files":[', "]}"
    last = '{"filename":"app-1.zip","url":"x","hashes":{}}'
    whole = f'{{"filename":"app-1.0-%d-py3-none-any.whl","url":"{_PLACE}/app-1.%d.whl",{_TOLD}}},'
    short = '{"filename":"app-%d.1.zip","url":"../%d","hashes":{},"requires-python":">=3.9,<4"},'
    yield Shape(kind, "usual", read, bound, whole, head, last + tail, project_files.MOST_FILES - 1)
    yield Shape(kind, "a version each", read, bound, short, head, last + tail, project_files.MOST_VERSIONS - 1)
    yield Shape(kind, "empty values", read, bound, _JUNK, head[:-9], f'"files":[{last}]}}', _TAKEN)
    value = f'"%d":[{_SMALL * (LARGEST_VALUE // len(_SMALL) - 3)}0],'
    yield Shape(kind, "large values", read, bound, value, head[:-9], f'"files":[{last}]}}', 3)
    kind, read, bound = "simple index, HTML", _listed(PypiRegistry, "text/html"), bounds.PROJECT_PAGE_HTML
    told = f'data-requires-python="&gt;=3.9" data-upload-time="2024-01-01T00:00:00Z" data-core-metadata="sha256={_SHA}"'
    whole = f'<a href="{_PLACE}/app-1.%d.whl#sha256={_SHA}" {told}>app-1.0-%d-py3-none-any.whl</a><br/>\n'
    short = '<a href="../%d" data-requires-python=">=3.9,&lt;4">app-%d.1.zip</a>'
    yield Shape(kind, "usual", read, bound, whole, pieces=project_files.MOST_FILES)
    yield Shape(kind, "a version each", read, bound, short, pieces=project_files.MOST_VERSIONS)
    yield Shape(kind, "attributes", read, bound, "<a b c>", "<a href='x'>app-1.zip</a>", pieces=249_990)


def _of_npm() -> Iterator[Shape]:
    kind, bound, most = "npm package", bounds.PACKAGE_DOCUMENT, package_document.MOST_RELEASES - 1
    head, tail = '{"versions":{', f'"1.0.0":{{"version":"1.0.0",{_NPM_TOLD}}}}}}}'
    whole = f'"1.0.%d":{{"version":"1.0.%d",{_NPM_TOLD}}},'
    need = ",".join(f'"p{number}-%d":"^%d.{number}"' for number in range(25))
    needs = f'"1.0.%d":{{"version":"1.0.%d","dist":{{}},"dependencies":{{{need}}}}},'
    for what, read in (("releases", _listed), ("requirements", _required), ("provenance", _told)):
        taken = read(NpmRegistry, "application/json")
        yield Shape(f"{kind}, {what}", "usual", taken, bound, whole, head, tail, most)
        yield Shape(f"{kind}, {what}", "much is needed", taken, bound, needs, head, tail, 15_900)
        yield Shape(f"{kind}, {what}", "empty values", taken, bound, _JUNK, "{", head[1:] + tail, _TAKEN)
        yield Shape(f"{kind}, {what}", "empty releases", taken, bound, '"%d":{},', head, tail, most)


def _of_advisories() -> Iterator[Shape]:
    kind, bound = "OSV record", record.LARGEST
    about = '"package":{"ecosystem":"PyPI","name":"app"}'
    head = f'{{"id":"GHSA-1","modified":"2024-01-01T00:00:00Z","affected":[{{{about},'
    events = '"ranges":[{"type":"ECOSYSTEM","events":['
    yield Shape(kind, "versions", _matched, bound, '"1.%d",', f'{head}"versions":[', '"1"]}]}')
    yield Shape(kind, "events", _matched, bound, '{"introduced":"1.%d"},', head + events, '{"introduced":"0"}]}]}]}')
    yield Shape(kind, "packages", _matched, bound, f"{{{about}}},", head[:-1] + "},", f"{{{about}}}]}}")
    line = "CVE-2024-%d,0.00042,0.05\n"
    yield Shape("EPSS scores", "usual", threats.scores, threats.SCORES, line, "cve,epss,percentile\n")
    entry, known = '{"cveID":"CVE-2024-%d"},', threats.known_exploited
    yield Shape("exploited", "names only", known, threats.EXPLOITED, entry, '{"vulnerabilities":[', '{"cveID":"x"}]}')
    headers, required = Bounds(python_metadata.LONGEST_HEADERS, 10**9, b""), python_metadata.required
    yield Shape(
        "METADATA", "requirements", required, headers, "Requires-Dist: p%d>=1,<2;os_name=='nt'\n", "Name: app\n"
    )


def _matched(raw: bytes) -> object:
    read = record.advisory(record.load(indexed(raw, "x", ()).raw, "x"))
    return match.affects(read, "PyPI", "app", "1.0.0", PypiVersions())


def _listed(registry: Callable[[], Registry], content_type: str) -> Callable[[bytes], object]:
    return lambda raw: registry().releases("app", _INDEX, Answering(raw, content_type))


def _required(registry: Callable[[], Registry], content_type: str) -> Callable[[bytes], object]:
    return lambda raw: registry().requirements("app", "1.0.0", _INDEX, Answering(raw, content_type))


def _told(registry: Callable[[], Registry], content_type: str) -> Callable[[bytes], object]:
    return lambda raw: registry().about("app", "1.0.0", _INDEX, Answering(raw, content_type))
