import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { IntakeJournal } from "../../../src/commit/journal.ts";
import { pendingLeaf } from "../../helpers/artifacts.ts";
import { asyncCodeOf } from "../../helpers/codes.ts";
import { temporaryFolder } from "../../helpers/localNetwork.ts";

describe("IntakeJournal", () => {
  let path: string;
  let journal: IntakeJournal;

  beforeEach(() => {
    path = join(temporaryFolder(), "journal.db");
    journal = IntakeJournal.open(path);
  });

  afterEach(() => journal.close());

  const names = (leaves: readonly { readonly content: Uint8Array }[]) =>
    leaves.map(({ content }) => new TextDecoder().decode(content));

  it("gives leaves back in arrival order, also after a restart", () => {
    journal.add(pendingLeaf("rego", "b"));
    journal.add(pendingLeaf("input-schema", "a"));
    journal.close();
    journal = IntakeJournal.open(path);
    expect(names(journal.pending(100))).to.deep.equal(["b", "a"]);
    expect(journal.length).to.equal(2);
  });

  it("GW-16: takes the same leaf in once", () => {
    expect(journal.add(pendingLeaf("rego", "a")).isNew).to.equal(true);
    expect(journal.add(pendingLeaf("rego", "a")).isNew).to.equal(false);
    expect(journal.add(pendingLeaf("output-schema", "a")).isNew).to.equal(true);
    expect(journal.length).to.equal(2);
  });

  it("DA-08: rolls what passes the limit to the next commit, in arrival order", () => {
    for (const content of ["aaaa", "bbbb", "cc"]) journal.add(pendingLeaf("rego", content));
    expect(names(journal.pending(8))).to.deep.equal(["aaaa", "bbbb"]);
    expect(names(journal.pending(7))).to.deep.equal(["aaaa"]);
    expect(names(journal.pending(10))).to.deep.equal(["aaaa", "bbbb", "cc"]);
  });

  it("keeps a proposal, leaf for leaf, across a restart, until it is settled", () => {
    journal.add(pendingLeaf("rego", "a"));
    journal.propose(7n, journal.pending(100));
    journal.add(pendingLeaf("rego", "b"));
    journal.close();
    journal = IntakeJournal.open(path);
    const open = journal.openProposal();
    expect(open?.sequenceNo).to.equal(7n);
    expect(names(open?.leaves ?? [])).to.deep.equal(["a"]);
    journal.settle();
    expect(journal.openProposal()).to.equal(undefined);
    expect(names(journal.pending(100))).to.deep.equal(["b"]);
  });

  it("takes a proposal back without losing its leaves", () => {
    journal.add(pendingLeaf("rego", "a"));
    journal.propose(7n, journal.pending(100));
    journal.release();
    expect(journal.openProposal()).to.equal(undefined);
    expect(names(journal.pending(100))).to.deep.equal(["a"]);
  });

  it("E_JOURNAL_CORRUPT: names an entry that no longer has its hash", async () => {
    journal.add(pendingLeaf("rego", "a"));
    journal.close();
    const file = new DatabaseSync(path);
    file.exec("UPDATE pending SET content = x'62'");
    file.close();
    journal = IntakeJournal.open(path);
    expect(await asyncCodeOf(() => journal.pending(100))).to.equal("E_JOURNAL_CORRUPT");
  });

  it("E_LOCKED: is open in one place at a time", async () => {
    expect(await asyncCodeOf(() => IntakeJournal.open(path))).to.equal("E_LOCKED");
  });
});
