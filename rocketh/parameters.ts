import { ZeroAddress } from "ethers";

/** Nobody is told of a fault until the owner sets a hook. */
const NO_HOOK = ZeroAddress as `0x${string}`;

/** Parameters of the deployment, the same on every chain; each is bounded by the contract it goes to. */
export const parameters = {
  /** Share of the weight that must sign a commit, in basis points; the floor is 6,667. */
  quorumBps: 6_667,
  /** How far a commit's timestamp may lie ahead of block time. */
  maxSkewSeconds: 60,
  /** After this long without a commit, one with an unchanged root is accepted. */
  heartbeatSeconds: 6 * 3_600,
  /** What follows a proven fault: who is told, and what is paid as far as a ledger's pool goes. */
  faultRules: { hook: NO_HOOK, rewardWei: 50_000_000_000_000_000n },
  /** How long other rules, a recovery and a raise of a weight wait after they were proposed. */
  changeDelaySeconds: 3 * 86_400,
  /** Shortest life of an operator set. */
  minEpochSeconds: 3_600,
  /** How long an operator set stays valid after another followed. */
  overlapSeconds: 600,
  /** Requests for committed data: what a requester puts up, and how long the operators have. */
  requestRules: {
    bondWei: 50_000_000_000_000_000n,
    windowSeconds: 6 * 3_600,
    segmentCount: 4,
  },
} as const;
