import { compile, type Sources } from "./solc.ts";

/** The compiler's syntax trees, narrowed as they are read. */

/** A node of a syntax tree, of Solidity or of Yul. */
export interface AstNode {
  readonly nodeType: string;
  /** `start:length:source`, in bytes of UTF-8. */
  readonly src: string;
  readonly [field: string]: unknown;
}

/** A file's tree with the text it was made from. */
export interface SourceTree {
  readonly file: string;
  readonly content: string;
  readonly ast: AstNode;
}

export function isNode(value: unknown): value is AstNode {
  return typeof Reflect.get(Object(value), "nodeType") === "string";
}

/** The node in `field`, if one is there. */
export function childOf(node: AstNode, field: string): AstNode | undefined {
  const value = node[field];
  return isNode(value) ? value : undefined;
}

/** The nodes in the list `field`; lists may have holes. */
export function listOf(node: AstNode, field: string): readonly AstNode[] {
  const value = node[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** Every node that is directly below `node`. */
export function childrenOf(node: AstNode): readonly AstNode[] {
  return Object.values(node).flatMap((value) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );
}

/** Byte offsets of the node's text: from the first byte to behind the last. */
export function rangeOf(node: AstNode): { readonly start: number; readonly end: number } {
  const [start = 0, length = 0] = node.src.split(":").map(Number);
  return { start, end: start + length };
}

/** Trees of the sources whose name passes `isWanted`. @throws with the compiler's errors */
export function readTrees(sources: Sources, isWanted: (file: string) => boolean): SourceTree[] {
  const outputs: unknown = Reflect.get(Object(compile(sources)), "sources");
  return Object.entries(Object(outputs)).flatMap(([file, output]): SourceTree[] => {
    const ast: unknown = Reflect.get(Object(output), "ast");
    const content = sources[file]?.content;
    return isWanted(file) && isNode(ast) && content !== undefined ? [{ file, content, ast }] : [];
  });
}
