import * as deployExtension from "@rocketh/deploy";
import * as readExecuteExtension from "@rocketh/read-execute";
import type { UserConfig } from "rocketh/types";

export const config = {
  accounts: {
    /** Sends the deployment transactions; holds no role afterwards. */
    deployer: { default: 0 },
    /** Owner of every registry. */
    owner: { default: 1 },
  },
  data: {},
} as const satisfies UserConfig;

export const extensions = { ...deployExtension, ...readExecuteExtension };
export type Extensions = typeof extensions;
export type Accounts = typeof config.accounts;
export type Data = typeof config.data;
