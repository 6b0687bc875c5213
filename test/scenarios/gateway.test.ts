import { expect } from "chai";
import { admitArtifact } from "../../src/commit/gateway.ts";
import { PolicyError } from "../../src/policy/errors.ts";
import { OpaEngine } from "../../src/policy/opaEngine.ts";
import type { RegoEngine } from "../../src/policy/regoEngine.ts";
import { asyncCodeOf } from "../helpers/codes.ts";
import { type LocalNetwork, openLocalNetwork } from "../helpers/localNetwork.ts";

const utf8 = new TextEncoder();
const HEAD = "package a\nimport rego.v1\ndefault allow := false\n";
/** Put together here, so that no file of this project has the form of a key. */
const KEY = ["ghp", "0123456789abcdefghijABCDEFGHIJ012345"].join("_");

describe("gateway", function () {
  this.timeout(120_000);
  const engine = new OpaEngine({ timeoutMs: 30_000 });
  let network: LocalNetwork;

  before(async () => {
    network = await openLocalNetwork({ operatorCount: 1 });
  });
  after(() => {
    engine.close();
    network.close();
  });

  const admit = (text: string, by: RegoEngine = engine) =>
    admitArtifact(network.local.lane, "rego", utf8.encode(text), by);

  it("journals what compiles and has no key in it, the same artifact once", async () => {
    const first = await admit(`${HEAD}allow if input.a == 1\n`);
    const again = await admit(`${HEAD}allow if input.a == 1\n`);
    expect([first.status, again.status]).to.deep.equal(["pending", "pending"]);
    expect(again.contentHash).to.deep.equal(first.contentHash);
    expect(network.local.lane.journal.length).to.equal(1);
  });

  it("GW-01: refuses what does not compile, and what has a key in it, and keeps nothing", async () => {
    const before = network.local.lane.journal.length;
    expect(await asyncCodeOf(() => admit(`${HEAD}allow if {\n`))).to.equal("E_REGO_PARSE");
    expect(await asyncCodeOf(() => admit(`${HEAD}allow if nope(1)\n`))).to.equal("E_REGO_TYPE");
    expect(await asyncCodeOf(() => admit(`${HEAD}# ${KEY}\n`))).to.equal("E_SECRET");
    expect(await asyncCodeOf(() => admit("package a\n"))).to.equal("E_REGO_INVALID");
    const plugin = Buffer.concat([
      Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, KEY.length + 3, 1, 0x6b, 0x20),
      Buffer.from(KEY),
    ]);
    const admitting = () => admitArtifact(network.local.lane, "wasm-plugin", plugin, engine);
    expect(await asyncCodeOf(admitting)).to.equal("E_SECRET");
    expect(network.local.lane.journal.length).to.equal(before);
  });

  it("keeps nothing when the engine fails, so that the upload may be tried again", async () => {
    const before = network.local.lane.journal.length;
    const failing: RegoEngine = {
      id: "failing",
      check: () => Promise.reject(new PolicyError("E_REGO_ENGINE", "engine: the process ended")),
      evaluate: () => Promise.reject(new PolicyError("E_REGO_ENGINE", "engine: the process ended")),
      close: () => undefined,
    };
    const text = `${HEAD}allow if input.b == 1\n`;
    expect(await asyncCodeOf(() => admit(text, failing))).to.equal("E_REGO_ENGINE");
    expect(network.local.lane.journal.length).to.equal(before);
    expect((await admit(text)).status).to.equal("pending");
  });

  it("takes in the bytes it has looked at, whatever becomes of the caller's", async () => {
    const bytes = utf8.encode(`${HEAD}allow if input.c == 1\n`);
    const admitting = admitArtifact(network.local.lane, "rego", bytes, engine);
    bytes.fill(0);
    const { contentHash } = await admitting;
    const [last] = network.local.lane.journal.pending(1_000_000).slice(-1);
    expect(last?.id).to.deep.equal(contentHash);
    expect(last?.content.includes(0)).to.equal(false);
  });
});
