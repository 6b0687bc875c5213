// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ChallengeFixture} from "./helpers/ChallengeFixture.sol";
import {IDecisionChallengeVerifier} from "../../contracts/interfaces/IDecisionChallengeVerifier.sol";
import {PolicyIds} from "../../contracts/libraries/PolicyIds.sol";
import {QuorumFault, Verdict} from "../../contracts/types/Challenge.sol";
import {ContentHash} from "../../contracts/types/ContentHash.sol";
import {Decision, DecisionEvidence} from "../../contracts/types/Decision.sol";
import {DataBinding, PolicyInstance, PolicyTemplate} from "../../contracts/types/Policy.sol";
import {PolicyDataInstanceId} from "../../contracts/types/PolicyDataInstanceId.sol";
import {PolicyDataRef} from "../../contracts/types/PolicyDataRef.sol";
import {PolicyInstanceId} from "../../contracts/types/PolicyInstanceId.sol";
import {PolicyTemplateRef} from "../../contracts/types/PolicyTemplateRef.sol";

/// @dev Decisions right and wrong. What an honest quorum signs is derived by `PolicyIds`, from whole templates.
contract DecisionChallengesTest is ChallengeFixture {
    address private constant CLIENT = address(0xc1);
    uint64 private constant REFERENCE_BLOCK = 90;

    function setUp() public override {
        super.setUp();
        _policies.move(CLIENT, _decision(3).policyInstanceId, 80);
    }

    function refOf(PolicyTemplate calldata template) external pure returns (PolicyTemplateRef) {
        return PolicyIds.policyTemplateRefOf(template);
    }

    function idOf(PolicyInstance calldata instance) external view returns (PolicyInstanceId) {
        return PolicyIds.policyInstanceIdOf(block.chainid, instance);
    }

    /// @dev The decision of a template with so many bindings, with every ref and id derived from all of it.
    function _decision(uint256 count) private view returns (Decision memory decision) {
        PolicyTemplate memory template = PolicyTemplate({
            regoHash: ContentHash.wrap(CONTENT),
            paramsSchemaHash: ContentHash.wrap(keccak256("schema")),
            entrypoint: "policy.allow",
            environment: 1,
            data: new DataBinding[](count)
        });
        decision.bindingNameHashes = new bytes32[](count);
        decision.policyDataRefs = new PolicyDataRef[](count);
        decision.policyDataInstanceIds = new PolicyDataInstanceId[](count);
        for (uint256 i = 0; i < count; ++i) {
            PolicyDataRef ref = PolicyDataRef.wrap(keccak256(abi.encode("data", i)));
            template.data[i] = DataBinding(vm.toString(i), ref);
            decision.bindingNameHashes[i] = keccak256(bytes(vm.toString(i)));
            decision.policyDataRefs[i] = ref;
            decision.policyDataInstanceIds[i] = PolicyIds.policyDataInstanceIdOf(block.chainid, CLIENT, ref);
        }
        bytes memory params = "{}";
        PolicyTemplateRef ref_ = this.refOf(template);
        decision.policyInstanceId = this.idOf(
            PolicyInstance(CLIENT, ref_, params, decision.policyDataInstanceIds, 100)
        );
        decision.taskId = keccak256("task");
        decision.client = CLIENT;
        decision.policyTemplateRef = ref_;
        decision.paramsHash = keccak256(params);
        decision.expireAfterBlocks = 100;
        decision.regoHash = template.regoHash;
        decision.paramsSchemaHash = template.paramsSchemaHash;
        decision.entrypointHash = keccak256(bytes(template.entrypoint));
        decision.environment = 1;
        decision.referenceBlock = REFERENCE_BLOCK;
        decision.isAllowed = true;
    }

    /// @dev With a certificate of all but operator 2.
    function _certified(Decision memory decision) private returns (DecisionEvidence memory) {
        return _certifiedBy(decision, hex"02");
    }

    function _certifiedBy(
        Decision memory decision,
        bytes memory nonSigners
    ) private returns (DecisionEvidence memory evidence) {
        bytes32[] memory digests = new bytes32[](1);
        digests[0] = _decisions.digestOfDecision(decision);
        evidence = DecisionEvidence(decision, _certificate(1, nonSigners));
        _book.write(digests, evidence.certificate, 3, 4);
    }

    function _verdicts(DecisionEvidence memory evidence) private returns (Verdict identity, Verdict stale) {
        bytes32 identityId;
        bytes32 staleId;
        (identity, identityId) = _decisions.judgeWrongIdentity(evidence);
        (stale, staleId) = _decisions.judgeStaleInstance(evidence);
        assertTrue((identityId != 0) == (identity == Verdict.Proven), "id iff proven");
        assertTrue((staleId != 0) == (stale == Verdict.Proven), "id iff proven");
        assertTrue(_decisions.challengeWrongIdentity(evidence, CHALLENGER) == identity, "challenged");
        assertTrue(_decisions.challengeStaleInstance(evidence, CHALLENGER) == stale, "challenged");
    }

    function test_policyRegistry_isWhatItWasMadeWith() public view {
        assertTrue(address(_decisions.policyRegistry()) == address(_policies), "policies");
        assertTrue(address(_decisions.operatorSets()) == address(_epochs), "operator sets");
    }

    function test_CHV11_CHL03_honestDecisions_areNoFault() public {
        for (uint256 count = 0; count <= 16; ++count) {
            Decision memory decision = _decision(count);
            _policies.move(CLIENT, decision.policyInstanceId, 80);
            (Verdict identity, Verdict stale) = _verdicts(_certified(decision));
            assertTrue(identity == Verdict.NoFault && stale == Verdict.NoFault, "no fault");
        }
        assertEq(_decisions.faultCount(), 0, "nothing is recorded");
    }

    /// @dev One part or id after the other, and nothing else: each is another identity.
    function test_CHV18_CHL01_challengeWrongIdentity_anyPartIsAnother_isProven() public {
        for (uint256 i = 0; i < 14; ++i) {
            Decision memory decision = _decision(3);
            if (i == 0) decision.client = STRANGER;
            if (i == 1) decision.policyInstanceId = PolicyInstanceId.wrap(CONTENT);
            if (i == 2) decision.policyTemplateRef = PolicyTemplateRef.wrap(CONTENT);
            if (i == 3) decision.paramsHash = CONTENT;
            if (i == 4) decision.policyDataInstanceIds[2] = PolicyDataInstanceId.wrap(CONTENT);
            if (i == 5) decision.expireAfterBlocks = 101;
            if (i == 6) decision.regoHash = ContentHash.wrap(0);
            if (i == 7) decision.paramsSchemaHash = ContentHash.wrap(0);
            if (i == 8) decision.entrypointHash = CONTENT;
            if (i == 9) decision.environment = 2;
            if (i == 10) decision.bindingNameHashes[1] = CONTENT;
            if (i == 11) decision.policyDataRefs[0] = PolicyDataRef.wrap(CONTENT);
            if (i == 12) decision.bindingNameHashes = new bytes32[](2);
            if (i == 13) decision.policyDataInstanceIds = new PolicyDataInstanceId[](4);
            (Verdict identity, ) = _verdicts(_certified(decision));
            assertTrue(identity == Verdict.Proven, vm.toString(i));
        }
    }

    /// @dev What is asked, when and what came out are not derived from anything.
    function test_challengeWrongIdentity_taskIsAnother_isNoFault() public {
        Decision memory decision = _decision(1);
        decision.taskId = CONTENT;
        decision.isAllowed = false;
        decision.referenceBlock = type(uint64).max;
        (Verdict identity, Verdict stale) = _verdicts(_certified(decision));
        assertTrue(identity == Verdict.NoFault, "no fault");
        assertTrue(stale == Verdict.BlockNotPast, "not past");
    }

    /// @dev No template can have 17 bindings, however well its ref is derived.
    function test_challengeWrongIdentity_listIsTooLong_isProven() public {
        Decision memory decision = _decision(17);
        DecisionEvidence memory evidence = _certified(decision);
        (, bytes32 faultId) = _decisions.judgeWrongIdentity(evidence);
        bytes32 signed = PolicyTemplateRef.unwrap(decision.policyTemplateRef);
        vm.expectEmit();
        emit IDecisionChallengeVerifier.DecisionRefuted(faultId, CLIENT, signed, 0, 1, 11);
        assertTrue(_decisions.challengeWrongIdentity(evidence, CHALLENGER) == Verdict.Proven, "proven");
        decision.policyTemplateRef = PolicyTemplateRef.wrap(0);
        (Verdict verdict, ) = _decisions.judgeWrongIdentity(_certified(decision));
        assertTrue(verdict == Verdict.Proven, "nor without a ref");
    }

    function test_challengeWrongIdentity_saysWhoSignedAndWhatItMustBe() public {
        Decision memory decision = _decision(2);
        bytes32 actual = PolicyInstanceId.unwrap(decision.policyInstanceId);
        decision.policyInstanceId = PolicyInstanceId.wrap(CONTENT);
        DecisionEvidence memory evidence = _certified(decision);
        (, bytes32 faultId) = _decisions.judgeWrongIdentity(evidence);
        vm.expectEmit();
        emit IDecisionChallengeVerifier.DecisionRefuted(faultId, CLIENT, CONTENT, actual, 1, 11);
        assertTrue(_decisions.challengeWrongIdentity(evidence, CHALLENGER) == Verdict.Proven, "proven");
        assertTrue(_decisions.faultRecord(faultId).fault == QuorumFault.WrongIdentity, "fault");
    }

    /// @dev The digest is the fault: another certificate over the same decision proves nothing new.
    function test_CHL02_challengeWrongIdentity_otherCertificate_isRecordedOnce() public {
        Decision memory decision = _decision(2);
        decision.environment = 7;
        assertTrue(
            _decisions.challengeWrongIdentity(_certified(decision), CHALLENGER) == Verdict.Proven,
            "proven"
        );
        assertTrue(
            _decisions.challengeWrongIdentity(_certifiedBy(decision, ""), STRANGER) ==
                Verdict.AlreadyRecorded,
            "once"
        );
        assertEq(_decisions.faultCount(), 1, "one fault");
    }

    /// @dev The block before the move decides by the old instance, that of the move by the new one.
    function test_CHL01_challengeStaleInstance_clientHasMoved_isProvenFromThatBlockOn() public {
        Decision memory decision = _decision(3);
        _policies.move(CLIENT, PolicyInstanceId.wrap(CONTENT), 85);
        decision.referenceBlock = 84;
        (, Verdict stale) = _verdicts(_certified(decision));
        assertTrue(stale == Verdict.NoFault, "still current");
        decision.referenceBlock = 85;
        DecisionEvidence memory evidence = _certified(decision);
        (, bytes32 faultId) = _decisions.judgeStaleInstance(evidence);
        bytes32 signed = PolicyInstanceId.unwrap(decision.policyInstanceId);
        vm.expectEmit();
        emit IDecisionChallengeVerifier.DecisionRefuted(faultId, CLIENT, signed, CONTENT, 1, 11);
        assertTrue(_decisions.challengeStaleInstance(evidence, CHALLENGER) == Verdict.Proven, "proven");
        assertTrue(_decisions.faultRecord(faultId).fault == QuorumFault.StaleInstance, "fault");
        (Verdict again, ) = _decisions.judgeStaleInstance(evidence);
        assertTrue(again == Verdict.AlreadyRecorded, "once");
    }

    function test_challengeStaleInstance_ofAnotherClient_isProven() public {
        Decision memory decision = _decision(3);
        decision.client = STRANGER;
        (Verdict identity, Verdict stale) = _verdicts(_certified(decision));
        assertTrue(stale == Verdict.Proven && identity == Verdict.Proven, "foreign, and not its id either");
    }

    function test_CHV19_challengeStaleInstance_blockIsNotPast_isRefused() public {
        Decision memory decision = _decision(3);
        decision.referenceBlock = 100;
        (, Verdict stale) = _verdicts(_certified(decision));
        assertTrue(stale == Verdict.BlockNotPast, "now");
        decision.referenceBlock = 99;
        (, stale) = _verdicts(_certified(decision));
        assertTrue(stale == Verdict.NoFault, "past");
    }

    /// @dev Nobody is held to what the quorum did not sign, field by field as it stands.
    function test_CHV12_challengeDecision_notCertified_isRefused() public {
        DecisionEvidence memory evidence = _certified(_decision(3));
        evidence.decision.environment = 9;
        (Verdict identity, Verdict stale) = _verdicts(evidence);
        assertTrue(identity == Verdict.CertificateRefused, "identity");
        assertTrue(stale == Verdict.CertificateRefused, "stale");
        assertEq(_decisions.faultCount(), 0, "nothing is recorded");
    }

    function test_challengeDecision_notTheQuorum_isRefused() public {
        Decision memory decision = _decision(3);
        decision.environment = 9;
        DecisionEvidence memory evidence = _certified(decision);
        bytes32[] memory digests = new bytes32[](1);
        digests[0] = _decisions.digestOfDecision(decision);
        _book.write(digests, evidence.certificate, 2, 4);
        (Verdict identity, ) = _verdicts(evidence);
        assertTrue(identity == Verdict.InsufficientQuorum, "half");
    }
}
