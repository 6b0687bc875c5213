import type { ContractTransactionResponse } from "ethers";
import { bytes32, type StateRoot, type TreeKey } from "../../src/bytes/brand.ts";
import { concatBytes, tag, uintBytes } from "../../src/bytes/codec.ts";
import { fromHex } from "../../src/bytes/hex.ts";
import { keccak256 } from "../../src/bytes/keccak.ts";
import {
  danglingDataArgument,
  danglingParamsArgument,
  danglingTemplateArgument,
  decisionEvidenceArgument,
  equivocationArgument,
  malformedArgument,
  rewriteArgument,
} from "../../src/chain/evidenceArgument.ts";
import { type Decision, decisionDigest } from "../../src/challenge/decision.ts";
import type {
  CertifiedCommit,
  EquivocationEvidence,
  Evidence,
  RewriteEvidence,
} from "../../src/challenge/evidence.ts";
import { commitDigest, quorumMessage, type StateCommit } from "../../src/commit/message.ts";
import { encodeBatchCertificate, mergeCertificates } from "../../src/operators/batchCertificate.ts";
import { encodeCertificate } from "../../src/operators/certificate.ts";
import { hashToG1 } from "../../src/operators/hashToG1.ts";
import type { PolicyDataInstanceId, PolicyDataRef } from "../../src/policy/ids.ts";
import { internalHash, leafHash, valueHash } from "../../src/tree/hasher.ts";
import { bitAt, KEY_BITS } from "../../src/tree/path.ts";
import { land } from "./landing.ts";
import { MAX_BINDINGS, plant, registerLargest } from "./largestPolicy.ts";
import { FAULT_RULES } from "./ledger.ts";
import { deployPolicyRegistries } from "./policyGas.ts";
import {
  CHANGE_DELAY_SECONDS,
  certify,
  gasOf,
  nextCommits,
  type QuorumChain,
  signerOf,
} from "./quorumChain.ts";

/** Gas of a proven challenge of each kind at the largest legal size, without a hook, by 256 operators without 85. */

/** Gas of whole transactions, by kind of evidence. */
export type ChallengeGas = Readonly<Record<Evidence["kind"], number>>;

const RECORD_BYTES = 4_096;
const BATCH = 32;
/** A third of 256 operators less one, spread over the set, from the first or from the second on. */
const MISSING = [0, 1].map((from) => Array.from({ length: 85 }, (_, i) => 3 * i + from));

/** A leaf under 256 siblings, the most that a proof can have, and the root that it proves. */
function deepest(key: TreeKey, record: Uint8Array, seed: string) {
  const siblings = Array.from({ length: KEY_BITS }, (_, i) =>
    keccak256(tag(seed), uintBytes(i, 2)),
  );
  let node: StateRoot = leafHash(key, valueHash(record));
  for (const [i, sibling] of siblings.entries()) {
    const isRight = bitAt(key, KEY_BITS - 1 - i) === 1;
    node = isRight ? internalHash(sibling, node) : internalHash(node, sibling);
  }
  const head = concatBytes(Uint8Array.of(0), uintBytes(KEY_BITS, 2), new Uint8Array(32));
  return { record, root: node, proof: concatBytes(head, ...siblings) };
}

/** Bytes of which none is zero. */
function recordOf(seed: string): Uint8Array {
  const words = Array.from({ length: RECORD_BYTES / 32 }, (_, i) =>
    keccak256(tag(seed), uintBytes(i, 2)),
  );
  return concatBytes(...words).map((byte) => byte || 1);
}

async function deploy(chain: QuorumChain) {
  const { ethers, owner, operatorSets, registry, tick } = chain;
  await tick();
  const provider = await ethers.deployContract("AddressesProvider", [owner]);
  // Its `getAddress` is one of its own.
  const directory = String(provider.target);
  const publish = async (name: string, at: { getAddress(): Promise<string> }) => {
    await tick();
    await (await provider.setAddress(ethers.id(name), await at.getAddress())).wait();
  };
  await publish("STATE_COMMIT_REGISTRY", registry);
  const { data: policyData, policies } = await deployPolicyRegistries(chain, directory);
  const args = [owner, registry, policies, operatorSets, FAULT_RULES, CHANGE_DELAY_SECONDS];
  await tick();
  const challenges = await ethers.deployContract("ChallengeVerifier", args);
  await tick();
  const decisions = await ethers.deployContract("DecisionChallengeVerifier", args);
  for (const ledger of [challenges, decisions]) {
    await tick();
    await (await ledger.fundPool({ value: 100n })).wait();
  }
  return { policyData, policies, challenges, decisions };
}

type Deployed = Awaited<ReturnType<typeof deploy>>;

/** The last of a whole batch, signed by all but `missing`. */
function certifiedIn(
  chain: QuorumChain,
  registry: string,
  commits: readonly StateCommit[],
  missing: readonly number[],
): CertifiedCommit {
  const commit = commits.at(-1);
  if (commit === undefined) throw new RangeError("no commit");
  const certificates = commits.map((each) => certify(chain, registry, each, missing));
  const domain = { chainId: chain.chainId, registry: fromHex(registry) };
  return {
    commit,
    before: commits.slice(0, -1).map((each) => commitDigest(domain, each)),
    behind: [],
    certificate: encodeBatchCertificate(mergeCertificates(certificates)),
  };
}

