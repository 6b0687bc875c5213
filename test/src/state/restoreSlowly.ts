import { readSync, writeSync } from "node:fs";
import { bytes32, type StateRoot } from "../../../src/bytes/brand.ts";
import { restoreSnapshot } from "../../../src/state/restore.ts";
import { SnapshotFolder } from "../../../src/state/snapshotFolder.ts";
import type { SnapshotPeer } from "../../../src/state/snapshotPeer.ts";

/**
 * A process that restores a snapshot and waits for a line of input before each request, so that its parent can kill it there.
 * Arguments: path of the store, chain id, folder, root in hex, sequence number.
 */

const [path = "", chainId = "0", folder = "", root = "", sequenceNo = "0"] = process.argv.slice(2);

function ask(): void {
  writeSync(1, "ask\n");
  readSync(0, new Uint8Array(1));
}

if (import.meta.main) {
  const snapshot = new SnapshotFolder(folder);
  const peer: SnapshotPeer = {
    id: folder,
    manifest: (request) => snapshot.manifest(request),
    chunk: (index, request) => {
      ask();
      return snapshot.chunk(index, request);
    },
    content: (hash, request) => {
      ask();
      return snapshot.content(hash, request);
    },
  };
  const certified = bytes32<StateRoot>(`0x${root}`);
  await restoreSnapshot({
    path,
    chainId: BigInt(chainId),
    peers: [peer],
    certifiedRoot: async (at) => (at === BigInt(sequenceNo) ? certified : undefined),
  });
  writeSync(1, "done\n");
}
