import { id, toQuantity, Wallet } from "ethers";
import hre from "hardhat";
import { connectContracts } from "../src/chain/contracts.ts";
import { liveControl } from "./bench/chainControl.ts";
import { benchLiveCommits, gasTable } from "./bench/gas.ts";
import { openQuorumChain } from "./bench/quorumChain.ts";
import { developmentKeys } from "./chain/accounts.ts";
import { GETH_VERSION, startGeth } from "./chain/geth.ts";
import type { NodeProcess } from "./chain/nodeProcess.ts";
import { codeHash, type Rehearsed, rehearse } from "./chain/rehearsal.ts";
import { type Outcome, type Replayed, replayAll } from "./chain/replay.ts";

/**
 * The project on an EVM of another make: plays the rehearsal and the gas table of 100 operators' commits on go-ethereum in
 * a process of its own, then plays every
 * block again on Hardhat's simulated EVM and compares each transaction's gas, status, logs and created contract. They must
 * be equal to the unit. Needs Go on the path, the Go module proxy on first use, and no free port in particular.
 *
 *     npm run test:geth [-- --json]
 */

const ACCOUNT_COUNT = 13;
const TABLE_OPERATORS = 100;
/** As the simulated networks'. */
const BLOCK_GAS_LIMIT = 60_000_000n;
const FUNDING_WEI = 100n * 10n ** 18n;

/** Dev account to everybody who acts. */
async function fund(node: NodeProcess, addresses: readonly string[]): Promise<void> {
  const accounts: unknown = await node.call("eth_accounts");
  const from: unknown = Array.isArray(accounts) ? accounts[0] : undefined;
  if (typeof from !== "string") throw new Error("geth has no development account");
  for (const to of addresses) {
    const transaction = { from, to, value: toQuantity(FUNDING_WEI) };
    await untilMined(node, `${await node.call("eth_sendTransaction", [transaction])}`);
  }
}

async function untilMined(node: NodeProcess, hash: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if ((await node.call("eth_getTransactionReceipt", [hash])) !== null) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${hash} is in no block after 30 seconds`);
}

/** What a transaction calls, in the contracts' own words. */
function nameOf(rehearsed: Rehearsed, { to, data }: Replayed): string {
  if (to === null) return "create";
  for (const contract of Object.values(rehearsed.contracts)) {
    if (`${contract.target}`.toLowerCase() !== to) continue;
    return contract.interface.parseTransaction({ data })?.name ?? "?";
  }
  if (data === "0x") return "transfer";
  if (to === rehearsed.deployment.addressesProvider.toLowerCase()) {
    const selector = id("setAddress(bytes32,address)").slice(0, 10);
    return data.startsWith(selector) ? "setAddress" : "?";
  }
  return "create2";
}

function differenceOf({ original, replayed }: Replayed): string | undefined {
  const fields = ["gasUsed", "succeeded", "logs", "contract"] as const satisfies (keyof Outcome)[];
  const unequal = fields.filter((field) => original[field] !== replayed[field]);
  if (unequal.length === 0) return undefined;
  const shown = (field: keyof Outcome) =>
    field === "logs" ? "logs differ" : `${field}: ${original[field]} / ${replayed[field]}`;
  return unequal.map(shown).join("; ");
}

async function compare(node: NodeProcess) {
  const chainId = Number(await node.call("eth_chainId"));
  const keys = developmentKeys(ACCOUNT_COUNT);
  await fund(
    node,
    keys.map((key) => new Wallet(key).address),
  );
  const there = await hre.network.create({
    network: "localhost",
    chainType: "l1",
    override: { url: node.url, accounts: keys, chainId },
  });
  const rehearsed = await rehearse({
    network: "localhost",
    provider: there.provider,
    ethersProvider: there.ethers.provider,
    signers: await there.ethers.getSigners(),
  });
  const [payer] = await there.ethers.getSigners();
  if (payer === undefined) throw new Error("no accounts");
  const control = await liveControl(there, payer);
  const table = await benchLiveCommits(
    await openQuorumChain(TABLE_OPERATORS, { connection: there, control }),
  );
  const here = await hre.network.create({
    network: "mainnet",
    chainType: "l1",
    override: { chainId, blockGasLimit: BLOCK_GAS_LIMIT, initialDate: new Date(0) },
  });
  const transactions = await replayAll(node, here.provider);
  const addresses = Object.values(rehearsed.deployment);
  const codes = await Promise.all(
    [there, here].map(({ ethers }) => codeHash(ethers.provider, addresses)),
  );
  const heads = await Promise.all(
    [there, here].map(async ({ ethers }) => {
      const { commits } = connectContracts(rehearsed.deployment, ethers.provider);
      return `${await commits.getSequenceNo()} ${await commits.getStateRoot()}`;
    }),
  );
  await Promise.all([there.close(), here.close()]);
  return { chainId, rehearsed, table, transactions, codes, heads };
}

async function run(json: boolean): Promise<void> {
  const node = await startGeth(BLOCK_GAS_LIMIT);
  try {
    const client = `${await node.call("web3_clientVersion")}`;
    const { chainId, rehearsed, table, transactions, codes, heads } = await compare(node);
    const rows = transactions.map((transaction) => ({
      block: transaction.block,
      call: nameOf(rehearsed, transaction),
      gethGas: Number(transaction.original.gasUsed),
      edrGas: Number(transaction.replayed.gasUsed),
      difference: differenceOf(transaction) ?? null,
    }));
    const different = rows.filter(({ difference }) => difference !== null);
    const isSameState = codes[0] === codes[1] && heads[0] === heads[1];
    const gas = Object.fromEntries(
      Object.entries(rehearsed.gas).map(([what, used]) => [what, Number(used)]),
    );
    const document = {
      client,
      pinned: GETH_VERSION,
      chainId,
      isSameState,
      gas,
      table,
      transactions: rows,
    };
    if (json) console.log(JSON.stringify(document, null, 2));
    else {
      for (const [what, used] of Object.entries(gas))
        console.log(`${`${used}`.padStart(10)}  ${what}`);
      console.log(gasTable(table));
      for (const row of different) console.log(`block ${row.block} ${row.call}: ${row.difference}`);
      console.log(
        `${client}: ${rows.length} transactions, ${different.length} differ from the simulated EVM; ` +
          `state ${isSameState ? "equal" : "DIFFERENT"}`,
      );
    }
    if (different.length > 0 || !isSameState || rows.length < ACCOUNT_COUNT) process.exitCode = 1;
  } finally {
    await node.stop();
  }
}

await run(process.argv.includes("--json"));
