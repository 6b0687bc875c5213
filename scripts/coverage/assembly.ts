import { type AstNode, childOf, childrenOf, listOf, rangeOf } from "./ast.ts";
import { MARKER_LIBRARY, type Marking } from "./marker.ts";

/** Bits of the variable in which one assembly block gathers what it reached. */
const MOST_ARMS = 256;

/**
 * Marks the branches and lines of an assembly block, before which `marker` is hit. A call from inside would not be pure and would lose the size of the
 * last result, so that the block sets bits of a variable, which are sent when it has ended.
 * @throws RangeError if the block has a function of its own, more than 256 arms, or ends other than at its end
 */
export function markAssembly(marking: Marking, statement: AstNode, marker: number): void {
  const root = childOf(statement, "AST");
  if (root === undefined) return;
  const { start, end } = rangeOf(statement);
  const first = marking.nextMarker;
  const variable = `coverageBits${first}`;
  new AssemblyBlock(marking, variable, first).lines(listOf(root, "statements"), marker);
  const arms = marking.nextMarker - first;
  if (arms === 0) return;
  if (arms > MOST_ARMS) throw new RangeError(`${marking.file}: too many arms in assembly`);
  marking.edits.before(start, `uint256 ${variable} = 0; `);
  marking.edits.behind(end, ` ${MARKER_LIBRARY}.flush(${variable}, ${first});`);
}

class AssemblyBlock {
  readonly #marking: Marking;
  readonly #variable: string;
  readonly #first: number;

  constructor(marking: Marking, variable: string, first: number) {
    this.#marking = marking;
    this.#variable = variable;
    this.#first = first;
  }

  /** Notes the lines of `statements`, which run when `marker` is hit, and marks what branches below them. */
  lines(statements: readonly AstNode[], marker: number): void {
    for (const statement of statements) {
      const { start, end } = rangeOf(statement);
      this.#marking.note("line", start, this.#marking.snippet(start, end), marker);
      this.#branches(statement);
    }
  }

  #branches(node: AstNode): void {
    if (node.nodeType === "YulIf") this.#if(node);
    else if (node.nodeType === "YulSwitch") this.#switch(node);
    else if (node.nodeType === "YulForLoop") this.#loop(node);
    else if (node.nodeType === "YulBlock")
      for (const child of childrenOf(node)) this.#branches(child);
    else this.#refuse(node);
  }

  /** `if c {…}` becomes `switch iszero(c) case 0 {…} default {…}`. */
  #if(node: AstNode): void {
    const condition = childOf(node, "condition");
    const body = childOf(node, "body");
    if (condition === undefined || body === undefined) return;
    const { edits } = this.#marking;
    const { start } = rangeOf(node);
    const asked = rangeOf(condition);
    const text = this.#marking.snippet(asked.start, asked.end);
    edits.replace(start, start + "if".length, "switch iszero(");
    edits.behind(asked.end, ") case 0");
    this.#arm(body, `${text} is true`, start);
    const otherwise = this.#otherwise(`${text} is false`, start);
    edits.behind(rangeOf(body).end, ` default { ${otherwise} }`);
  }

  #switch(node: AstNode): void {
    const { start, end } = rangeOf(node);
    const asked = rangeOf(childOf(node, "expression") ?? node);
    const text = this.#marking.snippet(asked.start, asked.end);
    const cases = listOf(node, "cases");
    for (const each of cases) {
      const body = childOf(each, "body");
      const value =
        each.value === "default" ? "no case" : String(Reflect.get(Object(each.value), "value"));
      if (body !== undefined) this.#arm(body, `${text} is ${value}`, rangeOf(each).start);
    }
    if (cases.some((each) => each.value === "default")) return;
    this.#marking.edits.behind(end, ` default { ${this.#otherwise(`${text} is no case`, start)} }`);
  }

  #loop(node: AstNode): void {
    const body = childOf(node, "body");
    const asked = rangeOf(childOf(node, "condition") ?? node);
    const text = this.#marking.snippet(asked.start, asked.end);
    const { start, end } = rangeOf(node);
    if (body !== undefined) this.#arm(body, `${text} is true`, start);
    this.#marking.edits.behind(end, ` ${this.#otherwise(`${text} is false`, start)}`);
  }

  #arm(body: AstNode, what: string, offset: number): void {
    const marker = this.#marking.take();
    this.#marking.note("branch", offset, what, marker);
    this.#marking.edits.before(rangeOf(body).start + 1, ` ${this.#bit(marker)}`);
    this.lines(listOf(body, "statements"), marker);
  }

  #otherwise(what: string, offset: number): string {
    const marker = this.#marking.take();
    this.#marking.note("branch", offset, what, marker);
    return this.#bit(marker);
  }

  #bit(marker: number): string {
    return `${this.#variable} := or(${this.#variable}, shl(${marker - this.#first}, 1))`;
  }

  /** What would end the block early, so that its bits are lost, or cannot see the variable. */
  #refuse(node: AstNode): void {
    const name = childOf(node, "functionName")?.name;
    const isExit = ["revert", "return", "stop", "invalid", "selfdestruct"].includes(String(name));
    if (isExit || ["YulFunctionDefinition", "YulBreak", "YulContinue"].includes(node.nodeType)) {
      const line = this.#marking.edits.lineOf(rangeOf(node).start);
      throw new RangeError(`${this.#marking.file}:${line}: no way to mark this in assembly`);
    }
    for (const child of childrenOf(node)) this.#refuse(child);
  }
}
