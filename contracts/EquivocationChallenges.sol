// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {QuorumEvidence} from "./QuorumEvidence.sol";
import {IChallengeVerifier} from "./interfaces/IChallengeVerifier.sol";
import {QuorumFault, Verdict} from "./types/Challenge.sol";
import {CertifiedCommit, EquivocationEvidence} from "./types/Equivocation.sol";
import {StateRoot} from "./types/StateRoot.sol";

/// @title EquivocationChallenges
/// @notice Two roots certified for one sequence number, and who signed both.
/// @dev An operator votes for one root per number, and may sign it again with another time: only roots that differ are a
///      fault. A recovery is signed as another type, and takes the next number: it is no rival of any commit.
abstract contract EquivocationChallenges is IChallengeVerifier, QuorumEvidence {
    bytes32 private constant EQUIVOCATION_TAG = keccak256("OPS::EquivocationFault");

    /// @dev By index as bits, of every certificate shown.
    mapping(bytes32 faultId => mapping(StateRoot root => mapping(uint32 epoch => uint256))) private _signers;

    /// @inheritdoc IChallengeVerifier
    /// @custom:invariant CHV2 CHV5 CHV22
    function challengeEquivocation(
        EquivocationEvidence calldata evidence,
        address challenger
    ) external nonReentrant returns (Verdict verdict) {
        bytes32 faultId;
        (verdict, faultId) = judgeEquivocation(evidence);
        if (verdict != Verdict.Proven && verdict != Verdict.AlreadyRecorded) return verdict;
        _name(faultId, evidence.one, evidence.other.commit.newStateRoot);
        _name(faultId, evidence.other, evidence.one.commit.newStateRoot);
        if (verdict == Verdict.AlreadyRecorded) return verdict;
        uint64 sequenceNo = evidence.one.commit.sequenceNo;
        _record(faultId, QuorumFault.Equivocation, bytes32(0), sequenceNo, challenger);
    }

    /// @inheritdoc IChallengeVerifier
    function judgeEquivocation(
        EquivocationEvidence calldata evidence
    ) public view returns (Verdict verdict, bytes32 faultId) {
        uint64 sequenceNo = evidence.one.commit.sequenceNo;
        if (sequenceNo != evidence.other.commit.sequenceNo) return (Verdict.SequenceMismatch, bytes32(0));
        StateRoot root = evidence.one.commit.newStateRoot;
        StateRoot rival = evidence.other.commit.newStateRoot;
        if (root == rival) return (Verdict.NoFault, bytes32(0));
        verdict = _judgeCertified(evidence.one);
        if (verdict == Verdict.Proven) verdict = _judgeCertified(evidence.other);
        if (verdict != Verdict.Proven) return (verdict, bytes32(0));
        if (StateRoot.unwrap(rival) < StateRoot.unwrap(root)) (root, rival) = (rival, root);
        address registry = address(STATE_COMMIT_REGISTRY);
        faultId = keccak256(abi.encode(EQUIVOCATION_TAG, block.chainid, registry, sequenceNo, root, rival));
        verdict = _verdictOn(faultId);
    }

    /// @inheritdoc IChallengeVerifier
    function signersOf(bytes32 faultId, StateRoot root, uint32 epoch) external view returns (uint256) {
        return _signers[faultId][root][epoch];
    }

    function _judgeCertified(CertifiedCommit calldata certified) private view returns (Verdict) {
        uint256 index = certified.before.length;
        bytes32[] memory digests = new bytes32[](index + 1 + certified.behind.length);
        for (uint256 i = 0; i < index; ++i) digests[i] = certified.before[i];
        digests[index] = STATE_COMMIT_REGISTRY.digestOf(certified.commit);
        for (uint256 i = index + 1; i < digests.length; ++i) digests[i] = certified.behind[i - index - 1];
        return _judgeCertificate(digests, certified.certificate);
    }

    /// @dev Adds the signers of one side to those known, and says who is known on both.
    function _name(bytes32 faultId, CertifiedCommit calldata certified, StateRoot rival) private {
        uint256 messageCount = certified.before.length + 1 + certified.behind.length;
        (uint32 epoch, uint256 signers) = _signersOf(messageCount, certified.certificate);
        StateRoot root = certified.commit.newStateRoot;
        uint256 known = _signers[faultId][root][epoch];
        uint256 named = known | signers;
        if (named == known) return;
        _signers[faultId][root][epoch] = named;
        emit RivalRootSigned(faultId, root, epoch, named);
        uint256 equivocators = named & _signers[faultId][rival][epoch];
        if (equivocators == 0) return;
        emit EquivocatorsNamed(faultId, epoch, equivocators, _weightOf(epoch, equivocators));
    }
}
