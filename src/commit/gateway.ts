import { checkArtifact } from "../artifact/intake.ts";
import { ARTIFACT_KINDS, type ArtifactKindName } from "../artifact/kinds.ts";
import { readRego, rulesFalseByDefault } from "../artifact/regoText.ts";
import { requireNoSecrets } from "../artifact/secrets.ts";
import { strictText } from "../artifact/text.ts";
import type { ContentHash, TreeKey } from "../bytes/brand.ts";
import type { RegoEngine } from "../policy/regoEngine.ts";
import { StateError } from "../state/errors.ts";
import { contentKey } from "../state/key.ts";
import { areFlagsValid } from "../state/leaf.ts";
import type { CommitLane } from "./lane.ts";

/** What a gateway acknowledges: the artifact's identity, and that it is on disk. */
export interface Receipt {
  readonly chainId: bigint;
  readonly kind: ArtifactKindName;
  readonly contentHash: ContentHash;
  readonly key: TreeKey;
  readonly contentBytes: number;
  /** `pending` if it waits for a commit, `committed` if it is in the tree already. */
  readonly status: "pending" | "committed";
}

/**
 * What a gateway does with bytes from outside: refuses those that look like a key, compiles Rego on `engine`, and only then
 * takes them in. Ciphertext (`flags` of its leaf) says nothing, and is not searched. Nothing is kept of what is refused, nor
 * when the engine itself fails: the upload may be tried again.
 * @throws {ArtifactError} as {@link intakeArtifact}; `E_SECRET`
 * @throws {PolicyError} `E_REGO_PARSE`, `E_REGO_TYPE`, `E_REGO_RESERVED`, `E_REGO_EVALUATION`; `E_REGO_TIMEOUT` and
 *   `E_REGO_ENGINE`, which say nothing of the bytes
 * @throws {DurableError} if it cannot be journalled
 */
export async function admitArtifact(
  lane: CommitLane,
  kind: ArtifactKindName,
  content: Uint8Array,
  engine: RegoEngine,
  flags = 0,
): Promise<Receipt> {
  // What is looked at is what is taken in, whatever the caller does with its bytes meanwhile.
  const bytes = Uint8Array.from(content);
  const isEncrypted = flags !== 0;
  checkArtifact(kind, bytes, { isEncrypted });
  if (!isEncrypted) await requireNoSecrets(bytes, kind);
  if (kind === "rego") await requireCompiles(bytes, engine);
  return intakeArtifact(lane, kind, bytes, flags);
}

/** The entrypoint is not known before a template names it; a module is compiled whole, whatever rule is asked for. */
async function requireCompiles(bytes: Uint8Array, engine: RegoEngine): Promise<void> {
  const rego = readRego(strictText(bytes, "rego"));
  const [rule] = rulesFalseByDefault(rego);
  if (rule !== undefined) await engine.check(bytes, `${rego.packageName}.${rule}`);
}

/**
 * Takes an artifact that has been looked at ({@link admitArtifact}) in for one chain: checked by its kind, and journalled
 * before this returns. The same artifact may be taken in any number of times; it becomes one leaf. Where `flags` (of its
 * leaf) say that it is ciphertext, it is not looked into.
 * @throws {ArtifactError} by what is wrong with the artifact
 * @throws {DurableError} if it cannot be journalled
 */
export function intakeArtifact(
  lane: CommitLane,
  kind: ArtifactKindName,
  content: Uint8Array,
  flags = 0,
): Receipt {
  if (!areFlagsValid(flags)) throw new StateError("E_LEAF", `flags ${flags}`);
  const contentHash = checkArtifact(kind, content, { isEncrypted: flags !== 0 });
  const { namespace } = ARTIFACT_KINDS[kind];
  const key = contentKey(namespace, contentHash);
  const isCommitted = lane.store.leaf(key) !== undefined;
  if (!isCommitted) lane.journal.add({ namespace, id: contentHash, flags, content });
  const status = isCommitted ? "committed" : "pending";
  return { chainId: lane.chainId, kind, contentHash, key, contentBytes: content.length, status };
}
