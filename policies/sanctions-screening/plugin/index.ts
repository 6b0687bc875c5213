import { reply, textAt } from "../../shared/plugin/abi";
import { Arguments } from "../../shared/plugin/arguments";
import { isAddress, jsonList, lowerHex } from "../../shared/plugin/hex";
import { SANCTIONED } from "./list";

export { alloc } from "../../shared/plugin/abi";

/** `{"addresses": [..]}` gives `{"screened": [..], "hits": [..]}`, both in lower case, or `{"error": ".."}`. */
export function run(pointer: usize, length: u32): u64 {
  const addresses = new Arguments(textAt(pointer, length)).strings("addresses");
  const screened: string[] = [];
  const hits: string[] = [];
  for (let i = 0; i < addresses.length; i++) {
    const address = lowerHex(addresses[i]);
    if (!isAddress(address)) return reply('{"error":"not an address"}');
    screened.push(address);
    if (SANCTIONED.includes(address)) hits.push(address);
  }
  return reply('{"screened":' + jsonList(screened) + ',"hits":' + jsonList(hits) + "}");
}
