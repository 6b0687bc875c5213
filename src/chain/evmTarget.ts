import type { Provider } from "ethers";
import { bytes32, type DaCertHash, type StateRoot } from "../bytes/brand.ts";
import { fromHex, toHex } from "../bytes/hex.ts";
import { COMMIT_VERSION, type StateCommit } from "../commit/message.ts";
import type {
  CertifiedCommit,
  CommitTarget,
  KnownEpoch,
  LandedCommit,
  RegistryHead,
  RegistryRules,
} from "../commit/target.ts";
import { encodeBatchCertificate, mergeCertificates } from "../operators/batchCertificate.ts";
import { batchRuns } from "../operators/batchRuns.ts";
import { decodeCertificate } from "../operators/certificate.ts";
import type { OperatorSet } from "../operators/operatorSet.ts";
import { commitArgument } from "./commitArgument.ts";
import { type Contracts, reverts } from "./contracts.ts";
import { ChainError } from "./errors.ts";
import { landed } from "./landed.ts";
import { blocksFrom, logsBackTo } from "./logs.ts";
import { readEpoch, readOperatorSet } from "./operatorSets.ts";

/** A chain's state-commit registry over JSON-RPC. */
export class EvmCommitTarget implements CommitTarget {
  readonly chainId: bigint;
  readonly registry: Uint8Array;
  readonly #contracts: Contracts;
  readonly #provider: Provider;
  readonly #fromBlock: number;

  private constructor(
    chainId: bigint,
    registry: Uint8Array,
    contracts: Contracts,
    provider: Provider,
    fromBlock: number,
  ) {
    this.chainId = chainId;
    this.registry = registry;
    this.#contracts = contracts;
    this.#provider = provider;
    this.#fromBlock = fromBlock;
  }

  /** Connects to the registry that `contracts` name. `fromBlock` is where its events begin. */
  static async connect(
    contracts: Contracts,
    provider: Provider,
    fromBlock = 0,
  ): Promise<EvmCommitTarget> {
    const { chainId } = await reverts.run(() => provider.getNetwork());
    const address = fromHex(await contracts.commits.getAddress(), "registry");
    return new EvmCommitTarget(chainId, address, contracts, provider, fromBlock);
  }

  async head(): Promise<RegistryHead> {
    return await reverts.run(async () => {
      const { commits } = this.#contracts;
      const block = await this.#provider.getBlock("latest");
      if (block === null) throw new ChainError("E_UNREACHABLE", "the node has no block", []);
      const at = { blockTag: block.number };
      const [stateRoot, sequenceNo, times] = await Promise.all([
        commits.getStateRoot(at),
        commits.getSequenceNo(at),
        commits.lastCommitTimes(at),
      ]);
      return {
        sequenceNo,
        stateRoot: bytes32<StateRoot>(stateRoot),
        timestamp: times.timestamp,
        acceptedAt: times.acceptedAt,
        blockTimestamp: BigInt(block.timestamp),
      };
    });
  }

  async rules(): Promise<RegistryRules> {
    return await reverts.run(async () => {
      const { commits } = this.#contracts;
      return {
        quorumBps: Number(await commits.quorumBps()),
        maxSkewSeconds: await commits.maxSkewSeconds(),
        heartbeatSeconds: await commits.heartbeatSeconds(),
      };
    });
  }

  async operatorSet(): Promise<OperatorSet> {
    return await readOperatorSet(this.#contracts);
  }

  async epoch(epoch: number): Promise<KnownEpoch | undefined> {
    return await readEpoch(this.#contracts, epoch);
  }

  async commitsFrom(fromSequenceNo: bigint): Promise<readonly StateCommit[]> {
    return await reverts.run(async () => {
      const { commits } = this.#contracts;
      const event =
        commits.filters["StateRootCommitted(uint64,bytes32,bytes32,uint64,bytes32,bytes32)"]();
      const newest = await commits.getSequenceNo();
      if (newest < fromSequenceNo) return [];
      const logs = await logsBackTo(
        (from, to) => commits.queryFilter(event, from, to),
        await blocksFrom(this.#provider, this.#fromBlock),
        ({ args }) => args.sequenceNo <= fromSequenceNo,
      );
      const found = logs
        .map(({ args }) => commitOf(args))
        .filter(({ sequenceNo }) => sequenceNo >= fromSequenceNo && sequenceNo <= newest);
      // One event per sequence number, or the node dropped some.
      const expected = newest - fromSequenceNo + 1n;
      if (BigInt(found.length) !== expected) {
        const said = `expected ${expected} commits from ${fromSequenceNo} on, got ${found.length} events`;
        throw new ChainError("E_EVENTS_MISSING", said, []);
      }
      return found;
    });
  }

  async land(commit: StateCommit, certificate: Uint8Array): Promise<LandedCommit> {
    return await reverts.run(async () => {
      const { commits } = this.#contracts;
      const call = await commits.commitStateRoot(commitArgument(commit), toHex(certificate));
      return landed(await call.wait());
    });
  }

  async landAll(certified: readonly CertifiedCommit[]): Promise<readonly LandedCommit[]> {
    const done: LandedCommit[] = [];
    for (const run of batchRuns(certified, ({ certificate }) => certificate)) {
      const [{ commit, certificate }] = run;
      done.push(await (run.length === 1 ? this.land(commit, certificate) : this.#landRun(run)));
    }
    return done;
  }

  async #landRun(run: readonly CertifiedCommit[]): Promise<LandedCommit> {
    const merged = mergeCertificates(run.map(({ certificate }) => decodeCertificate(certificate)));
    return await reverts.run(async () => {
      const call = await this.#contracts.commits.commitStateRoots(
        run.map(({ commit }) => commitArgument(commit)),
        toHex(encodeBatchCertificate(merged)),
      );
      return landed(await call.wait());
    });
  }
}

interface CommitEvent {
  readonly sequenceNo: bigint;
  readonly prevStateRoot: string;
  readonly newStateRoot: string;
  readonly timestamp: bigint;
  readonly daCertHash: string;
  readonly pcr0Commitment: string;
}

function commitOf(event: CommitEvent): StateCommit {
  return {
    version: COMMIT_VERSION,
    sequenceNo: event.sequenceNo,
    prevStateRoot: bytes32<StateRoot>(event.prevStateRoot),
    newStateRoot: bytes32<StateRoot>(event.newStateRoot),
    timestamp: event.timestamp,
    daCertHash: bytes32<DaCertHash>(event.daCertHash),
    pcr0Commitment: bytes32(event.pcr0Commitment),
  };
}
