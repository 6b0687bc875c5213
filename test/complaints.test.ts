import { expect } from "chai";
import { contentHashOf } from "../src/artifact/contentHash.ts";
import { checkArtifact } from "../src/artifact/intake.ts";
import { inspectFolder } from "../src/policy/inspect.ts";
import { OpaEngine } from "../src/policy/opaEngine.ts";
import { PluginRunner } from "../src/policy/pluginRunner.ts";
import { at } from "./helpers/at.ts";
import { codeOf } from "./helpers/codes.ts";
import { loadPolicies } from "./helpers/policyFolders.ts";
import { component, coreModule, functionImport, instanceImport } from "./helpers/wasmBinary.ts";

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** A change of one file of the folder; undefined takes the file away. */
type Change = (before: string) => string | Uint8Array | undefined;
const replaced =
  (part: string, by: string): Change =>
  (before) => {
    expect(before, part).to.contain(part);
    return before.replaceAll(part, by);
  };

/** What people complain of where policies are found broken only once they are deployed. Each is refused before. */
describe("complaints", function () {
  this.timeout(240_000);
  const deciders = {
    engine: new OpaEngine({ timeoutMs: 60_000, startTimeoutMs: 60_000 }),
    runner: new PluginRunner({ timeoutMs: 60_000, startTimeoutMs: 60_000 }),
  };
  let sound: ReadonlyMap<string, Uint8Array>;
  before(async () => {
    const policies = await loadPolicies();
    const spendLimit = policies.filter(({ name }) => name === "spend-limit");
    sound = at(spendLimit, 0).files;
  });
  after(() => deciders.engine.close());

  /** What the check says of the sound policy with these changes: `CODE file: message`. */
  const findings = async (changes: Readonly<Record<string, Change>>): Promise<string[]> => {
    const files = new Map(sound);
    for (const [file, change] of Object.entries(changes)) {
      const after = change(text.decode(files.get(file)));
      if (after === undefined) files.delete(file);
      else files.set(file, typeof after === "string" ? utf8.encode(after) : after);
    }
    const inspection = await inspectFolder(files, deciders);
    return inspection.findings.map(({ code, file, message }) => `${code} ${file}: ${message}`);
  };
  const finding = async (changes: Readonly<Record<string, Change>>): Promise<string> => {
    return at(await findings(changes), 0);
  };

  it("the policy they are about is sound", async () => {
    expect(await findings({})).to.deep.equal([]);
  });

  it("GW-15: the Rego drifted from the hash that was agreed on", () => {
    const rego = sound.get("policy.rego") ?? new Uint8Array(0);
    const drifted = utf8.encode(`${text.decode(rego)} `);
    const contentHash = contentHashOf(rego);
    expect(codeOf(() => checkArtifact("rego", rego, { contentHash }))).to.equal("none");
    expect(codeOf(() => checkArtifact("rego", drifted, { contentHash }))).to.equal(
      "E_HASH_MISMATCH",
    );
  });

  it("POL-10: the template's plugin is absent", async () => {
    const absent = await finding({ "build/plugin.wasm": () => undefined });
    expect(absent).to.match(/^E_FILE_MISSING .*build\/plugin\.wasm/);
    const unbound = await finding({
      "policy.json": (json) => JSON.stringify({ ...JSON.parse(json), data: [] }),
    });
    expect(unbound).to.match(/^E_BINDING_MISSING .*data\.wasm\.compare is read, but not bound/);
  });

  it("a key of the params is misspelt against the schema", async () => {
    const misspelt = await finding({
      "policy.rego": replaced("data.params.limits", "data.params.limit"),
    });
    expect(misspelt).to.match(
      /^E_PARAMS_KEY policy\.rego: line 32: .*no key "limit" in its schema/,
    );
    const behindAlias = replaced(
      "limit := data.params.limits[token][recipient_class]",
      "known := data.params\n\nlimit := known.limit[token][recipient_class]",
    );
    expect(await finding({ "policy.rego": behindAlias })).to.match(/^E_PARAMS_KEY .*"limit"/);
    const inParams = await finding({ "params.json": replaced('"limits"', '"limit"') });
    expect(inParams).to.match(/^E_PARAMS_INVALID params\.json: /);
  });

  it("a key of a plugin's output is misspelt, so that the rule never holds", async () => {
    const misspelt = replaced("compare.isWithinLimit", "compare.isWithinLimits");
    expect(await finding({ "policy.rego": misspelt })).to.match(
      /^E_OUTPUT_KEY policy\.rego: .*"isWithinLimits"/,
    );
  });

  it("the policy allows by default", async () => {
    const open = replaced("default allow := false", "default allow := true");
    expect(await finding({ "policy.rego": open })).to.match(/^E_REGO_FAIL_OPEN policy\.rego: /);
  });

  it("the policy allows when data is missing", async () => {
    const negated = replaced(
      "data.wasm.compare.isWithinLimit == true",
      "not data.wasm.compare.error",
    );
    const open = await findings({
      "policy.rego": (rego) =>
        negated(rego)
          ?.toString()
          .replace("data.wasm.compare.amount == amount", "")
          .replace("data.wasm.compare.limit == limit", ""),
      "policy_test.rego": () => undefined,
    });
    expect(open.join("\n")).to.match(/^E_REGO_FAIL_OPEN /m);
  });

  it("GW-03: the plugin reaches for the network by itself", async () => {
    const raw = component(instanceImport("wasi:http/outgoing-handler@0.2.0"));
    expect(await finding({ "build/plugin.wasm": () => raw })).to.match(
      /^E_WASM_IMPORT build\/plugin\.wasm: .*wasi:http\/outgoing-handler@0\.2\.0/,
    );
    const fetching = coreModule(functionImport("env", "fetch"));
    expect(await finding({ "build/plugin.wasm": () => fetching })).to.match(
      /^E_WASM_IMPORT build\/plugin\.wasm: .*env\.fetch/,
    );
  });

  it("a key stands in the source, in the Rego, in the params or in the plugin's bytes", async () => {
    const invented = ["ghp", "0123456789abcdefghijABCDEFGHIJ012345"].join("_");
    const hexKey = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    const files: Readonly<Record<string, Change>> = {
      "plugin/index.ts": (source) => `${source}\nconst API_KEY = "${hexKey}";\n`,
      "policy.rego": (rego) => `${rego}\n# ${invented}\n`,
      "params.json": (json) => JSON.stringify({ ...JSON.parse(json), note: invented }),
      "build/plugin.wasm": () => {
        const wasm = sound.get("build/plugin.wasm") ?? new Uint8Array(0);
        return Uint8Array.from(Buffer.concat([wasm, Buffer.from(invented, "utf16le")]));
      },
    };
    for (const [file, change] of Object.entries(files)) {
      const found = await finding({ [file]: change });
      expect(found, file).to.match(/^E_SECRET /);
      expect(found, "the key is not repeated").to.not.match(/0123456789|9f86d081/);
    }
  });

  it("GW-04: the schema is no schema, which used to show at the first evaluation", async () => {
    const typo = await finding({ "params.schema.json": replaced('"object"', '"objekt"') });
    expect(typo).to.match(/^E_SCHEMA_INVALID params\.schema\.json: /);
    const old = await finding({ "params.schema.json": replaced("draft/2020-12", "draft-07") });
    expect(old).to.match(/^E_SCHEMA_DIALECT params\.schema\.json: /);
  });

  it("the plugin's output is not what its schema says", async () => {
    const other = replaced(
      '"isWithinLimit": {\n      "type": "boolean"',
      '"isWithinLimit": {\n      "type": "string"',
    );
    expect(await finding({ "output.schema.json": other })).to.match(/^E_OUTPUT_INVALID intents\//);
  });

  it("GW-01: a function is not the same for every operator", async () => {
    const clock = replaced("== true\n", "== true\n\ttime.now_ns() > 0\n");
    expect(await finding({ "policy.rego": clock })).to.match(/^E_REGO_INVALID policy\.rego: /);
    const zone = replaced("== true\n", '== true\n\ttime.clock([0, "Europe/Zurich"])[0] < 8\n');
    expect(await finding({ "policy.rego": zone })).to.match(
      /^E_REGO_BUILTIN policy\.rego: .*time\.clock/,
    );
  });

  it("a sample's secrets are not what the plugin's schema says, or are not given", async () => {
    const secret = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: { token: { type: "string" } },
      required: ["token"],
    };
    const manifest: Change = (json) => {
      const parsed = JSON.parse(json);
      const [compare] = parsed.data;
      return JSON.stringify({
        ...parsed,
        data: [{ ...compare, secretsSchema: "secrets.schema.json" }],
      });
    };
    const withSecrets = (secrets: unknown): Readonly<Record<string, Change>> => ({
      "policy.json": manifest,
      "secrets.schema.json": () => JSON.stringify(secret),
      "intents/at-limit.json": (json) => JSON.stringify({ ...JSON.parse(json), secrets }),
    });
    for (const secrets of [{ compare: { token: 1 } }, { compare: {} }, {}]) {
      const refused = (await findings(withSecrets(secrets))).filter((one) => /at-limit/.test(one));
      expect(refused.join(), JSON.stringify(secrets)).to.match(
        /^E_SECRETS_INVALID intents\/at-limit\.json: secrets of "compare": /,
      );
    }
    // The plugin of this policy knows of no secrets, so the sample goes wrong in another way.
    const sufficient = await findings(withSecrets({ compare: { token: "invented" } }));
    expect(sufficient.filter((one) => /^E_SECRETS_INVALID .*at-limit/.test(one))).to.deep.equal([]);
  });

  it("a sample is none: a part of it is missing, or no verdict is expected", async () => {
    const without = (key: string): Change => {
      return (json) => {
        const { [key]: _, ...rest } = JSON.parse(json);
        return JSON.stringify(rest);
      };
    };
    const changes = [
      ...["why", "intent", "args", "expected"].map(without),
      replaced('"allowed": true', '"allowed": "yes"'),
    ];
    for (const change of changes) {
      expect(await findings({ "intents/at-limit.json": change })).to.deep.equal([
        "E_SAMPLE_INVALID intents: intents/at-limit.json: expected {why, intent, args, expected: {allowed}}",
      ]);
    }
  });

  it("the Rego does not compile, or its entrypoint is another", async () => {
    const broken = replaced("allow if {", "allow if {{");
    expect(await finding({ "policy.rego": broken })).to.match(/^E_REGO_/);
    const unsafe = replaced("== true\n", "== true\n\tx > 1\n");
    expect(await finding({ "policy.rego": unsafe })).to.match(/^E_REGO_TYPE policy\.rego: .*line/);
    const entry = await finding({ "policy.json": replaced("spend.allow", "spend.permit") });
    expect(entry).to.match(/^E_REGO_INVALID /);
  });

  it("data is bound by position, not by name", async () => {
    const positional: Change = (json) =>
      JSON.stringify({ ...JSON.parse(json), data: ["build/plugin.wasm"] });
    expect(await finding({ "policy.json": positional })).to.match(
      /^E_MANIFEST_INVALID policy\.json: /,
    );
  });

  it("nobody knows which Rego it was: environments have numbers", async () => {
    const other = await finding({
      "policy.json": replaced('"environment": 1', '"environment": 9'),
    });
    expect(other).to.match(/^E_ENVIRONMENT policy\.json: environment 9 is none of 1/);
    const unversioned = await finding({
      "policy.rego": replaced("import rego.v1", "import future.keywords"),
    });
    expect(unversioned).to.match(/^E_REGO_VERSION policy\.rego: /);
  });

  it("a sample is decided otherwise than its author says", async () => {
    const wrong = await finding({
      "intents/at-limit.json": replaced('"allowed": true', '"allowed": false'),
    });
    expect(wrong).to.match(
      /^E_SAMPLE_DECISION intents\/at-limit\.json: allowed, expected to be denied/,
    );
    const untyped = await finding({
      "intents/at-limit.json": replaced('"amount": "9007199254740993000"', '"amount": 1'),
    });
    expect(untyped).to.match(/^E_ARGS_INVALID intents\/at-limit\.json: /);
    const failing = await finding({
      "policy_test.rego": (rego) => `${rego}\ntest_never if {\n\tfalse\n}\n`,
    });
    expect(failing).to.match(/^E_REGO_TEST policy_test\.rego: test_never/);
  });
});
