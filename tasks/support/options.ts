import { ArgumentType } from "hardhat/types/arguments";

/** Options that several commands have. */

export const JSON_FLAG = {
  name: "json",
  description: "Print one JSON document on stdout instead of text",
} as const;

export const DRY_RUN_FLAG = {
  name: "dryRun",
  description: "Check everything and write nothing",
} as const;

export const DATA_DIR_OPTION = {
  name: "dataDir",
  description: "Folder of the services' files (default: .state/<network>)",
  type: ArgumentType.STRING,
  defaultValue: "",
} as const;
