/**
 * `{"amounts": ["..", ..], "limit": ".."}`, in wei as decimal digits, gives both as they came, `total` and
 * `isWithinLimit`, or `{"error": ".."}`.
 */
export function run({ amounts, limit }) {
  if (![...amounts, limit].every((text) => /^(0|[1-9][0-9]{0,77})$/.test(text))) {
    return { error: "not an amount" };
  }
  const total = amounts.reduce((sum, text) => sum + BigInt(text), 0n);
  return { amounts, limit, total: String(total), isWithinLimit: total <= BigInt(limit) };
}
