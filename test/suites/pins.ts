// The packages that the suites come from: of the versions that the Debian image has. No part of them is in this repository.
import type { SourcePackage } from "../corpus/debian-source.ts";
import type { PinnedPackage } from "../corpus/pinned-package.ts";

export const PYTHON_TESTS: PinnedPackage = {
  name: "libpython3.11-testsuite",
  version: "3.11.2-6+deb12u8",
  sha256: "718afaa9807bcc228d16f7e01436f7fdbfc1268f806091c0b83d57f564633fa3",
};
export const BASH_SOURCE: SourcePackage = {
  name: "bash",
  version: "5.2.15-2",
  sha256: "7a315bc0e9d90713159e4390ec1096a41e4f33cd8cc3d1a749a8e5ad56600f51",
};
export const PERL_SOURCE: SourcePackage = {
  name: "perl",
  version: "5.36.0-7+deb12u3",
  sha256: "0f386dccbee8e26286404b2cca144e1005be65477979beb9b1ba272d4819bcf0",
};
