// What Debian's maintainer scripts do to a new root, done by running those that matter in the guest itself.

import { storedContents } from "../../engine/loader/image.ts";
import { boot } from "../../engine/machine-boot.ts";
import type { BootParameters } from "../../events/kernel-event.ts";
import { type Image, makeImage } from "../image.ts";
import { machineRoot } from "../machine-root.ts";
import type { ImageWriter } from "../stored-image.ts";
import { UserMistake } from "../user-mistake.ts";
import type { Pull } from "./debian.ts";

/** Their scripts make the cache of libraries, alternatives, users, shells, PAM's and nginx's settings. Others only speak to an init system, which the guest does not have. */
const POSTINSTS =
  "libc-bin debianutils tar gawk less perl procps xz-utils gcc cpp util-linux openssl libpam-runtime passwd login base-files nginx-common redis-tools";
/** Compiled ahead are the modules that many programs import; Debian's script compiles all of them, which takes the guest minutes. */
const PYTHON_MODULES =
  "argparse, ast, asyncio, base64, bisect, calendar, collections.abc, concurrent.futures, configparser, contextlib, copy, csv, ctypes, dataclasses, datetime, decimal, difflib, email.message, enum, fractions, functools, getopt, glob, gzip, hashlib, heapq, html, http.client, http.server, importlib.metadata, inspect, io, ipaddress, itertools, json, locale, logging, lzma, math, multiprocessing, operator, os, pathlib, pickle, platform, pprint, queue, random, re, sched, select, selectors, shlex, shutil, signal, socket, sqlite3, ssl, stat, statistics, string, struct, subprocess, tarfile, tempfile, textwrap, threading, time, timeit, tokenize, traceback, types, typing, unittest, urllib.request, uuid, warnings, weakref, xml.etree.ElementTree, zipfile, zlib";
const SLICE_TICKS = 20_000_000;
/** For the bar. */
const USUAL_TICKS = 2_900_000_000;

/**
 * As dpkg calls them: preinst of a new installation, then postinst without an older version. By data instead: the user redis, since useradd reports to the
 * kernel's audit, which the guest does not have; the list of certificates, which debconf would ask for.
 */
const SCRIPT = `set -e
umask 022
export DEBIAN_FRONTEND=noninteractive DPKG_MAINTSCRIPT_ARCH=amd64 DPKG_ROOT= DPKG_ADMINDIR=/var/lib/dpkg
failed=
run() {
  DPKG_MAINTSCRIPT_PACKAGE=$1 DPKG_MAINTSCRIPT_NAME=$2
  export DPKG_MAINTSCRIPT_PACKAGE DPKG_MAINTSCRIPT_NAME
  for script in /var/lib/dpkg/info/$1.$2 /var/lib/dpkg/info/$1:amd64.$2; do
    if [ -e $script ]; then "$script" $3 "" || failed="$failed $1.$2"; fi
  done
}
run base-passwd preinst install
run base-passwd postinst configure
echo redis:x:101: >> /etc/group
echo redis:x:101:101::/var/lib/redis:/usr/sbin/nologin >> /etc/passwd
for package in ${POSTINSTS}; do run $package postinst configure; done
(cd /usr/share/ca-certificates && find . -name '*.crt' | cut -c3- | LC_ALL=C sort) > /etc/ca-certificates.conf
update-ca-certificates
python3 -c '
import ${PYTHON_MODULES}'
rm -rf /var/cache/ldconfig/aux-cache /var/cache/debconf/*-old /run/adduser /etc/*- /tmp/*
[ -z "$failed" ] || { echo "these scripts failed:$failed" >&2; exit 1; }
`;

/** As for any guest; its clock stands in what it writes, so it is fixed. */
const parametersOf = ({ name, digest, config }: Image): BootParameters => ({
  imageName: name,
  imageDigest: digest,
  mounts: [],
  program: "/bin/sh",
  argv: ["/bin/sh", "-c", SCRIPT],
  environment: Object.entries(config.environment).map(([variable, value]) => `${variable}=${value}`),
  workingDirectory: "/",
  user: config.user,
  standard: ["pipe", "pipe", "pipe"],
  terminal: { columns: 80, rows: 24 },
  hostname: "chronix",
  epochSeconds: 1_704_067_200,
  seed: 1,
  memoryBytes: 2 ** 31,
  quantumTicks: 1_000_000,
});

export function configured(image: Image, writer: ImageWriter, { onProgress, onStep }: Required<Pick<Pull, "onProgress" | "onStep">>): Image {
  onProgress("Configuring the packages in the guest.");
  const said: string[] = [];
  const world = {
    output: (_: string, bytes: Readonly<Uint8Array>) => void said.push(Buffer.from(bytes).toString("utf8")),
    note: (text: string) => void said.push(`${text}\n`),
  };
  const machine = boot({ image, mounts: [], parameters: parametersOf(image) }, { world });
  machine.input({ source: "stdin", bytes: null });
  let stop = machine.run({ seq: 0, tick: SLICE_TICKS });
  while (stop.kind === "bound") {
    onStep("million instructions of configuring", machine.tick / 1e6, Math.max(USUAL_TICKS, machine.tick) / 1e6);
    stop = machine.run({ seq: 0, tick: machine.tick + SLICE_TICKS });
  }
  if (stop.kind !== "halted" || stop.status !== 0)
    throw new UserMistake(`The packages could not be configured in the guest; the last that was said: ${said.join("").trim().split("\n").slice(-3).join(" ")}`);
  const entries = machineRoot({ state: machine.state, contents: storedContents(image) }, bytes => writer.store(bytes));
  return makeImage(image.name, entries, image.config);
}
