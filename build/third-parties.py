#!/usr/bin/env python3
"""Lists the libraries of the built program with their licences, from the POMs in the local Maven repository.

build/third-parties.py           prints group:artifact:version and licence, a line each
build/third-parties.py --check   exits with 1 where NOTICE names a library's group not, or a group that is not there any more
"""

import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
REPOSITORY = pathlib.Path.home() / ".m2" / "repository"


def pom(path):
    root = ElementTree.fromstring(path.read_bytes())
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def licences(path):
    if not path.exists():
        return ["unknown: no POM"]
    project = pom(path)
    names = [(name.text or "").strip() for name in project.findall("licenses/license/name")]
    parent = project.find("parent")
    if names or parent is None:
        return names or ["unknown"]
    group, artifact, version = (parent.findtext(tag).strip() for tag in ("groupId", "artifactId", "version"))
    return licences(REPOSITORY / group.replace(".", "/") / artifact / version / f"{artifact}-{version}.pom")


def libraries(program):
    """Group, artifact, version and folder in the local repository of each library in the program."""
    names = [
        pathlib.PurePath(name).name
        for name in zipfile.ZipFile(program).namelist()
        if name.startswith("BOOT-INF/lib/") and name.endswith(".jar")
    ]
    known = {path.name: path for path in REPOSITORY.rglob("*.jar")}
    for name in sorted(names):
        if name.startswith(("linescribe-", "spring-boot-jarmode-tools-")):  # ours; added by the Spring Boot plugin
            continue
        if name not in known:
            sys.exit(f"{name}: not in {REPOSITORY}")
        folder = known[name].parent
        group = ".".join(folder.parent.parent.relative_to(REPOSITORY).parts)
        yield group, folder.parent.name, folder.name, folder


def main():
    programs = sorted(ROOT.glob("*/target/linescribe.jar"), key=lambda path: path.stat().st_mtime)
    if not programs:
        sys.exit("no linescribe.jar: build it with ./linescribe --version")
    found = list(libraries(programs[-1]))
    if sys.argv[1:] != ["--check"]:
        for group, artifact, version, folder in found:
            print(f"{group}:{artifact}:{version}\t{' | '.join(licences(folder / f'{artifact}-{version}.pom'))}")
        return
    notice = (ROOT / "NOTICE").read_text()
    section = re.search(r"^1\. .*?(?=^2\. )", notice, re.DOTALL | re.MULTILINE).group()
    lists = " ".join(line for line in section.splitlines() if line.startswith("    "))
    named = set(re.findall(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+|commons-[a-z]+", re.sub(r"\([^)]*\)|The exception.*?2\.0\.", "", lists)))
    groups = {group for group, *_ in found}
    problems = [f"not in NOTICE: {group}" for group in sorted(groups - named) if group not in notice]
    problems += [f"in NOTICE, not in the program: {group}" for group in sorted(named - groups)]
    print("\n".join(problems) or f"NOTICE names all {len(groups)} groups of {len(found)} libraries")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
