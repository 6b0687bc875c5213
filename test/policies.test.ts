import { readFileSync } from "node:fs";
import { expect } from "chai";
import { buildPlugins, compile, sourcesOf } from "../scripts/build-plugins.ts";
import { compileJavaScript } from "../scripts/javascriptPlugin.ts";
import { decide } from "../src/policy/evaluate.ts";
import { inspectFolder } from "../src/policy/inspect.ts";
import { OpaEngine } from "../src/policy/opaEngine.ts";
import { PluginRunner } from "../src/policy/pluginRunner.ts";
import { at } from "./helpers/at.ts";
import { loadPolicies, type PolicySample } from "./helpers/policyFolders.ts";

const NAMES = [
  "allow-list",
  "approval-cap",
  "bridge-limit",
  "counterparty-risk",
  "gas-price-cap",
  "kyc-tier",
  "price-deviation",
  "sanctions-screening",
  "selector-allow-list",
  "spend-limit",
  "time-window",
  "treasury-pack",
  "vault-exposure",
  "velocity-limit",
];
/** Those without a plugin. */
const PLAIN = ["gas-price-cap", "selector-allow-list", "time-window"];
const text = new TextDecoder();

describe("policies", function () {
  this.timeout(300_000);
  const deciders = {
    engine: new OpaEngine({ timeoutMs: 30_000 }),
    runner: new PluginRunner({ timeoutMs: 30_000, startTimeoutMs: 30_000 }),
  };
  let policies: PolicySample[];

  before(async () => {
    policies = await loadPolicies();
  });
  after(() => deciders.engine.close());

  const policy = (name: string) => {
    return at(
      policies.filter((candidate) => candidate.name === name),
      0,
    );
  };

  it("are the fourteen of the README", () => {
    expect(policies.map(({ name }) => name)).to.deep.equal(NAMES);
    for (const { name, bundle } of policies) expect(bundle.manifest.name).to.equal(name);
    const readme = readFileSync("policies/README.md", "utf8");
    const listed = Array.from(readme.matchAll(/^\| `([a-z-]+)` \|/gm), (match) => match[1]);
    expect(listed.sort()).to.deep.equal(NAMES);
  });

  it("have plugins in two languages, secrets, one plugin, several and none", async () => {
    const languages = new Set<string>();
    for (const name of NAMES) {
      for (const file of (await sourcesOf(name)).keys()) languages.add(file.slice(-2));
    }
    expect([...languages].sort()).to.deep.equal(["js", "ts"]);
    const counts = new Set(policies.map(({ bundle }) => bundle.data.length));
    expect([...counts].sort()).to.deep.equal([0, 1, 2]);
    const kinds = policies.flatMap(({ bundle }) => bundle.artifacts.map(({ kind }) => kind));
    expect(new Set(kinds).size, "every kind of artifact is used").to.equal(5);
  });

  for (const name of NAMES) {
    it(`${name}: passes every check, with its samples and Rego tests`, async () => {
      const { files, intents } = policy(name);
      const { checks, findings } = await inspectFolder(files, deciders);
      expect(findings).to.deep.equal([]);
      expect(checks).to.include.members(["samples", "missing data", "rego tests"]);
      const verdicts = new Set(intents.map(({ allowed }) => allowed));
      expect(verdicts.size, "some samples are allowed, some denied").to.equal(2);
      const tests = text.decode(files.get("policy_test.rego")).match(/^test_\w+ if/gm);
      expect(tests?.length).to.be.greaterThan(4);
    });

    if (PLAIN.includes(name)) continue;
    it(`${name}: denies every sample intent without its plugins`, async () => {
      const { bundle, intents, params } = policy(name);
      const { rego, manifest, data } = bundle;
      const missing = data.map(() => "E_PLUGIN_MISSING");
      for (const { file, intent } of intents) {
        const { entrypoint } = manifest;
        const decision = await decide(deciders, { rego, entrypoint, intent, params, plugins: [] });
        expect(decision.allowed, file).to.equal(false);
        expect(decision.failures.map(({ code }) => code)).to.deep.equal(missing);
      }
    });
  }

  it("spend-limit: compares exactly where doubles do not", async () => {
    const { data } = policy("spend-limit").bundle;
    const { wasm } = at(data, 0);
    const top = 2n ** 256n - 1n;
    const compare = async (amount: string, limit: string) => {
      const output = await deciders.runner.run(wasm, { amount, limit });
      return JSON.stringify(output);
    };
    const yes = (amount: string, limit: string) =>
      `{"amount":"${amount}","limit":"${limit}","isWithinLimit":true}`;
    for (const limit of [0n, 1n, 2n ** 53n, 2n ** 64n - 1n, 2n ** 128n, top]) {
      expect(await compare(`${limit}`, `${limit}`)).to.equal(yes(`${limit}`, `${limit}`));
      const above = limit + 1n;
      const verdict = await compare(`${above}`, `${limit}`);
      expect(verdict).to.contain(limit === top ? "error" : '"isWithinLimit":false');
    }
    expect(await compare("0xfF", "255")).to.equal(yes("0xfF", "255"));
    for (const text of ["", "0x", "-1", "1.0", "1e3", " 1", "01", "0x01", "0xg", "f"]) {
      expect(await compare(text, "1"), text).to.contain("error");
    }
  });

  it("are built to the same bytes again, from cache and from source", async () => {
    const [first, second] = [await buildPlugins(), await buildPlugins()];
    expect(first).to.deep.equal(second);
    const sources = new Map([...(await sourcesOf("shared")), ...(await sourcesOf("spend-limit"))]);
    const built = at(
      first.filter((plugin) => plugin.policy === "spend-limit"),
      0,
    );
    expect(await compile("spend-limit", sources)).to.deep.equal(built.wasm);
    const script = first.filter((plugin) => plugin.policy === "kyc-tier");
    const source = (await sourcesOf("kyc-tier")).get("kyc-tier/plugin/index.js") ?? "";
    expect(compileJavaScript(source)).to.deep.equal(at(script, 0).wasm);
  });

  it("in JavaScript, plugins see no clock, no randomness and no world", async () => {
    const wasm = compileJavaScript(
      "export function run() { return [Date.now(), Math.random(), typeof fetch, typeof process]; }",
    );
    const module = new WebAssembly.Module(Uint8Array.from(wasm));
    expect(WebAssembly.Module.imports(module)).to.deep.equal([]);
    const [first, second] = [
      await deciders.runner.run(wasm, {}),
      await deciders.runner.run(wasm, {}),
    ];
    expect(first).to.deep.equal(second);
    expect(first).to.deep.include.members([0, "undefined"]);
  });
});
