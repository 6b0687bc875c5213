import { reply, textAt } from "../../shared/plugin/abi";
import { Arguments } from "../../shared/plugin/arguments";
import { isAddress, isHex, lowerHex } from "../../shared/plugin/hex";

export { alloc } from "../../shared/plugin/abi";

/** Characters of one ABI word, and of 0x with a selector. */
const WORD: i32 = 64;
const HEAD: i32 = 10;
/** Zeros in front of an address in its word. */
const PADDING = "000000000000000000000000";

/**
 * `{"to": "..", "data": ".."}` gives both in lower case, the selector (`0x` for a plain transfer) and who receives:
 * of ERC-20 transfer and approve the first argument, of transferFrom the second, of a plain transfer `to`; null for any
 * other function. Calldata that is not exactly the function's gives `{"error": ".."}`.
 */
export function run(pointer: usize, length: u32): u64 {
  const args = new Arguments(textAt(pointer, length));
  const to = lowerHex(args.text("to"));
  const data = lowerHex(args.text("data"));
  if (!isAddress(to) || !isHex(data)) return reply('{"error":"not an address and bytes"}');
  if (data == "0x") return answer(to, data, data, '"' + to + '"');
  if (data.length < HEAD) return reply('{"error":"shorter than a selector"}');

  const selector = data.substring(0, HEAD);
  const index = recipientIndexOf(selector);
  if (index < 0) return answer(to, data, selector, "null");
  // The recipient is the last word but one in all three.
  const word = data.substring(HEAD + index * WORD, HEAD + (index + 1) * WORD);
  if (data.length != HEAD + (index + 2) * WORD || !word.startsWith(PADDING)) {
    return reply('{"error":"not the arguments of this function"}');
  }
  return answer(to, data, selector, '"0x' + word.substring(PADDING.length) + '"');
}

/** Which argument receives; -1 for a function that is not known. */
function recipientIndexOf(selector: string): i32 {
  if (selector == "0xa9059cbb") return 0; // transfer(address,uint256)
  if (selector == "0x095ea7b3") return 0; // approve(address,uint256)
  if (selector == "0x23b872dd") return 1; // transferFrom(address,address,uint256)
  return -1;
}

function answer(to: string, data: string, selector: string, recipient: string): u64 {
  const echo = '{"to":"' + to + '","data":"' + data + '"';
  return reply(echo + ',"selector":"' + selector + '","recipient":' + recipient + "}");
}
