// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ChallengeFixture} from "./helpers/ChallengeFixture.sol";
import {NaiveTree} from "./helpers/NaiveTree.sol";
import {PolicyIds} from "../../contracts/libraries/PolicyIds.sol";
import {MalformedLeafEvidence, RewriteEvidence, Verdict} from "../../contracts/types/Challenge.sol";
import {ContentHash} from "../../contracts/types/ContentHash.sol";
import {
    DanglingParamsEvidence,
    DanglingTemplateEvidence,
    LaterLeaf
} from "../../contracts/types/DanglingRegistration.sol";
import {DataBinding, PolicyTemplate} from "../../contracts/types/Policy.sol";
import {PolicyInstanceId} from "../../contracts/types/PolicyInstanceId.sol";
import {PolicyTemplateRef} from "../../contracts/types/PolicyTemplateRef.sol";
import {StateRoot} from "../../contracts/types/StateRoot.sol";
import {TreeKey} from "../../contracts/types/TreeKey.sol";

/// @dev Histories in which leaves are only added, well-formed, and rewritten only where that is allowed. Whatever is asked
///      about them, in whatever way, nothing is proven. Each run judges 48 histories: 12,288 in a test run.
contract HonestHistoriesTest is ChallengeFixture {
    uint256 private constant HISTORIES = 48;
    uint64 private constant FIRST = 10;
    uint256 private constant COMMITS = 4;
    uint8 private constant SECRETS = 0x01;
    uint8 private constant PARAMS = 0x09;

    struct History {
        NaiveTree.Leaf[][] leaves;
        bytes[][] records;
    }

    function refOf(PolicyTemplate calldata template) external pure returns (PolicyTemplateRef) {
        return PolicyIds.policyTemplateRefOf(template);
    }

    function testFuzz_CHV21_CHL03_honestHistories_areNeverProven(uint256 seed) public {
        for (uint256 i = 0; i < HISTORIES; ++i) {
            seed = uint256(keccak256(abi.encode(seed, i)));
            History memory history = _write(seed);
            _accuseRewrite(history, seed);
            _accuseMalformed(history, seed);
            _accuseDangling(history, seed);
            _accuseDanglingParams(history, seed);
        }
        assertEq(_verifier.faultCount(), 0, "nothing is recorded");
    }

    /// @dev Commit n adds an artifact to n + 1 that are there, and writes the one keyed leaf anew.
    function _write(uint256 seed) private returns (History memory history) {
        history.leaves = new NaiveTree.Leaf[][](COMMITS);
        history.records = new bytes[][](COMMITS);
        for (uint256 n = 0; n < COMMITS; ++n) {
            history.leaves[n] = new NaiveTree.Leaf[](n + 3);
            history.records[n] = new bytes[](n + 3);
            for (uint256 j = 0; j <= n + 1; ++j) {
                bytes32 content = keccak256(abi.encode(seed, j));
                // The first is always a Rego module, the second always params.
                uint8 namespace = uint8(4 + (uint256(content) % 6));
                if (j < 2) namespace = j == 0 ? 4 : PARAMS;
                _put(history, n, j, namespace, content, j < 2 ? 0 : j - 1);
            }
            _put(history, n, n + 2, SECRETS, keccak256(abi.encode(seed, "keyed", n)), n);
            _roots.setRoot(FIRST + uint64(n), StateRoot.wrap(NaiveTree.subtree(history.leaves[n], 0)));
        }
    }

    /// @dev Leaf `j` of commit `n`, as commit `writtenBy` wrote it.
    function _put(
        History memory history,
        uint256 n,
        uint256 j,
        uint8 namespace,
        bytes32 content,
        uint256 writtenBy
    ) private pure {
        bytes memory record = abi.encodePacked(
            uint8(1),
            namespace,
            uint16(0),
            uint64(99),
            FIRST + uint64(writtenBy),
            content
        );
        bytes32 suffix = namespace == SECRETS ? keccak256("tuple") : content;
        bytes32 key = bytes32(abi.encodePacked(namespace, bytes31(suffix)));
        history.records[n][j] = record;
        history.leaves[n][j] = NaiveTree.Leaf(key, keccak256(record));
    }

    /// @dev Right proofs of two commits in any order; then one byte or one field of the evidence is another.
    function _accuseRewrite(History memory history, uint256 seed) private {
        uint256 earlier = (seed >> 8) % COMMITS;
        uint256 later = (seed >> 16) % COMMITS;
        uint256 index = (seed >> 24) % history.leaves[earlier].length;
        bytes32 key = history.leaves[earlier][index].key;
        RewriteEvidence memory evidence = RewriteEvidence({
            key: TreeKey.wrap(key),
            earlierSequenceNo: FIRST + uint64(earlier),
            earlierRecord: history.records[earlier][index],
            earlierProof: NaiveTree.prove(history.leaves[earlier], key),
            laterSequenceNo: FIRST + uint64(later),
            laterRecord: _recordAt(history, later, key),
            laterProof: NaiveTree.prove(history.leaves[later], key)
        });
        _assertHonest(_verifier.challengeRewrite(evidence, CHALLENGER));
        uint256 twist = (seed >> 32) % 5;
        if (twist == 0) evidence.earlierRecord = _twisted(evidence.earlierRecord, seed);
        if (twist == 1) evidence.laterRecord = _twisted(evidence.laterRecord, seed);
        if (twist == 2) evidence.earlierProof = _twisted(evidence.earlierProof, seed);
        if (twist == 3) evidence.laterProof = _twisted(evidence.laterProof, seed);
        if (twist == 4) evidence.key = TreeKey.wrap(history.leaves[later][0].key);
        _assertHonest(_verifier.challengeRewrite(evidence, CHALLENGER));
    }

    /// @dev A leaf that is there, as it is, and under another number or with another byte.
    function _accuseMalformed(History memory history, uint256 seed) private {
        uint256 n = (seed >> 40) % COMMITS;
        uint256 index = (seed >> 48) % history.leaves[n].length;
        bytes32 key = history.leaves[n][index].key;
        MalformedLeafEvidence memory evidence = MalformedLeafEvidence({
            key: TreeKey.wrap(key),
            sequenceNo: FIRST + uint64(n),
            record: history.records[n][index],
            proof: NaiveTree.prove(history.leaves[n], key)
        });
        _assertHonest(_verifier.challengeMalformedLeaf(evidence, CHALLENGER));
        if (seed & 1 == 0) evidence.sequenceNo = FIRST + uint64((seed >> 56) % COMMITS);
        else evidence.record = _twisted(evidence.record, seed);
        _assertHonest(_verifier.challengeMalformedLeaf(evidence, CHALLENGER));
    }

    /// @dev An artifact registered after the first commit, under any root, shown as it is, and twisted.
    function _accuseDangling(History memory history, uint256 seed) private {
        PolicyTemplate memory template;
        template.regoHash = ContentHash.wrap(keccak256(abi.encode(seed, 0)));
        template.data = new DataBinding[](0);
        _policies.register(this.refOf(template), uint40(FIRST));
        LaterLeaf memory later = _laterOf(history, history.leaves[0][0].key, seed);
        DanglingTemplateEvidence memory evidence = DanglingTemplateEvidence(template, 0, later);
        _assertThere(later, _verifier.challengeDanglingTemplate(evidence, CHALLENGER));
        later.record = _twisted(later.record, seed);
        _assertHonest(_verifier.challengeDanglingTemplate(evidence, CHALLENGER));
    }

    /// @dev The same of params that an instance named after the first commit; then the proof is twisted, too.
    function _accuseDanglingParams(History memory history, uint256 seed) private {
        PolicyInstanceId id = PolicyInstanceId.wrap(bytes32(seed));
        _policies.deploy(id, keccak256(abi.encode(seed, 1)), FIRST);
        LaterLeaf memory later = _laterOf(history, history.leaves[0][1].key, seed);
        DanglingParamsEvidence memory evidence = DanglingParamsEvidence(id, later);
        _assertThere(later, _verifier.challengeDanglingParams(evidence, CHALLENGER));
        later.record = _twisted(later.record, seed);
        _assertHonest(_verifier.challengeDanglingParams(evidence, CHALLENGER));
        later.proof = _twisted(later.proof, seed);
        _assertHonest(_verifier.challengeDanglingParams(evidence, CHALLENGER));
    }

    /// @dev What a commit that the seed names has at `key`.
    function _laterOf(
        History memory history,
        bytes32 key,
        uint256 seed
    ) private pure returns (LaterLeaf memory) {
        uint256 n = (seed >> 64) % COMMITS;
        bytes memory proof = NaiveTree.prove(history.leaves[n], key);
        return LaterLeaf(FIRST + uint64(n), _recordAt(history, n, key), proof);
    }

    function _assertThere(LaterLeaf memory later, Verdict verdict) private pure {
        bool isFirst = later.sequenceNo == FIRST;
        assertTrue(verdict == (isFirst ? Verdict.SequenceOrder : Verdict.NoFault), "it is there");
    }

    function _assertHonest(Verdict verdict) private pure {
        assertTrue(verdict != Verdict.Proven && verdict != Verdict.AlreadyRecorded, "honest, yet accused");
        assertTrue(verdict != Verdict.Unset, "no verdict");
    }

    /// @dev Empty if there is none.
    function _recordAt(
        History memory history,
        uint256 n,
        bytes32 key
    ) private pure returns (bytes memory record) {
        for (uint256 j = 0; j < history.leaves[n].length; ++j) {
            if (history.leaves[n][j].key == key) record = history.records[n][j];
        }
    }

    /// @dev With one byte added, taken away or changed.
    function _twisted(bytes memory text, uint256 seed) private pure returns (bytes memory twisted) {
        uint256 way = (seed >> 72) % 3;
        if (text.length == 0 || way == 0) return bytes.concat(text, bytes1(uint8(seed >> 80)));
        twisted = bytes.concat(text);
        if (way == 1) {
            assembly ("memory-safe") {
                mstore(twisted, sub(mload(twisted), 1))
            }
            return twisted;
        }
        uint256 index = (seed >> 88) % twisted.length;
        twisted[index] = bytes1(uint8(twisted[index]) ^ uint8(1 + (seed % 255)));
    }
}
