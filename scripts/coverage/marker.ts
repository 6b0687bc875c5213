import type { Edits } from "./edits.ts";
import type { Place, PlaceKind } from "./place.ts";

/** Library of the marked copy that tells Hardhat's EVM which marker it has reached. */
export const MARKER_LIBRARY = "CoverageMarker";

/**
 * The EVM notes every 32 bytes sent to this address when Hardhat runs with `--coverage`
 * (node_modules/@nomicfoundation/edr/coverage.sol). The word at 0 is put back: code that keeps its work behind the free
 * memory pointer, or in scratch space across statements, must not notice. Calls whose result size is read come in one
 * assembly block, in which there is no marker.
 */
export const MARKER_SOURCE = `// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

library ${MARKER_LIBRARY} {
    function hit(uint256 marker) internal pure {
        asPure(send)(marker);
    }

    function arm(bool condition, uint256 whenTrue, uint256 whenFalse) internal pure returns (bool) {
        asPure(send)(condition ? whenTrue : whenFalse);
        return condition;
    }

    function flush(uint256 bits, uint256 first) internal pure {
        for (; bits != 0; bits >>= 1) {
            if (bits & 1 != 0) asPure(send)(first);
            ++first;
        }
    }

    function send(uint256 marker) private view {
        assembly ("memory-safe") {
            let word := mload(0x00)
            mstore(0x00, marker)
            pop(staticcall(gas(), 0xc0bEc0BEc0BeC0bEC0beC0bEC0bEC0beC0beC0BE, 0x00, 0x20, 0x00, 0x00))
            mstore(0x00, word)
        }
    }

    function asPure(function(uint256) internal view given) private pure returns (function(uint256) internal pure same) {
        assembly ("memory-safe") {
            same := given
        }
    }
}
`;

/** Longest piece of source in a place's description, in characters. */
const LONGEST_SNIPPET = 60;

/** What one file's rewriting has come to: its edits, its places, and the next free marker. */
export class Marking {
  readonly places: Place[] = [];
  readonly file: string;
  readonly edits: Edits;
  #nextMarker: number;

  constructor(file: string, edits: Edits, firstMarker: number) {
    this.file = file;
    this.edits = edits;
    this.#nextMarker = firstMarker;
  }

  /** The first marker that no place has yet. */
  get nextMarker(): number {
    return this.#nextMarker;
  }

  take(): number {
    return this.#nextMarker++;
  }

  /** Notes a place at the byte `offset`. */
  note(kind: PlaceKind, offset: number, what: string, marker: number, errorId?: number): void {
    const line = this.edits.lineOf(offset);
    const place = { kind, file: this.file, line, what, marker };
    this.places.push(errorId === undefined ? place : { ...place, errorId });
  }

  /** The source from `start` to `end` on one line, cut where it is long. */
  snippet(start: number, end: number): string {
    const text = this.edits.slice(start, end).replace(/\s+/g, " ");
    return text.length > LONGEST_SNIPPET ? `${text.slice(0, LONGEST_SNIPPET - 1)}…` : text;
  }
}
