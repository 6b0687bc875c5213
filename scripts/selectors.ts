import { mkdirSync, writeFileSync } from "node:fs";
import { interfaceAbis } from "./interfaceAbis.ts";

/**
 * Writes snapshots/selectors.json: selectors of all functions and errors and topics of all events of the interfaces, so
 * that a change of the ABI shows in a diff. Run by `npm run snapshot:selectors`.
 */

/** Selector or topic by signature. */
export type Signatures = Readonly<Record<string, string>>;

/** What one interface declares, or inherits. */
export interface InterfaceSelectors {
  readonly functions: Signatures;
  readonly errors: Signatures;
  readonly events: Signatures;
}

const PATH = new URL("../snapshots/selectors.json", import.meta.url);

/** What snapshots/selectors.json holds, by interface. */
export async function selectorSnapshot(): Promise<Record<string, InterfaceSelectors>> {
  const snapshot: Record<string, InterfaceSelectors> = {};
  for (const [name, abi] of await interfaceAbis()) {
    const functions: [string, string][] = [];
    const errors: [string, string][] = [];
    const events: [string, string][] = [];
    abi.forEachFunction((item) => functions.push([item.format("sighash"), item.selector]));
    abi.forEachError((item) => errors.push([item.format("sighash"), item.selector]));
    abi.forEachEvent((item) => events.push([item.format("sighash"), item.topicHash]));
    snapshot[name] = {
      functions: sorted(functions),
      errors: sorted(errors),
      events: sorted(events),
    };
  }
  return snapshot;
}

function sorted(entries: readonly [string, string][]): Signatures {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

if (import.meta.main) {
  mkdirSync(new URL(".", PATH), { recursive: true });
  writeFileSync(PATH, `${JSON.stringify(await selectorSnapshot(), null, 2)}\n`);
}
