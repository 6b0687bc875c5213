// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ChallengeFixture} from "./helpers/ChallengeFixture.sol";
import {IChallengeVerifier} from "../../contracts/interfaces/IChallengeVerifier.sol";
import {PolicyIds} from "../../contracts/libraries/PolicyIds.sol";
import {QuorumFault, Verdict} from "../../contracts/types/Challenge.sol";
import {ContentHash} from "../../contracts/types/ContentHash.sol";
import {
    DanglingDataEvidence,
    DanglingTemplateEvidence,
    LaterLeaf
} from "../../contracts/types/DanglingRegistration.sol";
import {DataBinding, PolicyDataTemplate, PolicyTemplate} from "../../contracts/types/Policy.sol";
import {PolicyDataRef} from "../../contracts/types/PolicyDataRef.sol";
import {PolicyTemplateRef} from "../../contracts/types/PolicyTemplateRef.sol";

/// @dev Registered artifacts that a later root does not hold. Each root's tree has one leaf, or none.
contract DanglingRegistrationTest is ChallengeFixture {
    uint64 private constant REGISTERED_AT = 1_000;
    uint64 private constant LATER = 1_005;
    bytes32 private constant SCHEMA = keccak256("schema");

    function setUp() public override {
        super.setUp();
        _roots.setRoot(LATER, EMPTY_ROOT);
        _policies.register(this.refOf(_template()), uint40(REGISTERED_AT));
        _policies.registerData(this.dataRefOf(_data()), uint40(REGISTERED_AT));
    }

    function refOf(PolicyTemplate calldata template) external pure returns (PolicyTemplateRef) {
        return PolicyIds.policyTemplateRefOf(template);
    }

    function dataRefOf(PolicyDataTemplate calldata template) external pure returns (PolicyDataRef) {
        return PolicyIds.policyDataRefOf(template);
    }

    function _template() private pure returns (PolicyTemplate memory template) {
        template.regoHash = ContentHash.wrap(CONTENT);
        template.paramsSchemaHash = ContentHash.wrap(SCHEMA);
        template.entrypoint = "policy.allow";
        template.data = new DataBinding[](0);
    }

    function _data() private pure returns (PolicyDataTemplate memory template) {
        template.wasmHash = ContentHash.wrap(CONTENT);
        template.argsSchemaHash = ContentHash.wrap(SCHEMA);
        template.outputSchemaHash = ContentHash.wrap(keccak256("output"));
    }

    function _absent() private pure returns (LaterLeaf memory) {
        return LaterLeaf(LATER, "", NO_LEAF);
    }

    function _evidence(uint256 index) private pure returns (DanglingTemplateEvidence memory) {
        return DanglingTemplateEvidence(_template(), index, _absent());
    }

    function _assertRefused(DanglingTemplateEvidence memory evidence, Verdict verdict) private {
        (Verdict judged, bytes32 faultId) = _verifier.judgeDanglingTemplate(evidence);
        assertTrue(judged == verdict && faultId == 0, "judged");
        assertTrue(_verifier.challengeDanglingTemplate(evidence, CHALLENGER) == verdict, "challenged");
        assertEq(_verifier.faultCount(), 0, "nothing is recorded");
    }

    function test_CHL01_challengeDanglingTemplate_artifactIsAbsent_isRecorded() public {
        for (uint256 i = 0; i < 2; ++i) {
            DanglingTemplateEvidence memory evidence = _evidence(i);
            (, bytes32 faultId) = _verifier.judgeDanglingTemplate(evidence);
            ContentHash lost = ContentHash.wrap(i == 0 ? CONTENT : SCHEMA);
            bytes32 ref = PolicyTemplateRef.unwrap(this.refOf(evidence.template));
            vm.expectEmit();
            emit IChallengeVerifier.ArtifactLost(faultId, ref, lost, LATER);
            assertTrue(_verifier.challengeDanglingTemplate(evidence, CHALLENGER) == Verdict.Proven, "proven");
            assertTrue(_verifier.faultRecord(faultId).fault == QuorumFault.DanglingRegistration, "fault");
            assertEq(_verifier.faultRecord(faultId).sequenceNo, LATER, "shown by");
        }
        assertEq(_verifier.faultCount(), 2, "two artifacts");
    }

    function test_CHL01_challengeDanglingData_artifactIsAbsent_isRecorded() public {
        for (uint256 i = 0; i < 3; ++i) {
            DanglingDataEvidence memory evidence = DanglingDataEvidence(_data(), i, _absent());
            assertTrue(_verifier.challengeDanglingData(evidence, CHALLENGER) == Verdict.Proven, "proven");
            (Verdict verdict, ) = _verifier.judgeDanglingData(evidence);
            assertTrue(verdict == Verdict.AlreadyRecorded, "recorded once");
        }
        assertEq(_verifier.faultCount(), 3, "three artifacts");
        // It names no secrets schema, and nothing behind it.
        for (uint256 i = 3; i < 6; ++i) {
            DanglingDataEvidence memory evidence = DanglingDataEvidence(_data(), i, _absent());
            (Verdict verdict, bytes32 faultId) = _verifier.judgeDanglingData(evidence);
            assertTrue(verdict == Verdict.UnknownRegistration && faultId == 0, "no such artifact");
        }
    }

    function test_challengeDanglingData_templateIsNotRegistered_isRefused() public {
        DanglingDataEvidence memory evidence = DanglingDataEvidence(_data(), 0, _absent());
        evidence.template.teeRequired = !evidence.template.teeRequired;
        Verdict verdict = _verifier.challengeDanglingData(evidence, CHALLENGER);
        assertTrue(verdict == Verdict.UnknownRegistration, "not registered");
        assertEq(_verifier.faultCount(), 0, "nothing is recorded");
    }

    /// @dev A leaf of other content at the artifact's key, of which only the hash's last byte differs.
    function test_challengeDanglingTemplate_otherContent_isProven() public {
        bytes memory record = _record(CONTENT ^ bytes32(uint256(1)));
        _roots.setRoot(LATER, _rootOf(_keyOf(CONTENT), record));
        DanglingTemplateEvidence memory evidence = _evidence(0);
        evidence.later = LaterLeaf(LATER, record, ONE_LEAF);
        assertTrue(_verifier.challengeDanglingTemplate(evidence, CHALLENGER) == Verdict.Proven, "proven");
        _roots.setRoot(LATER + 1, _rootOf(_keyOf(CONTENT), "short"));
        evidence.later = LaterLeaf(LATER + 1, "short", ONE_LEAF);
        (Verdict verdict, ) = _verifier.judgeDanglingTemplate(evidence);
        assertTrue(verdict == Verdict.AlreadyRecorded, "the same loss, shown by another root");
    }

    /// @dev Whatever its header says: another header is a rewrite, and the content is still there.
    function test_CHL03_challengeDanglingTemplate_artifactIsThere_isNoFault() public {
        bytes memory record = abi.encodePacked(bytes20("any header"), CONTENT);
        _roots.setRoot(LATER, _rootOf(_keyOf(CONTENT), record));
        DanglingTemplateEvidence memory evidence = _evidence(0);
        evidence.later = LaterLeaf(LATER, record, ONE_LEAF);
        _assertRefused(evidence, Verdict.NoFault);
    }

    /// @dev Anybody can register templates that name an artifact; its loss is one fault all the same.
    function test_CHV15_CHL02_challengeDanglingTemplate_otherTemplateOfTheArtifact_isTheSameFault() public {
        assertTrue(_verifier.challengeDanglingTemplate(_evidence(0), CHALLENGER) == Verdict.Proven, "proven");
        DanglingTemplateEvidence memory evidence = _evidence(0);
        evidence.template.entrypoint = "policy.deny";
        _policies.register(this.refOf(evidence.template), uint40(REGISTERED_AT));
        (Verdict verdict, ) = _verifier.judgeDanglingTemplate(evidence);
        assertTrue(verdict == Verdict.AlreadyRecorded, "the same artifact");
        assertEq(_verifier.faultCount(), 1, "one fault");
    }

    function test_challengeDanglingTemplate_notRegistered_isRefused() public {
        DanglingTemplateEvidence memory evidence = _evidence(0);
        evidence.template.environment = 9;
        _assertRefused(evidence, Verdict.UnknownRegistration);
        _assertRefused(_evidence(2), Verdict.UnknownRegistration);
    }

    function test_challengeDanglingTemplate_notLater_isRefused() public {
        DanglingTemplateEvidence memory evidence = _evidence(0);
        _roots.setRoot(REGISTERED_AT, EMPTY_ROOT);
        evidence.later.sequenceNo = REGISTERED_AT;
        _assertRefused(evidence, Verdict.SequenceOrder);
    }

    function test_challengeDanglingTemplate_rootIsNotRetained_isRefused() public {
        DanglingTemplateEvidence memory evidence = _evidence(0);
        evidence.later.sequenceNo = LATER + 1;
        _assertRefused(evidence, Verdict.RootNotRetained);
    }

    function test_challengeDanglingTemplate_proofIsOfAnotherTree_isRefused() public {
        _roots.setRoot(LATER, _rootOf(_keyOf(CONTENT), _record(CONTENT)));
        _assertRefused(_evidence(0), Verdict.InvalidLaterProof);
        DanglingTemplateEvidence memory evidence = _evidence(0);
        evidence.later.record = _record(CONTENT);
        _assertRefused(evidence, Verdict.InvalidLaterProof);
        evidence.later = LaterLeaf(LATER, new bytes(4_097), ONE_LEAF);
        _assertRefused(evidence, Verdict.InvalidRecord);
    }

    /// @dev The registration's proof may be 719 commits older than the newest commit was, and the recovery after it.
    function test_CHV14_challengeDanglingTemplate_recoveryAfterTheProof_isRefused() public {
        uint64 oldestProof = REGISTERED_AT - 719;
        uint64[3] memory recoveries = [oldestProof + 1, REGISTERED_AT, LATER];
        for (uint256 i = 0; i < recoveries.length; ++i) {
            _roots.setRecovery(recoveries[i]);
            _assertRefused(_evidence(0), Verdict.RecoveredBetween);
        }
        _roots.setRecovery(oldestProof);
        (Verdict verdict, ) = _verifier.judgeDanglingTemplate(_evidence(0));
        assertTrue(verdict == Verdict.Proven, "no proof was older");
        // A recovery that comes after the loss was shown explains nothing.
        _roots.setRecovery(LATER + 1);
        (verdict, ) = _verifier.judgeDanglingTemplate(_evidence(0));
        assertTrue(verdict == Verdict.Proven, "later than the loss");
    }
}
