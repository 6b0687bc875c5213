import { forkSuite } from "./forkSuite.ts";

forkSuite({ network: "mainnet", chainType: "l1", chainId: 1n, urlVariable: "MAINNET_RPC_URL" });
