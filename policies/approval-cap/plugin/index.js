/** approve(address,uint256) and increaseAllowance(address,uint256). */
const SELECTORS = ["0x095ea7b3", "0x39509351"];

/**
 * `{"data": "0x..", "cap": ".."}`, calldata and a cap in decimal digits, gives both as they came, the spender, the amount
 * and `isWithinCap`, or `{"error": ".."}` for what is no approval, bit by bit.
 */
export function run({ data, cap }) {
  const call = data.toLowerCase();
  if (!/^0x[0-9a-f]{136}$/.test(call) || !SELECTORS.includes(call.slice(0, 10))) {
    return { error: "no approval" };
  }
  if (!/^(0|[1-9][0-9]{0,77})$/.test(cap)) return { error: "not an amount" };
  const [spenderWord, amountWord] = [call.slice(10, 74), call.slice(74)];
  if (!spenderWord.startsWith("0".repeat(24))) return { error: "no address" };
  const amount = BigInt(`0x${amountWord}`);
  const spender = `0x${spenderWord.slice(24)}`;
  return { data, spender, amount: String(amount), cap, isWithinCap: amount <= BigInt(cap) };
}
