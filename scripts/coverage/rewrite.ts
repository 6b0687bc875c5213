import { posix } from "node:path";
import { markAssembly } from "./assembly.ts";
import {
  type AstNode,
  childOf,
  childrenOf,
  isNode,
  listOf,
  rangeOf,
  type SourceTree,
} from "./ast.ts";
import { Edits } from "./edits.ts";
import { MARKER_LIBRARY, Marking } from "./marker.ts";
import type { Place } from "./place.ts";

/** A source whose places report that they were reached, on the lines on which they were. */
export interface MarkedSource {
  readonly file: string;
  readonly content: string;
  readonly places: readonly Place[];
  /** The first marker for the next file. */
  readonly nextMarker: number;
}

const BLOCKS = ["Block", "UncheckedBlock"];

/** Marks every place of `tree`, from the marker `firstMarker` on. What the code does stays the same, gas aside. */
export function rewrite(tree: SourceTree, firstMarker: number): MarkedSource {
  const edits = new Edits(tree.content);
  const marking = new Marking(tree.file, edits, firstMarker);
  new Rewriter(marking).declarations(tree.ast);
  const folder = posix.relative(posix.dirname(tree.file), "contracts") || ".";
  const library = `${folder.startsWith(".") ? folder : `./${folder}`}/${MARKER_LIBRARY}.sol`;
  const hasMarkers = marking.nextMarker > firstMarker;
  const imported = hasMarkers ? `import {${MARKER_LIBRARY}} from "${library}";\n` : "";
  return {
    file: tree.file,
    content: edits.apply() + imported,
    places: marking.places,
    nextMarker: marking.nextMarker,
  };
}

/** Statements after which others run only if they let them, or which hold others. */
const ENDS_RUN = [
  ...BLOCKS,
  "IfStatement",
  "ForStatement",
  "WhileStatement",
  "DoWhileStatement",
  "TryStatement",
];

/** `statements`, cut behind each that holds others. */
function runsOf(statements: readonly AstNode[]): AstNode[][] {
  const runs: AstNode[][] = [];
  let isOpen = false;
  for (const statement of statements) {
    const run = runs.at(-1);
    if (isOpen && run !== undefined) run.push(statement);
    else runs.push([statement]);
    isOpen = !ENDS_RUN.includes(statement.nodeType);
  }
  return runs;
}

class Rewriter {
  readonly #marking: Marking;

  constructor(marking: Marking) {
    this.#marking = marking;
  }

  /** Functions and modifiers with a body, wherever they are declared. */
  declarations(node: AstNode): void {
    const body = childOf(node, "body");
    if (body === undefined || body.nodeType !== "Block") {
      for (const child of childrenOf(node)) this.declarations(child);
      return;
    }
    const name = node.name === "" ? String(node.kind) : String(node.name);
    const marker = this.#block(body, rangeOf(body).start + 1);
    this.#marking.note("function", rangeOf(node).start, name, marker);
  }

