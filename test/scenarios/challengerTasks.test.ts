import { cpSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { IntakeJournal } from "../../src/commit/journal.ts";
import { pendingLeaf } from "../helpers/artifacts.ts";
import { temporaryFolder } from "../helpers/localNetwork.ts";
import { type NodeProcess, openNode } from "../helpers/nodeProcess.ts";

interface WatchDocument {
  readonly error?: { readonly code: string };
  readonly followedTo: string;
  readonly findings: readonly {
    readonly kind: string;
    readonly verdict: string;
    readonly estimatedGas?: string;
    readonly announcementHash?: string;
    readonly transactionHash?: string;
  }[];
  readonly collected: readonly unknown[];
  readonly warnings: readonly { readonly source: string; readonly code: string }[];
}

interface CommitDocument {
  readonly status: string;
}

/** `challenger watch` in processes of its own, beside two gateways that have two roots certified for one number. */
describe("challenger task against a fork", function () {
  this.timeout(600_000);
  let node: NodeProcess;
  let main: string;
  let fork: string;
  let own: string;

  const watch = (...args: readonly string[]) =>
    node.task<WatchDocument>("challenger", "watch", "--data-dir", own, ...args);
  const onPeers = (...args: readonly string[]) => watch("--peers", `${fork},${main}`, ...args);
  const malformed = () => join(fork, "observations", "malformed.json");

  before(async () => {
    const folder = temporaryFolder();
    [main, fork, own] = [join(folder, "main"), join(folder, "fork"), join(folder, "own")];
    node = await openNode();
    node.task("operators", "register", "--count", "3", "--data-dir", main);
    // The same keys with vote logs of their own: operators that vote twice.
    cpSync(main, fork, { recursive: true });
    for (const dataDir of [main, fork]) {
      mkdirSync(join(dataDir, "gateway"), { recursive: true });
      const journal = IntakeJournal.open(join(dataDir, "gateway", "journal.db"));
      journal.add(pendingLeaf("rego", `package ${dataDir === main ? "main" : "fork"}\n`));
      journal.close();
    }
    const commit = (dataDir: string, ...args: readonly string[]) =>
      node.task<CommitDocument>("state", "commit", "--data-dir", dataDir, ...args).document.status;
    expect(commit(fork, "--hold", "3", "--observe")).to.equal("held");
    expect(commit(main)).to.equal("committed");
    expect(existsSync(join(main, "observations"))).to.equal(false);
    // A peer that has every blob of the other, and none of them right.
    for (const name of readdirSync(join(main, "da"))) {
      writeFileSync(join(fork, "da", name), "wrong bytes");
    }
    writeFileSync(malformed(), '{"version":1}');
  });

  after(() => node?.close());

  it("refuses more peers than it asks, and evidence that is not there", () => {
    const many = watch("--peers", Array.from({ length: 17 }, () => fork).join(","));
    expect([many.status, many.document.error?.code]).to.deep.equal([2, "E_OPTION"]);
    const absent = watch("--evidence", join(own, "absent.json"));
    expect([absent.status, absent.document.error?.code]).to.deep.equal([2, "E_FILE_NOT_FOUND"]);
  });

  it("DA-02: reads deltas of a peer behind the wrong bytes of another, and changes nothing in a dry run", () => {
    const { status, document } = onPeers("--announce", "--dry-run");
    const { followedTo, findings, warnings, collected } = document;
    expect([status, followedTo]).to.deep.equal([4, "1"]);
    expect(findings.map(({ kind, verdict }) => [kind, verdict])).to.deep.equal([
      ["equivocation", "Proven"],
    ]);
    expect(Number(findings[0]?.estimatedGas)).to.be.greaterThan(21_000);
    expect([findings[0]?.transactionHash, findings[0]?.announcementHash]).to.deep.equal([
      undefined,
      undefined,
    ]);
    expect(collected).to.deep.equal([]);
    expect(warnings.map(({ source, code }) => [source, code])).to.deep.equal([
      [malformed(), "E_EVIDENCE_FILE"],
    ]);
    expect(existsSync(join(own, "challenger"))).to.equal(false);
  });

  it("CHL-05 CHL-11: announces and proves the fork that it finds with a peer, its salt for its owner alone", () => {
    const { status, document } = onPeers("--announce");
    const [found, ...more] = document.findings;
    expect([status, found?.verdict, more]).to.deep.equal([4, "Proven", []]);
    expect(found?.announcementHash).to.match(/^0x/);
    expect(found?.transactionHash).to.match(/^0x/);
    const folder = join(own, "challenger", "announced");
    const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777);
    expect(modes).to.deep.equal([0o600]);
  });

  it("CHL-02: takes a folder for evidence, and finds that the fault is on record", () => {
    const { status, document } = watch("--evidence", join(fork, "observations"));
    expect(status).to.equal(0);
    expect(document.findings.map(({ verdict }) => verdict)).to.deep.equal(["AlreadyRecorded"]);
    expect(document.warnings.map(({ code }) => code)).to.deep.equal(["E_EVIDENCE_FILE"]);
    expect(document.collected).to.deep.equal([]);
  });
});
