"""What the tests wrote in the guest: JUnit reports, made one, and logs."""

import tarfile
import xml.etree.ElementTree as ElementTree


def unite(archive, target):
    """Writes every test suite of the reports in a tar to one report."""
    root = ElementTree.Element("testsuites")
    with tarfile.open(archive) as reports:
        for member in sorted(reports.getmembers(), key=lambda each: each.name):
            if member.name.endswith(".xml"):
                found = ElementTree.parse(reports.extractfile(member)).getroot()
                root.extend([found] if found.tag == "testsuite" else found)
    ElementTree.ElementTree(root).write(target, encoding="utf-8", xml_declaration=True)


def extract_logs(archive, folder):
    """Everything else, with the folders it is in."""
    with tarfile.open(archive) as reports:
        logs = [each for each in reports.getmembers() if not each.name.endswith(".xml")]
        reports.extractall(folder, [each for each in logs if each.isfile()])
