import { forkSuite } from "./forkSuite.ts";

forkSuite({ network: "base", chainType: "op", chainId: 8_453n, urlVariable: "BASE_RPC_URL" });
