import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { collectSources, compile, type Sources } from "./standardJson.ts";

/**
 * Runs the symbolic proofs in proofs/ with halmos, and each again on twins of the contracts that are broken on purpose: a
 * proof that holds for its broken twin proves nothing, so that is a failure too.
 */

const PROOFS = ["proofs/StateCommitRegistry.proof.sol"];
const WORK = join(import.meta.dirname, "../node_modules/.cache/proofs");
const PROVE_WITHIN_MS = 10 * 60_000;

/** A fault put into a source, and the proof that must not survive it. */
interface Twin {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  readonly mustFail: string;
}

/** A proof as it came out. */
export interface Proof {
  readonly name: string;
  readonly outcome: "proven" | "refuted" | "undecided";
}

/** What is to be said of a proof or of a twin. */
export interface ProofRow {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Everything, proven and broken; `ok` only if all proofs hold and every twin fails its own. */
export function proveAll(halmos: string): ProofRow[] {
  const sources = collectSources(PROOFS);
  const rows = prove(halmos, sources, "check_").map(({ name, outcome }) => ({
    what: name,
    ok: outcome === "proven",
    detail: outcome,
  }));
  const twins: Twin[] = JSON.parse(
    readFileSync(join(import.meta.dirname, "../proofs/twins.json"), "utf8"),
  );
  return [...rows, ...twins.map((twin) => judgeTwin(halmos, sources, twin))];
}

function judgeTwin(halmos: string, sources: Sources, twin: Twin): ProofRow {
  const { name, file, find, replace, mustFail } = twin;
  const content = sources[file]?.content ?? "";
  const what = `${mustFail} on a twin: ${name}`;
  if (content.split(find).length !== 2) {
    return { what, ok: false, detail: `${file} has not exactly one "${find}"` };
  }
  const broken = { ...sources, [file]: { content: content.replace(find, replace) } };
  const [proof] = prove(halmos, broken, mustFail);
  const detail = proof?.outcome ?? "did not run";
  return { what, ok: detail === "refuted", detail };
}

function prove(halmos: string, sources: Sources, prefix: string): Proof[] {
  layOut(sources);
  const args = ["--root", WORK, "--forge-build-out", "out", "--function", prefix];
  const limits = ["--storage-layout", "generic", "--solver-timeout-assertion", "120000"];
  const run = spawnSync(halmos, [...args, ...limits], {
    encoding: "utf8",
    timeout: PROVE_WITHIN_MS,
    env: { ...process.env, PATH: `${join(WORK, "bin")}:${process.env.PATH}` },
  });
  const text = stripVTControlCharacters(`${run.stdout}${run.stderr}`);
  const proofs: Proof[] = [];
  for (const [, verdict, name = ""] of text.matchAll(
    /\[(PASS|FAIL|TIMEOUT|ERROR)\] (check_\w+)/g,
  )) {
    const outcome = verdict === "PASS" ? "proven" : verdict === "FAIL" ? "refuted" : "undecided";
    proofs.push({ name, outcome });
  }
  if (proofs.length === 0) throw new Error(`halmos proved nothing:\n${text.slice(-3_000)}`);
  return proofs;
}

/** The build as halmos expects to find it, and a `forge` that has nothing left to do. */
function layOut(sources: Sources): void {
  rmSync(WORK, { recursive: true, force: true });
  mkdirSync(join(WORK, "bin"), { recursive: true });
  const forge = join(WORK, "bin/forge");
  writeFileSync(forge, "#!/bin/sh\nexit 0\n");
  chmodSync(forge, 0o755);
  for (const { file, name, output, ast } of compile(sources)) {
    const folder = join(WORK, "out", basename(file));
    mkdirSync(folder, { recursive: true });
    const evm = Object(output.evm);
    const artifact = {
      abi: output.abi,
      bytecode: evm.bytecode,
      deployedBytecode: evm.deployedBytecode,
      methodIdentifiers: evm.methodIdentifiers,
      metadata: JSON.parse(`${output.metadata}`),
      ast,
      id: 0,
    };
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(artifact));
  }
}
