"""The JUnit reports out of the guest, made one."""

import tarfile
import xml.etree.ElementTree as ElementTree


def unite(archive, target):
    """Writes every test suite of the reports in a tar to one report."""
    root = ElementTree.Element("testsuites")
    with tarfile.open(archive) as reports:
        for member in sorted(reports.getmembers(), key=lambda each: each.name):
            if member.name.endswith(".xml"):
                root.extend(ElementTree.parse(reports.extractfile(member)).getroot())
    ElementTree.ElementTree(root).write(target, encoding="utf-8", xml_declaration=True)
