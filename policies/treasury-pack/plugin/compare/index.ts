// The plugin of spend-limit.
export { alloc, run } from "../../../spend-limit/plugin/index";
