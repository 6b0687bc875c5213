const ONE_E18 = 10n ** 18n;
const BPS = 10_000n;

/**
 * `{"amountIn": "..", "minAmountOut": "..", "priceE18": ".."}`, as decimal digits, gives all three as they came and
 * `worseBps`: by how many basis points, rounded up, the least amount out is below what the price promises. 0 if it is not.
 */
export function run({ amountIn, minAmountOut, priceE18 }) {
  if (![amountIn, minAmountOut, priceE18].every((text) => /^(0|[1-9][0-9]{0,77})$/.test(text))) {
    return { error: "not an amount" };
  }
  const promised = BigInt(amountIn) * BigInt(priceE18);
  if (promised === 0n) return { error: "nothing is promised" };
  const missing = promised - BigInt(minAmountOut) * ONE_E18;
  const worse = missing <= 0n ? 0n : (missing * BPS + promised - 1n) / promised;
  return { amountIn, minAmountOut, priceE18, worseBps: Number(worse) };
}
