import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { temporaryFolder } from "../helpers/localNetwork.ts";
import { type NodeProcess, type Outcome, openNode } from "../helpers/nodeProcess.ts";

/** The single tasks, each in a process of its own, against a node in a process of its own. */

const ROOT = resolve(import.meta.dirname, "../..");
const POLICY = "policies/spend-limit";

describe("tasks against a node", function () {
  this.timeout(600_000);
  let node: NodeProcess;
  let dataDir: string;

  before(async () => {
    dataDir = join(temporaryFolder(), "state");
    node = await openNode();
  });

  after(() => node.close());

  function run(args: readonly string[], env?: NodeJS.ProcessEnv): Outcome {
    return node.run(args, env);
  }

  /** A task on the node with `--json`: its exit code and document. */
  function task(...args: string[]): {
    readonly status: number | null;
    readonly document: Document;
  } {
    const onNode = ["--network", "localhost", "--data-dir", dataDir, "--json"];
    const { status, stdout, stderr } = run([...args, ...onNode]);
    try {
      return { status, document: JSON.parse(stdout) };
    } catch {
      return expect.fail(`${args.join(" ")}: no JSON on stdout: ${stdout}${stderr}`);
    }
  }

  /** What was done about the gateway's store. */
  function repairOf({ stores }: Document): unknown {
    const store = Array.isArray(stores)
      ? stores.find(({ name }: { name: string }) => name === "gateway")
      : undefined;
    return store?.repair;
  }

  type Document = Record<string, unknown> & { readonly error?: { readonly code: string } };

  it("goes from keys to a current policy instance", () => {
    const nobody = task("state", "commit");
    expect([nobody.status, nobody.document.error?.code]).to.deep.equal([3, "E_NO_OPERATORS"]);
    const none = task("operators", "register", "--count", "0");
    expect([none.status, none.document.error?.code]).to.deep.equal([2, "E_OPTION"]);
    const many = task("operators", "register", "--count", "200");
    expect([many.status, many.document.error?.code]).to.deep.equal([3, "E_NO_ACCOUNT"]);
    const planned = task("operators", "register", "--count", "4", "--dry-run");
    expect(planned.document.dryRun).to.equal(true);
    const registered = task("operators", "register", "--count", "4");
    expect(registered.document.epoch).to.equal("1");

    const published = task("artifact", "publish", POLICY);
    const artifacts = published.document.artifacts;
    if (!Array.isArray(artifacts)) return expect.fail("no artifacts");
    expect(artifacts.map(({ status }) => status)).to.include("pending");

    const tooEarly = task("policy", "register", POLICY);
    expect([tooEarly.status, tooEarly.document.error?.code]).to.deep.equal([4, "E_NOT_COMMITTED"]);
    const refused = task("state", "commit", "--offline", "2");
    expect([refused.status, refused.document.error?.code]).to.deep.equal([
      4,
      "E_QUORUM_NOT_REACHED",
    ]);
    const most = task("state", "commit", "--hold", "33");
    expect([most.status, most.document.error?.code]).to.deep.equal([2, "E_HOLD_RULES"]);
    const held = task("state", "commit", "--offline", "1", "--hold", "3");
    expect([held.status, held.document.status, held.document.landed]).to.deep.equal([0, "held", 0]);
    const ahead = task("state", "head").document;
    expect([ahead.sequenceNo, ahead.held, ahead.pending]).to.deep.equal(["0", 1, 0]);
    const unproved = task("state", "prove", artifacts[0].contentHash, "--kind", "rego");
    expect([unproved.status, unproved.document.error?.code]).to.deep.equal([4, "E_NOT_COMMITTED"]);
    // Who registers waits for the root, so it is landed.
    expect(task("policy", "register", POLICY).status).to.equal(0);
    expect(task("state", "commit").document.status).to.equal("skipped");

    const head = task("state", "head").document;
    expect([head.sequenceNo, head.pending, head.leaves]).to.deep.equal(["1", 0, artifacts.length]);
    expect(head.held).to.equal(0);

    const proof = join(dataDir, "proof.json");
    const { contentHash } = artifacts[0];
    const proven = task("state", "prove", contentHash, "--kind", "rego", "--out", proof);
    expect(proven.document.present).to.equal(true);
    expect(task("state", "verify", proof).document.verified).to.equal(true);
    const forged = { ...JSON.parse(readFileSync(proof, "utf8")), sequenceNo: "1", record: "0x00" };
    writeFileSync(proof, JSON.stringify(forged));
    const unproven = task("state", "verify", proof);
    expect([unproven.status, unproven.document.error?.code]).to.deep.equal([4, "InvalidLeaf"]);

    writeFileSync(proof, JSON.stringify({ ...forged, chainId: "10" }));
    const foreign = task("state", "verify", proof);
    expect([foreign.status, foreign.document.error?.code]).to.deep.equal([4, "E_PROOF_REFUSED"]);

    const deployed = task("policy", "instantiate", POLICY);
    expect(deployed.status).to.equal(0);
    expect(String(deployed.document.instance)).to.match(/^0x[0-9a-f]{64}$/);
  });

  it("audits a policy on the chain and on disk, and tells what changed between two", () => {
    const folder = task("policy", "verify", POLICY);
    expect([folder.status, folder.document.ok]).to.deep.equal([0, true]);
    const { instance } = task("policy", "instantiate", POLICY, "--dry-run").document;
    const shown = task("policy", "show", String(instance)).document;
    expect([shown.kind, shown.isCurrent]).to.deep.equal(["instance", true]);
    const verified = task("policy", "verify", String(instance));
    expect([verified.status, verified.document.ok]).to.deep.equal([0, true]);
    const changed = join(dataDir, "changed");
    cpSync(join(ROOT, POLICY), changed, { recursive: true });
    const rego = join(changed, "policy.rego");
    writeFileSync(rego, `${readFileSync(rego, "utf8")}\n# more\n`);
    const other = task("policy", "verify", changed);
    expect([other.status, other.document.ok]).to.deep.equal([5, false]);
    const diff = task("policy", "diff", String(shown.templateRef), changed);
    expect([diff.status, diff.document.same]).to.deep.equal([0, false]);
    expect(JSON.stringify(diff.document.differences)).to.contain("+# more");
    const unknown = task("policy", "show", `0x${"11".repeat(32)}`);
    expect([unknown.status, unknown.document.error?.code]).to.deep.equal([4, "E_NOT_REGISTERED"]);
  });

  it("plans changes of the directory, and refuses an order that leaves a consumer dangling", () => {
    const plan = (...args: string[]) => {
      const outcome = run(["provider", "plan", ...args, "--network", "localhost", "--json"]);
      const document: Document = JSON.parse(outcome.stdout);
      return { status: outcome.status, document };
    };
    const now = plan();
    expect([now.status, now.document.dangling]).to.deep.equal([0, []]);
    const removal = plan("remove:STATE_COMMIT_REGISTRY");
    expect([removal.status, removal.document.error?.code]).to.deep.equal([
      4,
      "E_DANGLING_CONSUMER",
    ]);
    const entries: Record<string, string> = Object(now.document.entries);
    const file = join(dataDir, "changes.json");
    const set = `set:POLICY_DATA_REGISTRY=${entries.POLICY_REGISTRY}`;
    writeFileSync(file, JSON.stringify({ changes: [set] }));
    const planned = plan("--file", file);
    expect([planned.status, planned.document.redeploy]).to.deep.equal([
      0,
      ["POLICY_REGISTRY", "CHALLENGE_VERIFIER", "DECISION_CHALLENGE_VERIFIER"],
    ]);
    const odd = plan("set:POLICY_REGISTRY");
    expect([odd.status, odd.document.error?.code]).to.deep.equal([2, "E_CHANGE_INVALID"]);
  });

  it("snapshots a store, restores another from folders that may lie, and repairs a damaged one", () => {
    const [sound, damaged] = [join(dataDir, "sound"), join(dataDir, "damaged")];
    const rehearsed = task("state", "snapshot", "--out", sound, "--dry-run");
    expect([rehearsed.status, existsSync(sound)]).to.deep.equal([0, false]);
    const written = task("state", "snapshot", "--out", sound);
    expect([written.status, written.document.sequenceNo]).to.deep.equal([0, "1"]);
    const again = task("state", "snapshot", "--out", sound);
    expect([again.status, again.document.error?.code]).to.deep.equal([2, "E_SNAPSHOT_EXISTS"]);

    cpSync(sound, damaged, { recursive: true });
    const contents = join(damaged, "contents-00000000");
    writeFileSync(contents, new Uint8Array(readFileSync(contents).length));
    const alone = task("state", "restore", "--from", damaged, "--store", "operator-9");
    expect([alone.status, alone.document.error?.code]).to.deep.equal([5, "E_NO_PEER"]);
    const from = ["--from", damaged, sound, "--store", "operator-9"];
    expect(task("state", "restore", ...from, "--dry-run").document.dryRun).to.equal(true);
    const gone = task("state", "restore", ...from, "--rpc", "http://127.0.0.1:1");
    expect([gone.status, gone.document.error?.code]).to.deep.equal([3, "E_UNREACHABLE"]);
    const restored = task("state", "restore", ...from, "--rpc", node.url);
    expect([restored.status, restored.document.stateRoot]).to.deep.equal([
      0,
      written.document.stateRoot,
    ]);
    const exists = task("state", "restore", ...from);
    expect([exists.status, exists.document.error?.code]).to.deep.equal([2, "E_STORE_EXISTS"]);

    expect(task("state", "fsck").document.isWhole).to.equal(true);
    const damage = (sql: string) => {
      const database = new DatabaseSync(join(dataDir, "gateway/state.db"));
      database.exec(sql);
      database.close();
      const found = task("state", "fsck");
      expect([found.status, found.document.isWhole]).to.deep.equal([5, false]);
    };
    damage("UPDATE content SET bytes = zeroblob(length(bytes)) WHERE id = 1");
    const fromPeers = task("state", "fsck", "--repair");
    expect([fromPeers.status, repairOf(fromPeers.document)]).to.deep.equal([0, "contents"]);
    expect(task("state", "fsck").status).to.equal(0);

    damage("UPDATE version SET stateRoot = zeroblob(32)");
    const others = join(dataDir, "others");
    mkdirSync(others);
    const names = readdirSync(dataDir).filter((name) => /^operator-\d+$/.test(name));
    for (const name of names) renameSync(join(dataDir, name), join(others, name));
    const nobody = task("state", "fsck", "--repair");
    expect([nobody.status, repairOf(nobody.document)]).to.deep.equal([5, "E_NO_PEER"]);
    const fromSnapshot = task("state", "fsck", "--repair", damaged, sound);
    expect([fromSnapshot.status, repairOf(fromSnapshot.document)]).to.deep.equal([0, "snapshot"]);
    for (const name of names) renameSync(join(others, name), join(dataDir, name));
    expect(task("state", "fsck").status).to.equal(0);
  });

  it("plans a migration, carries its files out on a fork, and stops at what drifted", () => {
    const policies = join(dataDir, "policies");
    for (const name of ["spend-limit", "time-window"]) {
      cpSync(join(ROOT, "policies", name), join(policies, name), { recursive: true });
    }
    const folder = join(dataDir, "migration");
    const migrate = (...args: string[]) =>
      task("policy", "migrate", "--policies", policies, "--folder", folder, ...args);
    const early = migrate("--plan", "--stages", "1,1");
    expect([early.status, early.document.error?.code]).to.deep.equal([4, "E_NOT_COMMITTED"]);
    expect(task("artifact", "publish", "policies/time-window").status).to.equal(0);
    expect(task("state", "commit").document.status).to.equal("committed");
    const dry = migrate("--plan", "--stages", "1,1", "--dry-run");
    expect([dry.status, existsSync(folder)]).to.deep.equal([0, false]);
    const planned = migrate("--plan", "--stages", "1,1");
    expect([planned.status, planned.document.transactions]).to.deep.equal([0, [2, 3]]);
    expect(readFileSync(join(folder, "stage-1.verify.md"), "utf8")).to.contain("policy verify 0x");
    const rehearsed = migrate("--rehearse");
    expect(rehearsed.status, JSON.stringify(rehearsed.document)).to.equal(0);
    expect(Object(rehearsed.document.stages)).to.have.length(2);
    // Nothing has happened on the network itself.
    expect(task("policy", "verify", "policies/time-window").status).to.equal(5);
    const rego = join(policies, "time-window", "policy.rego");
    writeFileSync(rego, `${readFileSync(rego, "utf8")}\n`);
    const drifted = migrate("--rehearse");
    expect([drifted.status, drifted.document.error?.code]).to.deep.equal([5, "E_DRIFT"]);
    const neither = migrate();
    expect([neither.status, neither.document.error?.code]).to.deep.equal([2, "E_OPTION"]);
  });

  it("names an unknown file, a wrong kind and a proof that is none, with a next step", () => {
    const missing = task("artifact", "publish", "no/such/file.rego", "--kind", "rego");
    expect([missing.status, missing.document.error?.code]).to.deep.equal([2, "E_FILE_NOT_FOUND"]);
    expect(missing.document.error).to.have.property("next");
    const wrongKind = task("artifact", "publish", "package.json", "--kind", "spell");
    expect([wrongKind.status, wrongKind.document.error?.code]).to.deep.equal([2, "E_KIND_UNKNOWN"]);
    const notRego = task("artifact", "publish", "package.json", "--kind", "rego", "--dry-run");
    expect([notRego.status, notRego.document.error?.code]).to.deep.equal([2, "E_REGO_INVALID"]);
    const unsound = join(dataDir, "unsound");
    cpSync(join(ROOT, "policies/time-window"), unsound, { recursive: true });
    const rego = join(unsound, "policy.rego");
    writeFileSync(rego, readFileSync(rego, "utf8").replace("params.weekdays", "params.weekday"));
    const checked = run(["artifact", "check", unsound, "--json"]);
    expect(checked.status).to.equal(2);
    expect(JSON.parse(checked.stdout).findings[0].code).to.equal("E_PARAMS_KEY");
    const unpublished = task("artifact", "publish", unsound, "--dry-run");
    expect([unpublished.status, unpublished.document.error?.code]).to.deep.equal([
      2,
      "E_CHECK_FAILED",
    ]);
    const importing = ["artifact", "import", "rego", "--json"];
    const noCid = run([...importing, "--cid", "Qm", "--from", "package.json"]);
    expect([noCid.status, JSON.parse(noCid.stdout).error.code]).to.deep.equal([2, "E_CID_INVALID"]);
    const other = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";
    const wrong = run([...importing, "--cid", other, "--from", "package.json", "--dry-run"]);
    expect([wrong.status, JSON.parse(wrong.stdout).error.code]).to.deep.equal([
      5,
      "E_CID_MISMATCH",
    ]);
    const noProof = task("state", "verify", "package.json");
    expect([noProof.status, noProof.document.error?.code]).to.deep.equal([2, "E_FILE_INVALID"]);
  });

  it("POL-12: takes params too large for the chain once they are committed", () => {
    const params = join(dataDir, "params.json");
    const small = JSON.parse(readFileSync(join(ROOT, POLICY, "params.json"), "utf8"));
    writeFileSync(params, JSON.stringify(small).padEnd(9_000));
    const instantiate = ["policy", "instantiate", POLICY, "--params", params];
    const tooEarly = task(...instantiate);
    expect([tooEarly.status, tooEarly.document.error?.code]).to.deep.equal([4, "E_NOT_COMMITTED"]);
    expect(task("artifact", "publish", params, "--kind", "params").status).to.equal(0);
    expect(task("state", "commit").document.status).to.equal("committed");
    const deployed = task(...instantiate);
    expect(deployed.status).to.equal(0);
    expect(String(deployed.document.instance)).to.match(/^0x[0-9a-f]{64}$/);
  });

  it("names a missing deployment and a node that does not answer, without a stack", () => {
    const simulated = run(["state", "head", "--network", "base"]);
    expect(simulated.status).to.equal(3);
    expect(simulated.stderr).to.include("E_NO_DEPLOYMENT").and.to.include("Next:");
    const gone = run(["state", "head", "--network", "localhost"], { OPS_LOCALHOST_PORT: "1" });
    expect(gone.status).to.equal(3);
    expect(gone.stderr)
      .to.include("E_UNREACHABLE")
      .and.not.to.match(/^\s+at /m);
  });

  it("watches pass by pass until it is interrupted, and refuses a file that is no evidence", async () => {
    const watch = [
      "challenger",
      "watch",
      "--network",
      "localhost",
      "--data-dir",
      dataDir,
      "--json",
    ];
    const path = join(temporaryFolder(), "evidence.json");
    writeFileSync(path, '{"version":1}');
    const { status, stdout } = run([...watch, "--evidence", path]);
    expect(status).to.equal(2);
    expect(JSON.parse(stdout).error.code).to.equal("E_EVIDENCE_FILE");

    const watcher = node.start([...watch, "--loop"]);
    let said = "";
    watcher.stdout.on("data", (text) => {
      said += String(text);
      if (said.endsWith("}\n")) watcher.kill("SIGINT");
    });
    const code = await new Promise((ended) => watcher.once("exit", ended));
    expect(code).to.equal(0);
    const { findings, requests } = JSON.parse(said);
    expect([findings, requests]).to.deep.equal([[], []]);
  });

  it("finds the first root of a vector file that differs", () => {
    const vectors = "test/vectors/jmt-keccak256.json";
    expect(run(["vectors", "check", vectors]).status).to.equal(0);
    const file = JSON.parse(readFileSync(join(ROOT, vectors), "utf8"));
    file.trees[3].versions[0].root = `0x${"00".repeat(32)}`;
    const path = join(dataDir, "vectors.json");
    writeFileSync(path, JSON.stringify(file));
    const { status, stdout } = run(["vectors", "check", path]);
    expect(status).to.equal(5);
    expect(stdout).to.include(file.trees[3].name).and.to.include("version 0");
  });

  it("lists every task with a sentence", () => {
    const { stdout } = run(["--help"]);
    const names = [
      ...[
        "demo",
        "deploy",
        "operators register",
        "artifact check",
        "artifact import",
        "artifact publish",
        "state commit",
        "state head",
      ],
      ...["state fsck", "state snapshot", "state restore"],
      ...["state prove", "state verify", "policy register", "policy instantiate"],
      ...["policy show", "policy diff", "policy verify", "policy migrate", "provider plan"],
      ...["challenge simulate", "challenge explain", "challenger watch", "vectors check"],
    ];
    for (const name of names) expect(stdout).to.match(new RegExp(`^ +${name} +\\w+ \\w+`, "m"));
  });
});
