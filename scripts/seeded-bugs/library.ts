import type { SeededBug } from "./bug.ts";

const PROOF = "src/tree/proof.ts";
const STORE = "src/state/store.ts";

/** Bugs in the TypeScript library; none needs a compilation. */
export const LIBRARY_BUGS: readonly SeededBug[] = [
  {
    // A removal is taken for a write of what stood in the slot before.
    id: "TRE1",
    file: "src/tree/engine/treeMemory.ts",
    find: "value === null ? 1 : 0",
    replace: "0",
  },
  {
    id: "TRE2",
    file: PROOF,
    find: 'if (equalBytes(other.key, key)) return "KeyPresent";',
    replace: "",
  },
  {
    id: "TRE3",
    file: PROOF,
    find: 'if (body.length > wanted) return "ProofTooLong";',
    replace: "",
  },
  {
    // Bits beyond the depth are ignored.
    id: "TRE4",
    file: PROOF,
    find: 'if (isEmptyAt(bitmap, i)) return "NonCanonicalBitmap";',
    replace: "",
  },
  {
    // Versions are renumbered by pruning.
    id: "TRE5",
    file: "src/tree/versionedTree.ts",
    find: "this.#oldest = kept;",
    replace: "",
  },
  {
    // Values are hashed under a tag, which the crate does not do.
    id: "TRE6",
    file: "src/tree/hasher.ts",
    find: "keccak256<ValueHash>(record)",
    replace: "keccak256<ValueHash>(LEAF_TAG, record)",
  },
  {
    // Of two leaves claimed in one slot, the last counts.
    id: "TRE7",
    file: "src/tree/multiProof.ts",
    find: 'if (own !== undefined) return "SlotOccupied";',
    replace: "",
  },
  {
    // A leaf left alone stays where it was.
    id: "TRE8",
    file: "src/tree/treeUpdate.ts",
    find: 'if (right.kind === "empty" && left.kind !== "internal") return left;',
    replace: "",
  },
  {
    // Acknowledged before it is written.
    id: "STR1",
    file: STORE,
    find: "this.#database.write(() => this.#rows.insertVersion(version));",
    replace: "setImmediate(() => this.#database.write(() => this.#rows.insertVersion(version)));",
  },
  {
    id: "STR2",
    file: "src/state/storedLeaf.ts",
    find: 'if (!equalBytes(keccak256(content), contentHash)) throw corrupt(key, "its content is another");',
    replace: "",
  },
  {
    // A failed write does not end writing.
    id: "STR3",
    file: "src/durable/database.ts",
    find: "if (error instanceof DurableError) this.#failure = error;",
    replace: "",
  },
  {
    // The lock is let go after each transaction.
    id: "STR4",
    file: "src/durable/database.ts",
    find: "PRAGMA locking_mode = EXCLUSIVE; PRAGMA fullfsync = ON;",
    replace: "PRAGMA locking_mode = NORMAL; PRAGMA fullfsync = ON;",
  },
  {
    id: "STR5",
    file: STORE,
    find: 'if (operation === "put" && isThere',
    replace: 'if (operation === "delete" && isThere',
  },
  {
    id: "STR6",
    file: STORE,
    find: "if (!equalBytes(rows.tree.newRoot, delta.newStateRoot)) {",
    replace: "if (rows.tree.newRoot.length !== delta.newStateRoot.length) {",
  },
  {
    id: "STR7",
    file: "src/state/codec.ts",
    find: "maxOutputLength: Math.max(1, maxBytes),",
    replace: "",
  },
  {
    // The head instead of what is certified.
    id: "STR8",
    file: "src/state/replica.ts",
    find: "return this.#store.leaf(key, this.head.sequenceNo);",
    replace: "return this.#store.leaf(key);",
  },
  {
    // A log that is found is believed to be on disk.
    id: "STR9",
    file: "src/durable/database.ts",
    find: "if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > 0) rewriteFile(log);",
    replace: "",
  },
  {
    id: "CML1",
    file: "src/operators/voteLog.ts",
    find: "} else if (!equalBytes(voted, root)) {",
    replace: "} else if (voted.length !== root.length) {",
  },
  {
    // What arrived since is put into the open proposal.
    id: "CML2",
    file: "src/commit/lane.ts",
    find: "const leaves = open?.leaves ?? journal.pending(MAX_COMMIT_BYTES);",
    replace: "const leaves = journal.pending(MAX_COMMIT_BYTES);",
  },
  {
    id: "CML3",
    file: "src/commit/signer.ts",
    find: "this.#staged = await stageCommit(store, deltas, commit);",
    replace: "",
  },
  {
    id: "CML4",
    file: "src/commit/loop.ts",
    find: "await Promise.allSettled(",
    replace: "await Promise.all(",
  },
  {
    // Opening the journal forgets what was acknowledged.
    id: "CML5",
    file: "src/commit/journal.ts",
    find: "return new IntakeJournal(DurableDatabase.open(path, SCHEMA));",
    replace:
      'const db = DurableDatabase.open(path, SCHEMA); db.write(() => db.prepare("DELETE FROM pending").run()); return new IntakeJournal(db);',
  },
  {
    // Nobody hears who waits.
    id: "CML6",
    file: "src/commit/holding.ts",
    find: "this.#isAwaited ||",
    replace: "",
  },
  {
    // A certificate that proves nothing is as good as one of an epoch that exists.
    id: "CML7",
    file: "src/commit/certified.ts",
    find: 'if (verdict.fault !== "None") {',
    replace: 'if (verdict.fault === "UnknownEpoch") {',
  },
  {
    // The store first, the record then.
    id: "CML8",
    file: "src/commit/follow.ts",
    find: "held.put(certified);\n  if (staged !== undefined) store.commit(staged);",
    replace: "if (staged !== undefined) store.commit(staged);\n  held.put(certified);",
  },
  {
    // Any commit of a number that is held.
    id: "CML9",
    file: "src/commit/signer.ts",
    find: "some((own) => isSameCommit(own.commit, commit))",
    replace: "some((own) => own.commit.sequenceNo === commit.sequenceNo)",
  },
  {
    // Judged by the commit before, if there is one.
    id: "CHV1",
    file: "src/challenge/examine.ts",
    find: 'checkLeaf(key, record, sequenceNo) !== "None"',
    replace: 'checkLeaf(key, record, store.head.sequenceNo || sequenceNo) !== "None"',
  },
  {
    // A removal is not seen.
    id: "CHV4",
    file: "src/challenge/examine.ts",
    find: "if (record === undefined || !equalBytes(before, record)) {",
    replace: "if (record !== undefined && !equalBytes(before, record)) {",
  },
  {
    // Another time is another root.
    id: "CHV26",
    file: "src/challenge/equivocation.ts",
    find: "one && equalBytes(one.commit.newStateRoot, newStateRoot)",
    replace: "one && equalBytes(one.commit.daCertHash, each.commit.daCertHash)",
  },
  {
    // Whoever answers first is believed.
    id: "CHV27",
    file: "src/state/peerDeltas.ts",
    find: "assertBlob(bytes, options);",
    replace: "",
  },
];
