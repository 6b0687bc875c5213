// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../Cheats.sol";
import {RootsStub} from "./helpers/RootsStub.sol";
import {ChallengeVerifier} from "../../contracts/ChallengeVerifier.sol";
import {IChallengeVerifier} from "../../contracts/interfaces/IChallengeVerifier.sol";
import {IStateCommitRegistry} from "../../contracts/interfaces/IStateCommitRegistry.sol";
import {QuorumFault, RewriteEvidence, Verdict} from "../../contracts/types/Challenge.sol";
import {StateRoot} from "../../contracts/types/StateRoot.sol";
import {TreeKey} from "../../contracts/types/TreeKey.sol";

contract ChallengeVerifierTest is Test {
    bytes32 private constant CONTENT = keccak256("content");
    /// @dev Of a tree with one leaf: its own, and of a tree with none.
    bytes private constant ONE_LEAF = hex"000000";
    bytes private constant NO_LEAF = hex"010000";
    StateRoot private constant EMPTY_ROOT = StateRoot.wrap("SPARSE_MERKLE_PLACEHOLDER_HASH__");

    RootsStub private _roots;
    ChallengeVerifier private _verifier;

    /// @dev Commit 1 has one leaf, which commit 2 has removed.
    function setUp() public {
        _roots = new RootsStub();
        _verifier = new ChallengeVerifier(IStateCommitRegistry(address(_roots)));
        _roots.setRoot(1, _rootOf(_keyOf(CONTENT), _record(CONTENT)));
        _roots.setRoot(2, EMPTY_ROOT);
    }

    /// @dev A well-formed record of kind 4, the first that is content-addressed, written by commit 1.
    function _record(bytes32 contentHash) private pure returns (bytes memory) {
        return abi.encodePacked(uint8(1), uint8(4), uint16(0), uint64(9), uint64(1), contentHash);
    }

    function _keyOf(bytes32 contentHash) private pure returns (TreeKey) {
        return TreeKey.wrap(bytes32((uint256(4) << 248) | (uint256(contentHash) >> 8)));
    }

    /// @dev Of the tree with this leaf alone.
    function _rootOf(TreeKey key, bytes memory record) private pure returns (StateRoot) {
        return
            StateRoot.wrap(
                keccak256(abi.encodePacked("JMT::LeafNode", TreeKey.unwrap(key), keccak256(record)))
            );
    }

    function _removal() private pure returns (RewriteEvidence memory) {
        return RewriteEvidence(_keyOf(CONTENT), 1, _record(CONTENT), ONE_LEAF, 2, "", NO_LEAF);
    }

    /// @dev Both forms give this verdict, and nothing is recorded.
    function _assertRefused(RewriteEvidence memory evidence, Verdict verdict) private {
        (Verdict judged, bytes32 faultId) = _verifier.judgeRewrite(evidence);
        assertTrue(judged == verdict && faultId == 0, "judged");
        assertTrue(_verifier.challengeRewrite(evidence, address(this)) == verdict, "challenged");
        assertEq(_verifier.faultCount(), 0, "nothing is recorded");
    }

    function test_constructor_registryIsZero_reverts() public {
        vm.expectRevert(IChallengeVerifier.ZeroAddress.selector);
        new ChallengeVerifier(IStateCommitRegistry(address(0)));
    }

    function test_stateCommitRegistry_isWhatItWasMadeWith() public view {
        assertTrue(address(_verifier.stateCommitRegistry()) == address(_roots), "registry");
    }

    function test_CHL01_challengeRewrite_leafWasRemoved_isRecordedAsThat() public {
        (, bytes32 faultId) = _verifier.judgeRewrite(_removal());
        assertTrue(_verifier.challengeRewrite(_removal(), address(7)) == Verdict.Proven, "proven");
        IChallengeVerifier.FaultRecord memory fault = _verifier.faultRecord(faultId);
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
}
