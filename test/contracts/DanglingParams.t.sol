// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ChallengeFixture} from "./helpers/ChallengeFixture.sol";
import {IChallengeVerifier} from "../../contracts/interfaces/IChallengeVerifier.sol";
import {PolicyIds} from "../../contracts/libraries/PolicyIds.sol";
import {QuorumFault, Verdict} from "../../contracts/types/Challenge.sol";
import {ContentHash} from "../../contracts/types/ContentHash.sol";
import {
    DanglingParamsEvidence,
    DanglingTemplateEvidence,
    LaterLeaf
} from "../../contracts/types/DanglingRegistration.sol";
import {PolicyTemplate} from "../../contracts/types/Policy.sol";
import {PolicyInstanceId} from "../../contracts/types/PolicyInstanceId.sol";
import {PolicyTemplateRef} from "../../contracts/types/PolicyTemplateRef.sol";
import {StateRoot} from "../../contracts/types/StateRoot.sol";
import {TreeKey} from "../../contracts/types/TreeKey.sol";

/// @dev Instances whose params leaf a later root does not hold. Each root's tree has one leaf, or none.
contract DanglingParamsTest is ChallengeFixture {
    uint64 private constant DEPLOYED_AT = 1_000;
    uint64 private constant LATER = 1_005;
    PolicyInstanceId private constant ID = PolicyInstanceId.wrap(keccak256("instance"));
    PolicyInstanceId private constant OTHER_ID = PolicyInstanceId.wrap(keccak256("other instance"));

    function setUp() public override {
        super.setUp();
        _roots.setRoot(LATER, EMPTY_ROOT);
        _policies.deploy(ID, CONTENT, DEPLOYED_AT);
    }

    function refOf(PolicyTemplate calldata template) external pure returns (PolicyTemplateRef) {
        return PolicyIds.policyTemplateRefOf(template);
    }

    function _evidence() private pure returns (DanglingParamsEvidence memory) {
        return DanglingParamsEvidence(ID, LaterLeaf(LATER, "", NO_LEAF));
    }

    function _paramsKey() private pure returns (TreeKey) {
        return TreeKey.wrap(bytes32(abi.encodePacked(uint8(9), bytes31(CONTENT))));
    }

    /// @dev Of the tree whose only leaf is `record` in the place of the params.
    function _rootWith(bytes memory record) private pure returns (StateRoot) {
        return _rootOf(_paramsKey(), record);
    }

    function _judge(DanglingParamsEvidence memory evidence) private view returns (Verdict verdict) {
        (verdict, ) = _verifier.judgeDanglingParams(evidence);
    }

    function _assertRefused(DanglingParamsEvidence memory evidence, Verdict verdict) private {
        (Verdict judged, bytes32 faultId) = _verifier.judgeDanglingParams(evidence);
        assertTrue(judged == verdict && faultId == 0, "judged");
        assertTrue(_verifier.challengeDanglingParams(evidence, CHALLENGER) == verdict, "challenged");
        assertEq(_verifier.faultCount(), 0, "nothing is recorded");
    }

    function _prove(DanglingParamsEvidence memory evidence) private {
        assertTrue(_verifier.challengeDanglingParams(evidence, CHALLENGER) == Verdict.Proven, "proven");
    }

    function test_CHV25_CHL01_challengeDanglingParams_leafIsAbsent_isRecorded() public {
        (, bytes32 faultId) = _verifier.judgeDanglingParams(_evidence());
        bytes32 id = PolicyInstanceId.unwrap(ID);
        vm.expectEmit();
        emit IChallengeVerifier.ArtifactLost(faultId, id, ContentHash.wrap(CONTENT), LATER);
        _prove(_evidence());
        assertTrue(_verifier.faultRecord(faultId).fault == QuorumFault.DanglingRegistration, "fault");
        assertEq(_verifier.faultRecord(faultId).sequenceNo, LATER, "shown by");
        assertEq(_verifier.faultCount(), 1, "one fault");
    }

    /// @dev Whatever later root shows it, in whatever way.
    function test_CHV25_CHL02_challengeDanglingParams_shownOtherwise_isRecordedOnce() public {
        _prove(_evidence());
        assertTrue(_judge(_evidence()) == Verdict.AlreadyRecorded, "the same evidence");
        DanglingParamsEvidence memory evidence = _evidence();
        bytes memory record = _record(CONTENT ^ bytes32(uint256(1)));
        _roots.setRoot(LATER + 1, _rootWith(record));
        evidence.later = LaterLeaf(LATER + 1, record, ONE_LEAF);
        assertTrue(_judge(evidence) == Verdict.AlreadyRecorded, "other content in its place");
        _roots.setRoot(LATER + 2, _rootWith("short"));
        evidence.later = LaterLeaf(LATER + 2, "short", ONE_LEAF);
        Verdict verdict = _verifier.challengeDanglingParams(evidence, STRANGER);
        assertTrue(verdict == Verdict.AlreadyRecorded, "no record in its place");
        assertEq(_verifier.faultCount(), 1, "one fault");
    }

    /// @dev Every client can have an instance with the same params; their loss is one fault all the same.
    function test_CHV25_CHV15_challengeDanglingParams_otherInstanceOfTheLeaf_isTheSameFault() public {
        _policies.deploy(OTHER_ID, CONTENT, DEPLOYED_AT + 1);
        (, bytes32 faultId) = _verifier.judgeDanglingParams(_evidence());
        _prove(_evidence());
        DanglingParamsEvidence memory evidence = _evidence();
        evidence.policyInstanceId = OTHER_ID;
        (Verdict verdict, bytes32 otherId) = _verifier.judgeDanglingParams(evidence);
        assertTrue(verdict == Verdict.AlreadyRecorded && otherId == faultId, "the same leaf");
        assertEq(_verifier.faultCount(), 1, "one fault");
    }

    /// @dev Other content at the leaf's key, of which only the hash's last byte differs, is a loss, too.
    function test_CHV25_challengeDanglingParams_otherContent_isProven() public {
        bytes memory record = _record(CONTENT ^ bytes32(uint256(1)));
        _roots.setRoot(LATER, _rootWith(record));
        DanglingParamsEvidence memory evidence = _evidence();
        evidence.later = LaterLeaf(LATER, record, ONE_LEAF);
        _prove(evidence);
    }

    /// @dev Whatever its header says.
    function test_CHV25_CHL03_challengeDanglingParams_leafIsThere_isNoFault() public {
        bytes memory record = abi.encodePacked(bytes20("any header"), CONTENT);
        _roots.setRoot(LATER, _rootWith(record));
        DanglingParamsEvidence memory evidence = _evidence();
        evidence.later = LaterLeaf(LATER, record, ONE_LEAF);
        _assertRefused(evidence, Verdict.NoFault);
    }

    /// @dev A root from before the deployment need not have the params.
    function test_CHV25_CHL03_challengeDanglingParams_notLater_isRefused() public {
        DanglingParamsEvidence memory evidence = _evidence();
        for (uint64 i = 0; i < 2; ++i) {
            evidence.later.sequenceNo = DEPLOYED_AT - i;
            _roots.setRoot(evidence.later.sequenceNo, EMPTY_ROOT);
            _assertRefused(evidence, Verdict.SequenceOrder);
        }
        evidence.later.sequenceNo = DEPLOYED_AT + 1;
        _roots.setRoot(DEPLOYED_AT + 1, EMPTY_ROOT);
        assertTrue(_judge(evidence) == Verdict.Proven, "the next one must");
    }

    function test_CHV25_challengeDanglingParams_noParamsLeaf_isRefused() public {
        DanglingParamsEvidence memory evidence = _evidence();
        evidence.policyInstanceId = OTHER_ID;
        _assertRefused(evidence, Verdict.UnknownRegistration);
        // It is there now, and has its params on chain.
        _policies.deploy(OTHER_ID, CONTENT, 0);
        _assertRefused(evidence, Verdict.UnknownRegistration);
        evidence.policyInstanceId = PolicyInstanceId.wrap(0);
        _assertRefused(evidence, Verdict.UnknownRegistration);
    }

    function test_challengeDanglingParams_rootIsNotRetained_isRefused() public {
        DanglingParamsEvidence memory evidence = _evidence();
        evidence.later.sequenceNo = LATER + 1;
        _assertRefused(evidence, Verdict.RootNotRetained);
        evidence.later.sequenceNo = type(uint64).max;
        _assertRefused(evidence, Verdict.RootNotRetained);
    }

    function test_challengeDanglingParams_proofIsOfAnotherTree_isRefused() public {
        _roots.setRoot(LATER, _rootWith(_record(CONTENT)));
        _assertRefused(_evidence(), Verdict.InvalidLaterProof);
        DanglingParamsEvidence memory evidence = _evidence();
        evidence.later = LaterLeaf(LATER, _record(keccak256("another")), ONE_LEAF);
        _assertRefused(evidence, Verdict.InvalidLaterProof);
        evidence.later = LaterLeaf(LATER, _record(CONTENT), NO_LEAF);
        _assertRefused(evidence, Verdict.InvalidLaterProof);
        evidence.later = LaterLeaf(LATER, "", "");
        _assertRefused(evidence, Verdict.InvalidLaterProof);
        evidence.later = LaterLeaf(LATER, new bytes(4_097), ONE_LEAF);
        _assertRefused(evidence, Verdict.InvalidRecord);
    }

    /// @dev The proof of the deployment may be 719 commits older than the newest commit was, and the recovery after it.
    function test_CHV14_challengeDanglingParams_recoveryAfterTheProof_isRefused() public {
        uint64 oldestProof = DEPLOYED_AT - 719;
        uint64[3] memory recoveries = [oldestProof + 1, DEPLOYED_AT, LATER];
        for (uint256 i = 0; i < recoveries.length; ++i) {
            _roots.setRecovery(recoveries[i]);
            _assertRefused(_evidence(), Verdict.RecoveredBetween);
        }
        _roots.setRecovery(oldestProof);
        assertTrue(_judge(_evidence()) == Verdict.Proven, "no proof was older");
        _roots.setRecovery(LATER + 1);
        assertTrue(_judge(_evidence()) == Verdict.Proven, "later than the loss");
    }

    /// @dev A template's artifact and params of equal bytes are two leaves, in two namespaces.
    function test_CHV25_challengeDanglingParams_artifactOfEqualBytes_isAnotherFault() public {
        PolicyTemplate memory template;
        template.regoHash = ContentHash.wrap(CONTENT);
        template.paramsSchemaHash = ContentHash.wrap(CONTENT);
        _policies.register(this.refOf(template), uint40(DEPLOYED_AT));
        bytes32[3] memory ids;
        for (uint256 i = 0; i < 2; ++i) {
            DanglingTemplateEvidence memory evidence = DanglingTemplateEvidence(
                template,
                i,
                _evidence().later
            );
            (, ids[i]) = _verifier.judgeDanglingTemplate(evidence);
            Verdict verdict = _verifier.challengeDanglingTemplate(evidence, CHALLENGER);
            assertTrue(verdict == Verdict.Proven, "the artifact's loss");
        }
        (, ids[2]) = _verifier.judgeDanglingParams(_evidence());
        _prove(_evidence());
        assertTrue(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2], "three faults");
        assertEq(_verifier.faultCount(), 3, "three leaves");
    }

    /// @dev The Rego module of equal bytes is still there, and shows nothing about the params.
    function test_CHV25_challengeDanglingParams_leafOfAnotherNamespace_isNoProof() public {
        _roots.setRoot(LATER, _rootOf(_keyOf(CONTENT), _record(CONTENT)));
        DanglingParamsEvidence memory evidence = _evidence();
        evidence.later = LaterLeaf(LATER, _record(CONTENT), ONE_LEAF);
        _assertRefused(evidence, Verdict.InvalidLaterProof);
    }
}
