// npm skips an OPTIONAL dependency whose `engines` its own Node does not meet. Hardhat's EVM
// (@nomicfoundation/edr) ships its binary that way and wants Node >= 22, so `npm ci` run by an
// older Node leaves it out. npm puts node_modules/.bin first on PATH for scripts, so this script is
// already run by the Node 24 of the `node-<platform>` package: let that Node finish the install.
import { spawnSync } from "node:child_process";

try {
  await import("@nomicfoundation/edr");
} catch (cause) {
  const npm = process.env.npm_execpath;
  if (!npm || process.env.ENSURE_NATIVE) throw cause;
  const args = [npm, "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"];
  const result = spawnSync(process.execPath, args, {
    stdio: "inherit",
    env: { ...process.env, ENSURE_NATIVE: "1" },
  });
  process.exitCode = result.status ?? 1;
}
