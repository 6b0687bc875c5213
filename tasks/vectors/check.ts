import { existsSync, readFileSync } from "node:fs";
import { checkVectorFile, parseVectorFile } from "../../src/tree/vectorFile.ts";
import { EXIT_CODES, TaskError } from "../support/errors.ts";
import { report } from "../support/output.ts";

/** Rebuilds every tree of a vector file and compares every root. */
export default async function checkVectors({
  path,
  json,
}: {
  readonly path: string;
  readonly json: boolean;
}): Promise<void> {
  await report(json, async () => {
    if (!existsSync(path)) throw new TaskError("E_FILE_NOT_FOUND", `there is no file ${path}`);
    const { difference, ...counts } = checkVectorFile(parseVectorFile(readFileSync(path, "utf8")));
    if (difference === undefined) {
      const { treeCount, versionCount } = counts;
      return {
        document: { ...counts, equal: true },
        text: `${treeCount} trees, ${versionCount} roots: all equal`,
      };
    }
    process.exitCode = EXIT_CODES.integrity;
    const { tree, versionIndex, expected, got } = difference;
    return {
      document: { ...counts, equal: false, difference },
      text: `first difference: tree "${tree}", version ${versionIndex}: expected ${expected}, got ${got}`,
    };
  });
}
