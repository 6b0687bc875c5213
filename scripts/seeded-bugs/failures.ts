/** What the runner says of failures, or its last words. */
export function failuresIn(output: string): string {
  const lines = output.split("\n");
  const summary = lines.findIndex((line) => /^\s+\d+ failing\b/.test(line));
  return (summary < 0 ? lines.slice(-40) : lines.slice(summary, summary + 40)).join("\n");
}
