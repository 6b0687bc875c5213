import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect } from "chai";
import { planOf } from "../scripts/seeded-bugs/plan.ts";
import { SEEDED_BUGS } from "../scripts/seeded-bugs/table.ts";
import { threatFaults, threatsDocument } from "../scripts/threats.ts";

/** What this project says of its own shape (CONTRIBUTING.md, src/README.md, docs/Invariants.md), checked. */

const ROOT = resolve(import.meta.dirname, "..");

/** Folders of src in the order of an artifact's life: each may import from itself and from those before it. */
const ORDER = [
  "bytes",
  "durable",
  "artifact",
  "policy",
  "tree",
  "state",
  "operators",
  "commit",
  "challenge",
  "chain",
  "sim",
];

function filesUnder(folder: string, suffix: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(suffix))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

function text(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

function relativeImports(file: string): string[] {
  const found = text(file).matchAll(/(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g);
  return [...found].map(([, specifier]) =>
    relative(ROOT, resolve(ROOT, dirname(file), specifier ?? "")),
  );
}

describe("architecture", () => {
  it("lists every folder of src, in order, in src/README.md", () => {
    const rows = [...text("src/README.md").matchAll(/^\| `(\w+)\/` \|/gm)].map(([, name]) => name);
    expect(rows).to.deep.equal(ORDER);
    const folders = readdirSync(join(ROOT, "src"), { withFileTypes: true });
    const names = folders.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    expect([...names].sort()).to.deep.equal([...ORDER].sort());
  });

  it("lets imports in src run one way", () => {
    const against: string[] = [];
    for (const file of filesUnder("src", ".ts")) {
      const [, folder = ""] = file.split("/");
      for (const target of relativeImports(file)) {
        const [top, targetFolder = ""] = target.split("/");
        if (top !== "src" || !ORDER.includes(folder) || !ORDER.includes(targetFolder)) continue;
        if (ORDER.indexOf(targetFolder) > ORDER.indexOf(folder))
          against.push(`${file} -> ${target}`);
      }
    }
    expect(against).to.deep.equal([]);
  });

  it("lets only src/chain and src/sim know ethers and typechain", () => {
    const knowing = filesUnder("src", ".ts").filter(
      (file) => /from ["'](ethers|hardhat)/.test(text(file)) || /typechain-types/.test(text(file)),
    );
    const outside = knowing.filter((file) => !/^src\/(chain|sim)\//.test(file));
    expect(outside).to.deep.equal([]);
  });

  it("keeps source files within 350 lines", () => {
    const files = [
      ...filesUnder("src", ".ts"),
      ...filesUnder("tasks", ".ts"),
      ...filesUnder("contracts", ".sol"),
    ];
    const long = files.filter((file) => text(file).split("\n").length > 350);
    expect(long).to.deep.equal([]);
  });

  it("lets imports in contracts run types <- interfaces <- libraries <- contracts", () => {
    const rank = (file: string): number => {
      if (file.startsWith("contracts/types/")) return 0;
      if (file.startsWith("contracts/interfaces/")) return 1;
      if (file.startsWith("contracts/libraries/")) return 2;
      return 3;
    };
    const against: string[] = [];
    for (const file of filesUnder("contracts", ".sol")) {
      for (const target of relativeImports(file)) {
        if (rank(target) > rank(file)) against.push(`${file} -> ${target}`);
      }
    }
    expect(against).to.deep.equal([]);
  });

  it("names an existing test in every row of docs/Invariants.md", () => {
    const rows = [...text("docs/Invariants.md").matchAll(/^\| ([A-Z]{3}\d+) \|(.*)\|$/gm)];
    expect(rows.length).to.be.greaterThan(15);
    const tests = [...filesUnder("test", ".ts"), ...filesUnder("test", ".sol")]
      .map(text)
      .join("\n");
    const missing: string[] = [];
    for (const [, id, cells = ""] of rows) {
      const test = cells.split("|").at(-1)?.trim().replaceAll("`", "") ?? "";
      if (test === "" || !tests.includes(test)) missing.push(`${id}: ${test}`);
    }
    expect(missing).to.deep.equal([]);
  });

  it("has one seeded bug for every invariant, each in a text that its file has once", () => {
    expect(planOf(ROOT, SEEDED_BUGS).faults).to.deep.equal([]);
  });

  it("has every invariant that a contract claims to uphold in docs/Invariants.md", () => {
    const documented = text("docs/Invariants.md");
    const claimed = new Set<string>();
    for (const file of filesUnder("contracts", ".sol")) {
      for (const [, ids = ""] of text(file).matchAll(/@custom:invariant ([A-Z0-9, ]+)/g)) {
        for (const id of ids.split(/[ ,]+/)) if (id !== "") claimed.add(id);
      }
    }
    const unknown = [...claimed].filter((id) => !documented.includes(`| ${id} |`));
    expect(unknown).to.deep.equal([]);
  });

  it("lists in docs/Threats.md every attack case that a test carries", () => {
    expect(text("docs/Threats.md")).to.equal(threatsDocument());
  });

  it("shows, or explains, every attack case on contracts, commits and operators, and none both ways", () => {
    expect(threatFaults()).to.deep.equal([]);
  });

  it("names in package.json only commands whose files are there", () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(text("package.json"));
    for (const command of Object.values(scripts)) {
      for (const [file] of command.matchAll(/\b(?:scripts|test)\/[\w./-]+\.(?:ts|mjs)\b/g)) {
        expect(() => text(file), `${command}: ${file}`).not.to.throw();
      }
    }
  });

  it("says nothing of an absent file in its documents", () => {
    const broken: string[] = [];
    for (const file of [
      "README.md",
      "CONTRIBUTING.md",
      ...filesUnder("docs", ".md"),
      "src/README.md",
    ]) {
      for (const [, target = ""] of text(file).matchAll(/\]\(((?!https?:)[^)#]+)(?:#[^)]*)?\)/g)) {
        const path = join(ROOT, dirname(file), target);
        try {
          readFileSync(path);
        } catch (error) {
          if (Reflect.get(Object(error), "code") !== "EISDIR") broken.push(`${file}: ${target}`);
        }
      }
    }
    expect(broken).to.deep.equal([]);
  });
});
