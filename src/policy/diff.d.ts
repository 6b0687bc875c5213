/** The part of `diff` 7.0.0, which brings no types, that is used here. */
declare module "diff" {
  /** A run of changed lines with their surroundings; each line starts with a blank, `-`, `+` or `\`. */
  export interface Hunk {
    readonly oldStart: number;
    readonly oldLines: number;
    readonly newStart: number;
    readonly newLines: number;
    readonly lines: readonly string[];
  }
  /** Undefined if there are more than `maxEditLength` changes. */
  export function structuredPatch(
    oldName: string,
    newName: string,
    oldText: string,
    newText: string,
    oldHeader: string | undefined,
    newHeader: string | undefined,
    options: { readonly context: number; readonly maxEditLength: number },
  ): { readonly hunks: readonly Hunk[] } | undefined;
}
