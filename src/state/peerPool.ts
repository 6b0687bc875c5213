import { setTimeout as timeout } from "node:timers/promises";
import { CodedError } from "../bytes/errors.ts";
import { StateError } from "./errors.ts";
import type { PeerRequest, SnapshotPeer } from "./snapshotPeer.ts";

/**
 * Peers that are asked in turn, and no more once they have lied. A peer whose answer fails its check, is too long or does not
 * come in time is banned at once; one that has no answer, at the third time.
 */

/** A peer that is asked no more. */
export interface BannedPeer {
  readonly id: string;
  readonly code: string;
  readonly message: string;
}

/** Resolves after so many milliseconds, or rejects when `signal` is aborted. */
export type Wait = (milliseconds: number, signal: AbortSignal) => Promise<unknown>;

/** One question to whichever peer. */
export interface Question<T> {
  readonly maxBytes: number;
  readonly ask: (peer: SnapshotPeer, request: PeerRequest) => Promise<Uint8Array>;
  /** What the answer comes to; throws if it is not what it must be. Must not fail for reasons of its own. */
  readonly check: (answer: Uint8Array) => T | Promise<T>;
}

/** A peer must answer at this rate, after a first while; a slower one would hold a restore up for days. */
export const MIN_BYTES_PER_SECOND = 65_536;
export const GRACE_MS = 10_000;
const MAX_UNANSWERED = 3;

interface Member {
  readonly peer: SnapshotPeer;
  waiting: number;
  unanswered: number;
}

export class PeerPool {
  readonly banned: BannedPeer[] = [];
  readonly #wait: Wait;
  #members: readonly Member[];

  constructor(peers: readonly SnapshotPeer[], wait: Wait = waitOnClock) {
    this.#members = peers.map((peer) => ({ peer, waiting: 0, unanswered: 0 }));
    this.#wait = wait;
  }

  /** The peers that are not banned. */
  get peers(): readonly SnapshotPeer[] {
    return this.#members.map(({ peer }) => peer);
  }

  /** The first good answer of those `among` the peers. @throws {StateError} `E_NO_PEER` when all of them are banned */
  async answer<T>(question: Question<T>, among: readonly SnapshotPeer[] = this.peers): Promise<T> {
    for (;;) {
      const [member] = this.#members
        .filter(({ peer }) => among.includes(peer))
        .sort((a, b) => a.unanswered - b.unanswered || a.waiting - b.waiting);
      if (member === undefined) throw this.#noPeer();
      const answer = await this.#askOne(member, question);
      if (answer !== undefined) return answer.value;
    }
  }

  /** Asks `peer` no more. */
  ban(peer: SnapshotPeer, cause: unknown): void {
    if (!this.#members.some((member) => member.peer === peer)) return;
    this.#members = this.#members.filter((member) => member.peer !== peer);
    const code = cause instanceof CodedError ? cause.code : "E_PEER_UNAVAILABLE";
    const message = cause instanceof Error ? cause.message : String(cause);
    this.banned.push({ id: peer.id, code, message });
  }

  async #askOne<T>(member: Member, question: Question<T>): Promise<{ value: T } | undefined> {
    const answer = await this.#receive(member, question);
    if (answer === undefined) return undefined;
    try {
      if (answer.length > question.maxBytes) {
        const got = `expected at most ${question.maxBytes} bytes, got ${answer.length}`;
        throw new StateError("E_SNAPSHOT_SIZE", got);
      }
      return { value: await question.check(answer) };
    } catch (cause) {
      if (!(cause instanceof CodedError)) throw cause;
      this.ban(member.peer, cause);
      return undefined;
    }
  }

  /** The answer, or nothing if none came. */
  async #receive<T>(member: Member, question: Question<T>): Promise<Uint8Array | undefined> {
    const { maxBytes, ask } = question;
    const done = new AbortController();
    const milliseconds = GRACE_MS + Math.ceil((1_000 * maxBytes) / MIN_BYTES_PER_SECOND);
    member.waiting++;
    try {
      return await Promise.race([
        ask(member.peer, { maxBytes, signal: done.signal }),
        this.#wait(milliseconds, done.signal).then(() => {
          throw new StateError(
            "E_PEER_SLOW",
            `no answer of ${maxBytes} bytes in ${milliseconds} ms`,
          );
        }),
      ]);
    } catch (cause) {
      const isSlow = cause instanceof StateError && cause.code === "E_PEER_SLOW";
      if (isSlow || ++member.unanswered >= MAX_UNANSWERED) this.ban(member.peer, cause);
      return undefined;
    } finally {
      member.waiting--;
      done.abort();
    }
  }

  #noPeer(): StateError {
    const reasons = this.banned.map(({ id, code }) => `${id}: ${code}`).join(", ");
    return new StateError("E_NO_PEER", `no peer is left to ask (${reasons})`);
  }
}

function waitOnClock(milliseconds: number, signal: AbortSignal): Promise<unknown> {
  return timeout(milliseconds, undefined, { signal });
}
