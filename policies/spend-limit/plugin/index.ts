import { reply, textAt } from "../../shared/plugin/abi";
import { Arguments } from "../../shared/plugin/arguments";
import { Amount } from "./amount";

export { alloc } from "../../shared/plugin/abi";

/**
 * `{"amount": "..", "limit": ".."}`, both in wei as decimal digits or 0x and hex digits, gives both as they came and
 * `isWithinLimit`, or `{"error": ".."}`. JSON numbers are doubles for most readers, and Rego compares them as such.
 */
export function run(pointer: usize, length: u32): u64 {
  const args = new Arguments(textAt(pointer, length));
  const amountText = args.text("amount");
  const limitText = args.text("limit");
  const amount = Amount.parse(amountText);
  const limit = Amount.parse(limitText);
  if (amount == null || limit == null) return reply('{"error":"not an amount of 256 bits"}');
  const isWithinLimit = amount.compare(limit) <= 0 ? "true" : "false";
  const echo = '{"amount":"' + amountText + '","limit":"' + limitText + '"';
  return reply(echo + ',"isWithinLimit":' + isWithinLimit + "}");
}
