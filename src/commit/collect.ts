import type { Digest } from "../bytes/brand.ts";
import { CodedError } from "../bytes/errors.ts";
import { decodeG1, type G1, sumG2 } from "../operators/bn254.ts";
import { buildCertificate, encodeCertificate } from "../operators/certificate.ts";
import type { OperatorSet } from "../operators/operatorSet.ts";
import { aggregateSignatures, verifySignature } from "../operators/signature.ts";
import { CommitError } from "./errors.ts";
import { commitDigest, quorumMessage, type StateCommit } from "./message.ts";
import type { CertifiedCommit, CommitProposal, CommitSource, OperatorClient } from "./target.ts";

/** An operator that did not sign, and why: its own error's code, or what was wrong with its answer. */
export interface Refusal {
  readonly name: string;
  readonly code: string;
  readonly reason: string;
}

/** What became of asking everybody to sign. */
export interface CollectedSignatures {
  /** Indices of those whose signatures are valid, ascending. */
  readonly signers: readonly number[];
  readonly signedWeight: bigint;
  readonly totalWeight: bigint;
  readonly refusals: readonly Refusal[];
  /** Certificate of the signers, packed; none if nobody signed. */
  readonly certificate: Uint8Array | undefined;
}

/** How long an operator may take to answer: a fraction of the 120 s between two ticks. */
export const SIGNATURE_TIMEOUT_MS = 30_000;

/**
 * Asks every operator for its signature at once and makes a certificate of those that are valid. A bad answer costs its
 * sender its place and nobody else.
 */
export async function collectSignatures(
  proposal: CommitProposal,
  set: OperatorSet,
  operators: readonly OperatorClient[],
  timeoutMs = SIGNATURE_TIMEOUT_MS,
): Promise<CollectedSignatures> {
  const message = quorumMessage(proposal.epoch, proposal.digest);
  const answers = await Promise.allSettled(
    operators.map((operator) => withTimeout(operator.sign(proposal), timeoutMs, operator.name)),
  );
  const refusals: Refusal[] = [];
  const given = new Map<number, { readonly name: string; readonly signature: G1 }>();
  for (const [i, answer] of answers.entries()) {
    const name = operators[i]?.name ?? String(i);
    if (answer.status === "rejected") {
      refusals.push(refusalOf(name, answer.reason));
      continue;
    }
    try {
      const { operatorIndex, signature } = answer.value;
      set.operatorAt(operatorIndex);
      if (!given.has(operatorIndex))
        given.set(operatorIndex, { name, signature: decodeG1(signature) });
    } catch (error) {
      refusals.push(refusalOf(name, error));
    }
  }
  dropInvalid(message, set, given, refusals);
  const signers = [...given.keys()].sort((a, b) => a - b);
  const valid = new Map([...given].map(([index, { signature }]) => [index, signature]));
  return {
    signers,
    signedWeight: set.weightOf(signers),
    totalWeight: set.totalWeight,
    refusals,
    certificate:
      signers.length === 0 ? undefined : encodeCertificate(buildCertificate(set, message, valid)),
  };
}

/** As {@link collectSignatures}, for a commit of one chain behind the commits held there. */
export async function askToSign(
  { chainId, registry }: Pick<CommitSource, "chainId" | "registry">,
  asked: {
    readonly commit: StateCommit;
    readonly set: OperatorSet;
    readonly held: readonly CertifiedCommit[];
  },
  operators: readonly OperatorClient[],
): Promise<CollectedSignatures> {
  const { commit, set, held } = asked;
  const digest = commitDigest({ chainId, registry }, commit);
  return await collectSignatures(
    { chainId, commit, epoch: set.epoch, digest, held },
    set,
    operators,
  );
}

/** One pairing checks all; only if it fails is each signature checked on its own. */
function dropInvalid(
  message: Digest,
  set: OperatorSet,
  given: Map<number, { readonly name: string; readonly signature: G1 }>,
  refusals: Refusal[],
): void {
  if (given.size === 0) return;
  const sum = aggregateSignatures([...given.values()].map(({ signature }) => signature));
  const key = sumG2([...given.keys()].map((index) => set.operatorAt(index).keyG2));
  if (verifySignature(message, sum, key)) return;
  for (const [index, { name, signature }] of [...given]) {
    if (verifySignature(message, signature, set.operatorAt(index).keyG2)) continue;
    given.delete(index);
    refusals.push({
      name,
      code: "E_SIGNATURE_INVALID",
      reason: `signature of index ${index} is not its own`,
    });
  }
}

function refusalOf(name: string, error: unknown): Refusal {
  const code = error instanceof CodedError ? error.code : "E_OPERATOR";
  return { name, code, reason: error instanceof Error ? error.message : String(error) };
}

/** What `promise` resolves to, unless it takes longer. @throws {CommitError} `E_TIMEOUT` */
export async function withTimeout<T>(
  promise: Promise<T>,
  timeoutMs: number,
  name: string,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new CommitError("E_TIMEOUT", `${name} did not answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
