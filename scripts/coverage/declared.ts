import { type AstNode, childrenOf, rangeOf, type SourceTree } from "./ast.ts";
import { Edits } from "./edits.ts";
import type { DeclaredError, Place } from "./place.ts";

/**
 * Errors that `trees` declare and that something in them could throw. Not those of an interface that nothing in `trees`
 * implements and none of `places` throws: they are what another party's contract answers.
 */
export function declaredErrors(
  trees: readonly SourceTree[],
  places: readonly Place[],
): DeclaredError[] {
  const thrown = new Set(places.map(({ errorId }) => errorId));
  const contracts = trees.flatMap(({ ast }) => nodesOf(ast, "ContractDefinition"));
  const implemented = new Set(contracts.flatMap(basesOf));
  return trees.flatMap(({ file, content, ast }) => {
    const edits = new Edits(content);
    const foreign = nodesOf(ast, "ContractDefinition")
      .filter(({ contractKind, id }) => contractKind === "interface" && !implemented.has(id))
      .flatMap((contract) => nodesOf(contract, "ErrorDefinition"));
    return nodesOf(ast, "ErrorDefinition")
      .map((node) => ({
        file,
        line: edits.lineOf(rangeOf(node).start),
        name: String(node.name),
        errorId: Number(node.id),
        isForeign: foreign.some(({ id }) => id === node.id),
      }))
      .filter(({ errorId, isForeign }) => !isForeign || thrown.has(errorId))
      .map(({ isForeign: _, ...error }) => error);
  });
}

function nodesOf(node: AstNode, nodeType: string): AstNode[] {
  if (node.nodeType === nodeType) return [node];
  return childrenOf(node).flatMap((child) => nodesOf(child, nodeType));
}

/** Ids of what `contract` inherits from, itself left out. */
function basesOf(contract: AstNode): unknown[] {
  const ids: unknown = contract.linearizedBaseContracts;
  return (Array.isArray(ids) ? ids : []).filter((id) => id !== contract.id);
}
