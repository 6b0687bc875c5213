// The plugin of spend-limit: it compares two amounts of 256 bits.
export { alloc, run } from "../../spend-limit/plugin/index";