  #hit(offset: number, marker: number): void {
    this.#marking.edits.before(offset, ` ${MARKER_LIBRARY}.hit(${marker}); `);
  }

  /**
   * Marks the statements of a block, whose first byte is at `start`.
   * @returns the marker of its first run, which is hit when the run comes to its end
   */
  #block(block: AstNode, start: number): number {
    const statements = listOf(block, "statements");
    const markers = runsOf(statements).map((run) => this.#run(run));
    const [first] = markers;
    if (first !== undefined) return first;
    const marker = this.#marking.take();
    this.#hit(start, marker);
    return marker;
  }

  /**
   * One marker before the last of some statements that run one after the other: once it is hit, all of them ran. One
   * for each would take the compiler much longer.
   */
  #run(statements: readonly AstNode[]): number {
    const marker = this.#marking.take();
    const last = statements.at(-1);
    for (const statement of statements) {
      if (statement === last) this.#hit(rangeOf(statement).start, marker);
      this.#statement(statement, marker);
    }
    return marker;
  }

  #statement(node: AstNode, marker: number): void {
    const { start, end } = rangeOf(node);
    this.#marking.note("line", start, this.#marking.snippet(start, end), marker);
    if (BLOCKS.includes(node.nodeType)) {
      this.#block(node, start + 1);
      return;
    }
    if (node.nodeType === "InlineAssembly") markAssembly(this.#marking, node, marker);
    else if (node.nodeType === "TryStatement") this.#try(node);
    else if (node.nodeType === "RevertStatement") this.#revert(node, marker);
    this.#conditions(node);
    this.#below(node);
  }

  /** The statements that `node` governs, and the expressions it evaluates. */
  #below(node: AstNode): void {
    for (const field of ["trueBody", "falseBody", "body"]) {
      const body = childOf(node, field);
      if (body !== undefined) this.#governed(body);
    }
    const fields = Object.entries(node).filter(
      ([name]) => !["trueBody", "falseBody", "body", "clauses", "AST"].includes(name),
    );
    for (const child of fields.flatMap(([, value]) => (Array.isArray(value) ? value : [value]))) {
      if (isNode(child)) this.#expression(child);
    }
  }

  /** A body without braces gets them. */
  #governed(body: AstNode): void {
    if (BLOCKS.includes(body.nodeType)) {
      this.#block(body, rangeOf(body).start + 1);
      return;
    }
    this.#marking.edits.before(rangeOf(body).start, "{");
    this.#marking.edits.behind(this.#endOf(body), " }");
    this.#run([body]);
  }

  /** Behind the semicolon of a statement, which its range leaves out. */
  #endOf(statement: AstNode): number {
    const { end } = rangeOf(statement);
    const { edits } = this.#marking;
    if (["}", ";"].includes(edits.slice(end - 1, end))) return end;
    let offset = end;
    while (/\s/.test(edits.slice(offset, offset + 1))) offset++;
    if (edits.slice(offset, offset + 1) !== ";") {
      throw new RangeError(`${this.#marking.file}: no end of the statement at byte ${end}`);
    }
    return offset + 1;
  }

  #try(node: AstNode): void {
    for (const [index, clause] of listOf(node, "clauses").entries()) {
      const block = childOf(clause, "block");
      if (block === undefined) continue;
      const what = index === 0 ? "the tried call succeeds" : "the tried call fails";
      const marker = this.#block(block, rangeOf(block).start + 1);
      this.#marking.note("branch", rangeOf(clause).start, what, marker);
    }
  }

  #revert(node: AstNode, marker: number): void {
    const call = childOf(node, "errorCall");
    if (call !== undefined) this.#thrown(call, rangeOf(node).start, marker);
  }

  /** Notes that the call of an error, thrown when `marker` is hit, is at `offset`. */
  #thrown(call: AstNode, offset: number, marker: number): void {
    const error = childOf(call, "expression");
    if (error === undefined) return;
    const { start, end } = rangeOf(error);
    const name = this.#marking.snippet(start, end);
    this.#marking.note("error", offset, name, marker, Number(error.referencedDeclaration));
  }

  /** What a statement or a ternary asks. */
  #conditions(node: AstNode): void {
    const isAsking = [
      "IfStatement",
      "WhileStatement",
      "DoWhileStatement",
      "ForStatement",
      "Conditional",
    ];
    const condition = childOf(node, "condition");
    if (isAsking.includes(node.nodeType) && condition !== undefined) this.#condition(condition);
  }

  #expression(node: AstNode): void {
    const isLogic =
      node.nodeType === "BinaryOperation" && ["&&", "||"].includes(String(node.operator));
    // Marked as part of a condition already, or else here.
    if (isLogic && !this.#seen.has(node)) this.#condition(node);
    this.#conditions(node);
    if (node.nodeType === "FunctionCall") this.#require(node);
    for (const child of childrenOf(node)) this.#expression(child);
  }

  #require(call: AstNode): void {
    if (childOf(call, "expression")?.name !== "require") return;
    const [condition, error] = listOf(call, "arguments");
    if (condition === undefined) return;
    const refused = this.#condition(condition);
    if (error?.nodeType === "FunctionCall") this.#thrown(error, rangeOf(call).start, refused);
  }

  readonly #seen = new Set<AstNode>();

  /** Marks both ways of every operand. @returns the marker of the last one's falsehood */
  #condition(node: AstNode): number {
    this.#seen.add(node);
    if (node.nodeType === "TupleExpression") {
      const [inner] = listOf(node, "components");
      if (inner !== undefined) return this.#condition(inner);
    }
    const inverted =
      node.nodeType === "UnaryOperation" ? childOf(node, "subExpression") : undefined;
    if (node.operator === "!" && inverted !== undefined) return this.#condition(inverted);
    const left = childOf(node, "leftExpression");
    const right = childOf(node, "rightExpression");
    if (["&&", "||"].includes(String(node.operator)) && left !== undefined && right !== undefined) {
      this.#condition(left);
      return this.#condition(right);
    }
    return this.#operand(node);
  }

  #operand(node: AstNode): number {
    const { start, end } = rangeOf(node);
    const text = this.#marking.snippet(start, end);
    const whenTrue = this.#marking.take();
    const whenFalse = this.#marking.take();
    this.#marking.note("branch", start, `${text} is true`, whenTrue);
    this.#marking.note("branch", start, `${text} is false`, whenFalse);
    this.#marking.edits.before(start, `${MARKER_LIBRARY}.arm(`);
    this.#marking.edits.behind(end, `, ${whenTrue}, ${whenFalse})`);
    return whenFalse;
  }
}
