// The plugin of sanctions-screening.
export { alloc, run } from "../../../sanctions-screening/plugin/index";
