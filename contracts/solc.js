#!/usr/bin/env node
// The pinned JavaScript compiler, speaking the two dialects of solc's command line that forge uses.
"use strict";
const { readFileSync } = require("node:fs");
const { resolve, sep } = require("node:path");
const solc = require("solc");

const packages = resolve(__dirname, "../node_modules") + sep;

/** Reads what a package imports; forge names packages by their path from this folder. */
function read(name) {
  const path = resolve(__dirname, name);
  if (!path.startsWith(packages)) return { error: `${name} is not in node_modules` };
  return { contents: readFileSync(path, "utf8") };
}

if (process.argv.includes("--version")) {
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}\n`);
} else if (process.argv.includes("--standard-json")) {
  process.stdout.write(solc.compile(readFileSync(0, "utf8"), { import: read }));
} else {
  process.stderr.write("solc.js: only --version and --standard-json are answered\n");
  process.exit(2);
}