async function equivocation(chain: QuorumChain): Promise<EquivocationEvidence> {
  const registry = await chain.registry.getAddress();
  const commits = await nextCommits(chain, BATCH);
  const rivals = commits.map((commit) => ({
    ...commit,
    newStateRoot: keccak256<StateRoot>(commit.newStateRoot),
  }));
  const [some = [], others = []] = MISSING;
  return {
    kind: "equivocation",
    one: certifiedIn(chain, registry, commits, some),
    other: certifiedIn(chain, registry, rivals, others),
  };
}

/** A decision with the longest lists, wrong in every ref. */
async function decision(chain: QuorumChain, contracts: Deployed) {
  const indices = Array.from({ length: MAX_BINDINGS }, (_, i) => uintBytes(i, 2));
  const word = keccak256(tag("decision"));
  const content: Decision = {
    taskId: word,
    client: fromHex(await chain.owner.getAddress()),
    policyInstanceId: bytes32(word),
    policyTemplateRef: bytes32(word),
    paramsHash: word,
    policyDataInstanceIds: indices.map((i) => keccak256<PolicyDataInstanceId>(tag("id"), i)),
    expireAfterBlocks: 0xffffffff,
    regoHash: bytes32(word),
    paramsSchemaHash: bytes32(word),
    entrypointHash: word,
    environment: 0xffff,
    bindingNameHashes: indices.map((i) => keccak256(tag("name"), i)),
    policyDataRefs: indices.map((i) => keccak256<PolicyDataRef>(tag("ref"), i)),
    referenceBlock: 1n,
    isAllowed: true,
  };
  const policyRegistry = fromHex(await contracts.policies.getAddress());
  const digest = decisionDigest({ chainId: chain.chainId, policyRegistry }, content);
  const message = quorumMessage(1, digest);
  const [missing = []] = MISSING;
  const signer = signerOf(chain, missing);
  const certificate = encodeCertificate({
    ...hashToG1(message),
    epoch: 1,
    signature: signer.sign(message),
    aggregateKeyG2: signer.keyG2,
    nonSigners: missing,
  });
  return { decision: content, certificate };
}

/** Measures each kind on `chain`, of 256 operators, whose ring is full. Its roots are not to be extended afterwards. */
export async function challengeGas(chain: QuorumChain): Promise<ChallengeGas> {
  const contracts = await deploy(chain);
  await land(chain);
  const newest = await chain.registry.getSequenceNo();
  const largest = await registerLargest(chain, contracts, newest - 1n);
  const { template, dataTemplate, policyInstanceId, keys } = largest;
  for (let i = 0; i < 4; i++) await land(chain);
  const key = keys.rego;
  const [earlier, later, data, params] = [
    deepest(key, recordOf("earlier"), "earlier"),
    deepest(key, recordOf("later"), "later"),
    deepest(keys.wasm, recordOf("data"), "data"),
    deepest(keys.params, recordOf("params"), "params"),
  ];
  const [at, next, last] = [newest + 1n, newest + 2n, newest + 3n];
  // One more root, so that the newest stays as it is.
  await plant(chain, newest, earlier.root);
  await plant(chain, at, later.root);
  await plant(chain, next, data.root);
  await plant(chain, last, params.root);
  const certified = await decision(chain, contracts);
  const { challenges, decisions } = contracts;
  const to = await chain.operatorSets.getAddress();
  const measure = async (sending: () => Promise<ContractTransactionResponse>): Promise<number> => {
    await chain.tick();
    const receipt = await (await sending()).wait();
    // Record, reward and its event: a challenge that is not proven has no log.
    if (receipt === null || receipt.logs.length === 0) throw new Error("nothing was proven");
    return gasOf(receipt);
  };
  const rewrite: RewriteEvidence = {
    kind: "rewrite",
    key,
    earlierSequenceNo: newest,
    earlierRecord: earlier.record,
    earlierProof: earlier.proof,
    laterSequenceNo: at,
    laterRecord: later.record,
    laterProof: later.proof,
  };
  const lost = { sequenceNo: at, record: later.record, proof: later.proof };
  const lostData = { sequenceNo: next, record: data.record, proof: data.proof };
  const lostParams = { sequenceNo: last, record: params.record, proof: params.proof };
  const malformed = { kind: "malformed-leaf", key, ...lost } as const;
  const artifactIndex = 0;
  const danglingTemplate = {
    kind: "dangling-template",
    template,
    artifactIndex,
    later: lost,
  } as const;
  const danglingData = {
    kind: "dangling-data",
    template: dataTemplate,
    artifactIndex,
    later: lostData,
  } as const;
  const danglingParams = {
    kind: "dangling-params",
    policyInstanceId,
    later: lostParams,
  } as const;
  const rivals = await equivocation(chain);
  return {
    rewrite: await measure(() => challenges.challengeRewrite(rewriteArgument(rewrite), to)),
    "malformed-leaf": await measure(() =>
      challenges.challengeMalformedLeaf(malformedArgument(malformed), to),
    ),
    "dangling-template": await measure(() =>
      challenges.challengeDanglingTemplate(danglingTemplateArgument(danglingTemplate), to),
    ),
    "dangling-data": await measure(() =>
      challenges.challengeDanglingData(danglingDataArgument(danglingData), to),
    ),
    "dangling-params": await measure(() =>
      challenges.challengeDanglingParams(danglingParamsArgument(danglingParams), to),
    ),
    equivocation: await measure(() =>
      challenges.challengeEquivocation(equivocationArgument(rivals), to),
    ),
    "wrong-identity": await measure(() =>
      decisions.challengeWrongIdentity(decisionEvidenceArgument(certified), to),
    ),
    "stale-instance": await measure(() =>
      decisions.challengeStaleInstance(decisionEvidenceArgument(certified), to),
    ),
  };
}
