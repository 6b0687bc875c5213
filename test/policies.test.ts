import { expect } from "chai";
import { buildPlugins, compile, sourcesOf } from "../scripts/build-plugins.ts";
import { readRego } from "../src/artifact/regoText.ts";
import { decide } from "../src/policy/evaluate.ts";
import { OpaEngine } from "../src/policy/opaEngine.ts";
import { PluginRunner } from "../src/policy/pluginRunner.ts";
import { callsOf, loadPolicies, type PolicySample } from "./helpers/policyFolders.ts";
import { at } from "./src/tree/codes.ts";

const NAMES = ["allow-list", "sanctions-screening", "spend-limit"];
const utf8 = new TextEncoder();
const text = new TextDecoder();

describe("policies", function () {
  this.timeout(120_000);
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
  const decideOn = (sample: PolicySample, index: number) => {
    const intent = at(sample.intents, index);
    return decide(deciders, {
      rego: sample.bundle.rego,
      entrypoint: sample.bundle.manifest.entrypoint,
      intent: intent.intent,
      params: sample.params,
      plugins: callsOf(sample, intent),
    });
  };

  it("are the three of the README, each bound to its plugin", () => {
    expect(policies.map(({ name }) => name)).to.deep.equal(NAMES);
    for (const { name, bundle } of policies) {
      expect(bundle.manifest.name).to.equal(name);
      const kinds = bundle.artifacts.map(({ kind }) => kind);
      expect(kinds).to.deep.equal([
        "rego",
        "input-schema",
        "wasm-plugin",
        "input-schema",
        "output-schema",
      ]);
    }
  });

  for (const name of NAMES) {
    it(`${name}: decides every sample intent as expected`, async () => {
      const sample = policy(name);
      const verdicts = new Set<boolean>();
      for (const [index, { file, allowed }] of sample.intents.entries()) {
        const decision = await decideOn(sample, index);
        expect(decision.allowed, file).to.equal(allowed);
        expect(decision.failures, file).to.deep.equal([]);
        verdicts.add(decision.allowed);
      }
      expect(verdicts.size, "some are allowed, some denied").to.equal(2);
    });

    it(`${name}: denies every sample intent without its plugin`, async () => {
      const sample = policy(name);
      for (const { file, intent } of sample.intents) {
        const { rego, manifest } = sample.bundle;
        const bare = {
          rego,
          entrypoint: manifest.entrypoint,
          intent,
          params: sample.params,
          plugins: [],
        };
        const decision = await decide(deciders, bare);
        expect(decision.allowed, file).to.equal(false);
        expect(decision.failures.map(({ code }) => code)).to.deep.equal(["E_PLUGIN_MISSING"]);
      }
    });

    it(`${name}: passes its Rego tests`, async () => {
      const sample = policy(name);
      const tests = text.decode(sample.files.get("policy_test.rego"));
      const { packageName, packageEnd } = readRego(tests);
      const rules = Array.from(tests.matchAll(/^(test_\w+) if/gm), (match) => match[1] ?? "");
      expect(rules.length).to.be.greaterThan(4);
      // One module of both, as they share the package.
      const module = utf8.encode(text.decode(sample.bundle.rego) + tests.slice(packageEnd));
      for (const rule of rules) {
        const documents = { input: {}, data: { params: {}, wasm: {} } };
        const result = await deciders.engine.evaluate(module, `${packageName}.${rule}`, documents);
        expect(result, rule).to.equal(true);
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
  });
});
