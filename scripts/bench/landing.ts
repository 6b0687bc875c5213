import { toHex } from "../../src/bytes/hex.ts";
import { commitArgument } from "../../src/chain/commitArgument.ts";
import { encodeBatchCertificate, mergeCertificates } from "../../src/operators/batchCertificate.ts";
import { encodeCertificate } from "../../src/operators/certificate.ts";
import { certify, gasOf, nextCommits, type QuorumChain } from "./quorumChain.ts";

/** Lands the next commit, signed by all but `missing`. */
export async function land(
  chain: QuorumChain,
  missing: readonly number[] = [],
): Promise<{ readonly hash: string; readonly gas: number }> {
  const { registry } = chain;
  const [commit] = await nextCommits(chain, 1);
  if (commit === undefined) throw new Error("no commit");
  const certificate = certify(chain, await registry.getAddress(), commit, missing);
  const call = await registry.commitStateRoot(
    commitArgument(commit),
    toHex(encodeCertificate(certificate)),
  );
  return { hash: call.hash, gas: gasOf(await call.wait()) };
}

/** Lands the next `count` commits together; returns the gas per commit. */
export async function landBatch(chain: QuorumChain, count: number): Promise<number> {
  const { registry } = chain;
  const commits = await nextCommits(chain, count);
  const address = await registry.getAddress();
  const batch = mergeCertificates(commits.map((commit) => certify(chain, address, commit)));
  const call = await registry.commitStateRoots(
    commits.map(commitArgument),
    toHex(encodeBatchCertificate(batch)),
  );
  return gasOf(await call.wait()) / count;
}
