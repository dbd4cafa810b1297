// Builds the bundle into a temporary folder and compares it with the committed one; also checks its size.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const LIMIT = 250 * 1000;
const FILES = ["kernelserve.js", "kernelserve.css"];
const widgets = fileURLToPath(new URL("..", import.meta.url));
const committed = join(widgets, "..", "kernelserve", "widget", "static");
const fresh = mkdtempSync(join(tmpdir(), "kernelserve-bundle-"));

const problems = [];
try {
  execFileSync("npx", ["vite", "build", "--outDir", fresh, "--logLevel", "warn"], { cwd: widgets, stdio: "inherit" });
  let total = 0;
  for (const name of FILES) {
    const built = readFileSync(join(fresh, name));
    total += gzipSync(built).length;
    if (!built.equals(readFileSync(join(committed, name)))) {
      problems.push(`${name} is stale: it is not what the sources build. Run \`npm run build\` and commit the result.`);
    }
  }
  console.log(`bundle: ${total} bytes gzipped`);
  if (total > LIMIT) problems.push(`The bundle is ${total} bytes gzipped; ${LIMIT} are allowed. Leave something out.`);
} finally {
  rmSync(fresh, { recursive: true });
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length ? 1 : 0;
