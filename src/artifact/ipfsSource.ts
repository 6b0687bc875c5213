import { CarReader } from "@ipld/car";
import { CID } from "multiformats/cid";
import { ArtifactError } from "./errors.ts";
import { type BlockSource, IPFS_LIMITS } from "./ipfs.ts";

/** Where blocks come from. Nothing here is believed: `ipfs.ts` checks every block. */

/** Milliseconds for one block of a gateway. */
const GATEWAY_TIMEOUT_MS = 30_000;

/** Blocks of a gateway, one request each (`GET <url>/ipfs/<cid>?format=raw`). */
export function gatewaySource(url: string, timeoutMs: number = GATEWAY_TIMEOUT_MS): BlockSource {
  const base = url.replace(/\/+$/, "");
  return async (cid) => {
    try {
      const response = await fetch(`${base}/ipfs/${cid}?format=raw`, {
        headers: { accept: "application/vnd.ipld.raw" },
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (!response.ok) throw new Error(`status ${response.status}`);
      return await bodyOf(response);
    } catch (cause) {
      if (cause instanceof ArtifactError) throw cause;
      const why = cause instanceof Error ? cause.message : "no answer";
      throw new ArtifactError("E_CID_SOURCE", `gateway ${base}: ${cid}: ${why}`, { cause });
    }
  };
}

/** The body, read no further than a block may go. */
async function bodyOf(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > IPFS_LIMITS.blockBytes) {
      throw new ArtifactError("E_CID_LIMIT", `gateway: more than ${IPFS_LIMITS.blockBytes} bytes`);
    }
    parts.push(part);
  }
  return Uint8Array.from(Buffer.concat(parts));
}

/** Blocks of a file: a CAR, as `ipfs dag export` writes it, or one block as it is. */
export async function fileSource(bytes: Uint8Array): Promise<BlockSource> {
  let car: CarReader;
  try {
    car = await CarReader.fromBytes(bytes);
  } catch {
    return () => Promise.resolve(bytes);
  }
  return async (cid) => {
    const block = await car.get(CID.parse(cid));
    if (block === undefined) throw new ArtifactError("E_CID_SOURCE", `file: no block ${cid}`);
    return block.bytes;
  };
}
