/** The public surface of the off-chain library; inside `src`, import from the defining file. */

export { checkArtifact } from "./artifact/intake.ts";
export { ARTIFACT_KINDS, type ArtifactKindName, isKindName, kindNameOf } from "./artifact/kinds.ts";
export * from "./bytes/brand.ts";
export { CodedError } from "./bytes/errors.ts";
export { fromHex, type Hex, toHex } from "./bytes/hex.ts";
export { keccak256 } from "./bytes/keccak.ts";
export { judge, submitChallenge } from "./chain/challenges.ts";
export { type Contracts, connectContracts } from "./chain/contracts.ts";
export { type Deployment, resolveDeployment } from "./chain/deployment.ts";
export { ChainError } from "./chain/errors.ts";
export { EvmCommitTarget } from "./chain/evmTarget.ts";
export { checkStage, planMigration } from "./chain/migration.ts";
export { readOperatorSet, registerOperator, startEpoch } from "./chain/operatorSets.ts";
export { paramsOf } from "./chain/policies.ts";
export { type AuditCheck, PolicyAudit } from "./chain/policyAudit.ts";
export { type PolicyEntity, PolicyReader } from "./chain/policyReader.ts";
export { planChanges } from "./chain/providerPlan.ts";
export { readProvider } from "./chain/providerReader.ts";
export {
  deployInstance,
  instanceFor,
  isParamsLeaf,
  paramsProofOf,
  register,
  registrationOf,
} from "./chain/registration.ts";
export { decodeSafeBatch, encodeSafeBatch } from "./chain/safeBatch.ts";
export type { Evidence } from "./challenge/evidence.ts";
export { examineCommit, followCommit } from "./challenge/examine.ts";
export type { Observation } from "./challenge/observation.ts";
export { writeObservation } from "./challenge/observationFolder.ts";
export { admitArtifact, intakeArtifact, type Receipt } from "./commit/gateway.ts";
export { HeldCommits } from "./commit/held.ts";
export {
  DEFAULT_HELD_SECONDS,
  type HeldStatus,
  type HoldRules,
  LAND_AT_ONCE,
} from "./commit/holdRules.ts";
export { IntakeJournal } from "./commit/journal.ts";
export type { Landing } from "./commit/landing.ts";
export { CommitLane, type TickOutcome } from "./commit/lane.ts";
export { CommitLoop, type LaneResult, TICK_SECONDS } from "./commit/loop.ts";
export { commitDigest, quorumMessage, type StateCommit } from "./commit/message.ts";
export { recoveryDigest, type StateRecovery } from "./commit/recovery.ts";
export { CommitSigner } from "./commit/signer.ts";
export type * from "./commit/target.ts";
export { encodeCertificate, verifyCertificate } from "./operators/certificate.ts";
export { createKeyFile, readKeyFile } from "./operators/keyFile.ts";
export { KeyPair } from "./operators/keyPair.ts";
export { OperatorSet } from "./operators/operatorSet.ts";
export { provePossession, verifyPossession } from "./operators/possession.ts";
export { VoteLog } from "./operators/voteLog.ts";
export { decide } from "./policy/evaluate.ts";
export { loadPolicyFolder, type PolicyBundle } from "./policy/folder.ts";
export * from "./policy/ids.ts";
export { OpaEngine } from "./policy/opaEngine.ts";
export { PluginRunner } from "./policy/pluginRunner.ts";
export { type ArtifactProof, artifactProofOf } from "./state/artifactProof.ts";
export { agreedRoot, type RootSource } from "./state/certifiedRoot.ts";
export { FsDataAvailability } from "./state/daFs.ts";
export { MemoryDataAvailability } from "./state/daMemory.ts";
export type * from "./state/dataAvailability.ts";
export { fetchDelta } from "./state/fetch.ts";
export { contentKey, treeKeyOf } from "./state/key.ts";
export { publishDelta } from "./state/publish.ts";
export { applyCommit, CertifiedReader, rebuild } from "./state/replica.ts";
export { StateStore } from "./state/store.ts";
export { verifyLeaves } from "./tree/multiProof.ts";
export { verifyAbsence, verifyInclusion } from "./tree/proof.ts";
export { verifyUpdate } from "./tree/treeUpdate.ts";
export { VersionedTree } from "./tree/versionedTree.ts";
