/** A sample list, in lower case. The addresses are made up: they belong to nobody. */
export const SANCTIONED: string[] = [
  "0x5a9c710000000000000000000000000000000001",
  "0x5a9c710000000000000000000000000000000002",
  "0x5a9c71abcdefabcdefabcdefabcdefabcdefabcd",
];
