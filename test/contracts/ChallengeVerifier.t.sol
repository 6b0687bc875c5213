// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ChallengeFixture} from "./helpers/ChallengeFixture.sol";
import {ChallengeVerifier} from "../../contracts/ChallengeVerifier.sol";
import {FaultRules, IFaultLedger} from "../../contracts/interfaces/IFaultLedger.sol";
import {IOperatorSetRegistry} from "../../contracts/interfaces/IOperatorSetRegistry.sol";
import {IPolicyEvidence} from "../../contracts/interfaces/IPolicyEvidence.sol";
import {IPolicyRegistry} from "../../contracts/interfaces/IPolicyRegistry.sol";
import {ISlashingHook} from "../../contracts/interfaces/ISlashingHook.sol";
import {IStateCommitRegistry} from "../../contracts/interfaces/IStateCommitRegistry.sol";
import {
    MalformedLeafEvidence,
    QuorumFault,
    RewriteEvidence,
    Verdict
} from "../../contracts/types/Challenge.sol";
import {TreeKey} from "../../contracts/types/TreeKey.sol";

contract ChallengeVerifierTest is ChallengeFixture {
    /// @dev Both forms give this verdict, and nothing is recorded.
    function _assertRefused(RewriteEvidence memory evidence, Verdict verdict) private {
        (Verdict judged, bytes32 faultId) = _verifier.judgeRewrite(evidence);
        assertTrue(judged == verdict && faultId == 0, "judged");
        assertTrue(_verifier.challengeRewrite(evidence, address(this)) == verdict, "challenged");
        assertEq(_verifier.faultCount(), 0, "nothing is recorded");
    }

    function test_constructor_registryIsZero_reverts() public {
        vm.expectRevert(IFaultLedger.ZeroAddress.selector);
        new ChallengeVerifier(
            OWNER,
            IStateCommitRegistry(address(0)),
            IPolicyRegistry(address(_policies)),
            IOperatorSetRegistry(address(0)),
            FaultRules(ISlashingHook(address(0)), 0),
            DELAY_SECONDS
        );
    }

    function test_constructor_policiesOfAnotherRegistry_reverts() public {
        IStateCommitRegistry another = IStateCommitRegistry(address(new RegistryOfAnother()));
        vm.expectRevert(abi.encodeWithSelector(IPolicyEvidence.ForeignPolicyRegistry.selector, _policies));
        new ChallengeVerifier(
            OWNER,
            another,
            IPolicyRegistry(address(_policies)),
            IOperatorSetRegistry(address(0)),
            FaultRules(ISlashingHook(address(0)), 0),
            DELAY_SECONDS
        );
    }

    function test_surroundings_areWhatItWasMadeWith() public view {
        assertTrue(address(_verifier.stateCommitRegistry()) == address(_roots), "registry");
        assertTrue(address(_verifier.policyRegistry()) == address(_policies), "policies");
        assertTrue(address(_verifier.operatorSets()) == address(_epochs), "operator sets");
        assertTrue(_verifier.owner() == OWNER, "owner");
        assertEq(_verifier.changeDelaySeconds(), DELAY_SECONDS, "delay");
    }

    function test_CHL01_challengeRewrite_leafWasRemoved_isRecordedAsThat() public {
        (, bytes32 faultId) = _verifier.judgeRewrite(_removal());
        assertTrue(_verifier.challengeRewrite(_removal(), address(7)) == Verdict.Proven, "proven");
        IFaultLedger.FaultRecord memory fault = _verifier.faultRecord(faultId);
        assertTrue(fault.fault == QuorumFault.LeafRemoved, "removed");
        assertEq(fault.sequenceNo, 2, "by the later commit");
        assertTrue(fault.challenger == address(7), "challenger");
        assertEq(_verifier.faultCount(), 1, "one fault");
        assertTrue(
            _verifier.challengeRewrite(_removal(), address(8)) == Verdict.AlreadyRecorded,
            "recorded once"
        );
        assertEq(_verifier.faultCount(), 1, "still one");
    }

    function test_challengeRewrite_laterRecordIsTooLong_isRefused() public {
        RewriteEvidence memory evidence = _removal();
        evidence.laterRecord = new bytes(4_097);
        _assertRefused(evidence, Verdict.InvalidRecord);
    }

    function test_challengeRewrite_absentLeafHasARecord_isRefused() public {
        RewriteEvidence memory evidence = _removal();
        evidence.laterRecord = _record(CONTENT);
        _assertRefused(evidence, Verdict.InvalidLaterProof);
    }

    function test_challengeRewrite_recoveryBetween_isRefused() public {
        _roots.setRecovery(2);
        _assertRefused(_removal(), Verdict.RecoveredBetween);
        // By the recovery's own commit, or before it, nothing was lost in between.
        _roots.setRecovery(1);
        assertTrue(_verifier.challengeRewrite(_removal(), address(7)) == Verdict.Proven, "at the earlier");
    }

    /// @dev A rewrite by the first bad leaf, of which a malformed leaf is another fault.
    function test_CHL01_challengeMalformedLeaf_isRecordedOnceUnderItsLeaf() public {
        bytes memory record = abi.encodePacked(_record(CONTENT), "more");
        _roots.setRoot(3, _rootOf(_keyOf(CONTENT), record));
        MalformedLeafEvidence memory evidence = MalformedLeafEvidence(_keyOf(CONTENT), 3, record, ONE_LEAF);
        assertTrue(_verifier.challengeMalformedLeaf(evidence, CHALLENGER) == Verdict.Proven, "proven");
        _roots.setRoot(4, _rootOf(_keyOf(CONTENT), record));
        evidence.sequenceNo = 4;
        assertTrue(
            _verifier.challengeMalformedLeaf(evidence, STRANGER) == Verdict.AlreadyRecorded,
            "the same leaf under a later root"
        );
        assertEq(_verifier.faultCount(), 1, "one fault");
    }

    /// @dev The roots of the retained registry decide, not what a reorganization has taken away.
    function test_CHL06_challengeRewrite_rootIsGone_isRefused() public {
        RewriteEvidence memory evidence = _removal();
        evidence.laterSequenceNo = 9;
        _assertRefused(evidence, Verdict.RootNotRetained);
    }

    /// @dev Zero stands for a root that is not retained: nothing is proven under it.
    function test_CHV20_challengeMalformedLeaf_zeroRoot_isRefused() public {
        MalformedLeafEvidence memory evidence = MalformedLeafEvidence(TreeKey.wrap(0), 9, "", NO_LEAF);
        assertTrue(
            _verifier.challengeMalformedLeaf(evidence, CHALLENGER) == Verdict.RootNotRetained,
            "no root"
        );
    }
}

/// @dev Has a verifier, as every registry, and other policies than those given.
contract RegistryOfAnother {
    function verifier() external view returns (address) {
        return address(this);
    }
}
