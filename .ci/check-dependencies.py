#!/usr/bin/env python3
"""Checks the dependencies of the workspace against deny.toml: bans, licences, sources.

A part of what `cargo deny check bans licenses sources` does, over the same list, with nothing to install but Python
3.11. Advisories are not looked at: they need a database from the network.

What it reads of deny.toml: `licenses.allow`, `bans.deny` (`crate`, with `@<version` at most), `bans.wildcards`,
`bans.allow-wildcard-paths` (for dev-dependencies, as for published crates),
`sources.allow-registry`. A key that it does not know in these tables is an error, so that a rule is never skipped in
silence.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

try:
    import tomllib
except ModuleNotFoundError:
    sys.exit("error: Python 3.11 or newer is needed: this one has no `tomllib`")

ROOT = Path(__file__).resolve().parent.parent

KNOWN_KEYS = {
    "licenses": {"allow"},
    "bans": {"deny", "wildcards", "allow-wildcard-paths", "multiple-versions"},
    "sources": {"allow-registry", "allow-git", "unknown-registry", "unknown-git"},
}
KNOWN_BAN_KEYS = {"crate", "reason"}


class Expression:
    """An SPDX licence expression, and the old `MIT/Apache-2.0`, that can be asked whether a set of licences fulfils it.

    Grammar: either = both ("OR" both)*; both = one ("AND" one)*; one = "(" either ")" | id ["WITH" id].
    """

    def __init__(self, text):
        self.text = text
        self.words = re.findall(r"[()]|[A-Za-z0-9.+-]+", text.replace("/", " OR "))

    def fulfilled_by(self, allowed):
        self.rest = list(self.words)
        result = self.either(allowed)
        if self.rest:
            raise ValueError(f"`{self.text}` is not a licence expression")
        return result

    def either(self, allowed):
        result = self.both(allowed)
        while self.take("OR"):
            result = self.both(allowed) or result
        return result

    def both(self, allowed):
        result = self.one(allowed)
        while self.take("AND"):
            result = self.one(allowed) and result
        return result

    def one(self, allowed):
        if self.take("("):
            result = self.either(allowed)
            if not self.take(")"):
                raise ValueError(f"`{self.text}` lacks a parenthesis")
            return result
        if not self.rest:
            raise ValueError(f"`{self.text}` ends too early")
        name = self.rest.pop(0)
        if self.take("WITH"):
            name = f"{name} WITH {self.rest.pop(0)}"
        return name in allowed

    def take(self, word):
        if self.rest and self.rest[0] == word:
            self.rest.pop(0)
            return True
        return False


def numbers(version):
    """The numbers of a version, padded, so that `1.0.109 < 2` compares as it should."""
    parts = [int(part) for part in re.split(r"[-+]", version)[0].split(".")]
    return parts + [0] * (3 - len(parts))


def is_banned(package, ban):
    name, _, limit = ban["crate"].partition("@")
    if package["name"] != name:
        return False
    if not limit:
        return True
    if not limit.startswith("<"):
        raise ValueError(f"deny.toml: `{ban['crate']}`: only `@<version` is understood here")
    return numbers(package["version"]) < numbers(limit[1:])


def findings(rules, metadata):
    """Every violation, as a line of text."""
    allowed = set(rules["licenses"]["allow"])
    registries = {f"registry+{url}" for url in rules["sources"]["allow-registry"]}
    used = set()
    for package in metadata["packages"]:
        name = f"{package['name']} {package['version']}"
        licence = package["license"]
        if not licence:
            yield f"licence: {name} declares none"
        elif not Expression(licence).fulfilled_by(allowed):
            yield f"licence: {name} is under `{licence}`"
        else:
            used |= {one for one in allowed if not Expression(licence).fulfilled_by(allowed - {one})}
        for ban in rules["bans"]["deny"]:
            if is_banned(package, ban):
                yield f"ban: {name}: {ban['reason']}"
        if package["source"] is not None and package["source"] not in registries:
            yield f"source: {name} comes from {package['source']}"
        if package["source"] is None and rules["bans"].get("wildcards") == "deny":
            for dependency in package["dependencies"]:
                is_path = dependency["kind"] == "dev" and "path" in dependency
                if dependency["req"] == "*" and not (is_path and rules["bans"].get("allow-wildcard-paths")):
                    yield f"wildcard: {name} takes any version of {dependency['name']}"
    # MIT and Apache-2.0 mostly stand together, so that neither is ever the only way.
    for unused in sorted(allowed - used - {"MIT", "Apache-2.0"}):
        yield f"licence: `{unused}` is allowed and nothing needs it: take it out of deny.toml"


def unknown_keys(rules):
    for table, known in KNOWN_KEYS.items():
        for key in rules[table].keys() - known:
            yield f"deny.toml: `{table}.{key}` is not understood by this script"
    for ban in rules["bans"]["deny"]:
        for key in ban.keys() - KNOWN_BAN_KEYS:
            yield f"deny.toml: `bans.deny`: `{key}` of `{ban.get('crate')}` is not understood by this script"


def main():
    rules = tomllib.loads((ROOT / "deny.toml").read_text(encoding="utf-8"))
    command = ["cargo", "metadata", "--locked", "--all-features", "--format-version", "1"]
    answer = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False)
    if answer.returncode != 0:
        sys.exit("error: `cargo metadata --locked` failed")
    metadata = json.loads(answer.stdout)
    problems = sorted({*unknown_keys(rules), *findings(rules, metadata)})
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    if problems:
        sys.exit(1)
    print(f"{len(metadata['packages'])} packages: bans, licences and sources are as deny.toml says")


if __name__ == "__main__":
    main()
