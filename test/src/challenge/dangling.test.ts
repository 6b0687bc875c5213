import { expect } from "chai";
import { ARTIFACT_KINDS, type ArtifactKindName } from "../../../src/artifact/kinds.ts";
import { bytes32, type ContentHash } from "../../../src/bytes/brand.ts";
import { tag } from "../../../src/bytes/codec.ts";
import { toHex } from "../../../src/bytes/hex.ts";
import { keccak256 } from "../../../src/bytes/keccak.ts";
import { danglingParamsArgument } from "../../../src/chain/evidenceArgument.ts";
import { danglingBy, type Registered } from "../../../src/challenge/dangling.ts";
import type { RewriteEvidence } from "../../../src/challenge/evidence.ts";
import type { PolicyInstanceId } from "../../../src/policy/ids.ts";
import { contentKey } from "../../../src/state/key.ts";

const NONE = bytes32<ContentHash>(new Uint8Array(32));
const HASH = keccak256<ContentHash>(tag("content"));
const LATER = { sequenceNo: 9n, record: tag("record"), proof: tag("proof") };

/** A leaf of the content that is lost under commit 9. */
function lossOf(kind: ArtifactKindName, contentHash = HASH): RewriteEvidence {
  return {
    kind: "rewrite",
    key: contentKey(ARTIFACT_KINDS[kind].namespace, contentHash),
    earlierSequenceNo: 8n,
    earlierRecord: new Uint8Array(52),
    earlierProof: new Uint8Array(0),
    laterSequenceNo: LATER.sequenceNo,
    laterRecord: LATER.record,
    laterProof: LATER.proof,
  };
}

function instance(name: string, sequenceNo: bigint, paramsHash = HASH) {
  const policyInstanceId = keccak256<PolicyInstanceId>(tag(name));
  return { of: "instance", policyInstanceId, paramsHash, sequenceNo } as const;
}

function template(sequenceNo: bigint, regoHash = HASH) {
  const terms = { paramsSchemaHash: NONE, entrypoint: "p.allow", environment: 1, data: [] };
  return { of: "template", template: { regoHash, ...terms }, sequenceNo } as const;
}

describe("what a lost leaf leaves dangling", () => {
  it("CHV25: is the instance whose params it was, and nothing that names equal bytes otherwise", () => {
    const named = instance("named", 5n);
    const registrations = [template(5n), named, instance("other", 5n, NONE)];
    const { policyInstanceId } = named;
    expect(danglingBy(lossOf("params"), registrations)).to.deep.equal([
      { kind: "dangling-params", policyInstanceId, later: LATER },
    ]);
    const kinds = (kind: ArtifactKindName) =>
      danglingBy(lossOf(kind), registrations).map((evidence) => evidence.kind);
    expect(kinds("rego")).to.deep.equal(["dangling-template"]);
    expect(kinds("input-schema")).to.deep.equal([]);
  });

  it("is shown of the newest first, and of none that is not older than the loss", () => {
    const registrations: Registered[] = [
      ...[1n, 8n, 9n, 3n].map((sequenceNo) => instance(`at ${sequenceNo}`, sequenceNo)),
      instance("later", 10n),
    ];
    const ids = danglingBy(lossOf("params"), registrations).map((evidence) =>
      evidence.kind === "dangling-params" ? toHex(evidence.policyInstanceId) : evidence.kind,
    );
    const wanted = ["at 8", "at 3", "at 1"].map((name) => toHex(keccak256(tag(name))));
    expect(ids).to.deep.equal(wanted);
    expect(registrations.map(({ sequenceNo }) => sequenceNo)).to.deep.equal([1n, 8n, 9n, 3n, 10n]);
  });

  it("is nothing if it names no content", () => {
    const registrations = [template(5n, NONE), instance("none", 5n, NONE)];
    for (const kind of ["rego", "params"] as const) {
      expect(danglingBy(lossOf(kind, NONE), registrations)).to.deep.equal([]);
    }
  });

  it("is put to the contract by the names of its struct", () => {
    const [evidence] = danglingBy(lossOf("params"), [instance("named", 5n)]);
    if (evidence?.kind !== "dangling-params") return expect.fail("no evidence");
    expect(danglingParamsArgument(evidence)).to.deep.equal({
      policyInstanceId: toHex(keccak256(tag("named"))),
      later: { sequenceNo: 9n, record: toHex(LATER.record), proof: toHex(LATER.proof) },
    });
  });
});
