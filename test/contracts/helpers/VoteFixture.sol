// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Vm} from "../../Cheats.sol";
import {VoteWorld} from "./VoteWorld.sol";
import {IChallengeVerifier} from "../../../contracts/interfaces/IChallengeVerifier.sol";
import {IFaultLedger} from "../../../contracts/interfaces/IFaultLedger.sol";
import {QuorumFault, Verdict} from "../../../contracts/types/Challenge.sol";
import {CertifiedCommit, EquivocationEvidence} from "../../../contracts/types/Equivocation.sol";
import {StateCommit} from "../../../contracts/types/StateCommit.sol";
import {StateRoot} from "../../../contracts/types/StateRoot.sol";

/// @dev What must come of any two certified commits, by plain sets, and that it does.
abstract contract VoteFixture is VoteWorld {
    address private constant CHALLENGER = address(0xc4a11e);
    uint256 private constant PAIRS = 3;

    mapping(Verdict => uint256) internal _seen;
    mapping(uint64 number => mapping(StateRoot => mapping(StateRoot => bool))) private _isRecorded;
    mapping(bytes32 side => mapping(uint32 epoch => uint256 operators)) private _signed;
    mapping(bytes32 faultId => mapping(uint32 epoch => uint256 operators)) private _named;

    /// @dev Judges one history; by a call, so that its memory is given back.
    function play(uint256 seed, bool isHonest) external {
        History memory history = _write(seed, isHonest);
        for (uint256 i = 0; i < PAIRS; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 one = (seed >> 16) % history.count;
            uint256 other = (seed >> 32) % history.count;
            // Mostly a rival, if there is one; sometimes the same twice.
            if (seed % 4 != 0) other = _rivalOf(history, one, other);
            if (seed % 8 == 0) other = one;
            EquivocationEvidence memory evidence = EquivocationEvidence(
                history.pieces[one].certified,
                history.pieces[other].certified
            );
            _judge(history, evidence, isHonest);
            _judge(history, _twisted(evidence, seed >> 64), isHonest);
        }
    }

    /// @dev Every verdict comes about.
    function _meetEveryVerdict() internal {
        for (uint256 i = 0; i < 24; ++i) this.play(i, i % 2 == 0);
        Verdict[6] memory verdicts = [
            Verdict.Proven,
            Verdict.NoFault,
            Verdict.AlreadyRecorded,
            Verdict.SequenceMismatch,
            Verdict.CertificateRefused,
            Verdict.InsufficientQuorum
        ];
        for (uint256 i = 0; i < 6; ++i) assertTrue(_seen[verdicts[i]] != 0, vm.toString(i));
    }

    /// @dev The first from `start` on with the number of piece `i` and another root; or `start`.
    function _rivalOf(History memory history, uint256 i, uint256 start) private pure returns (uint256) {
        StateCommit memory commit = history.pieces[i].certified.commit;
        for (uint256 step = 0; step < history.count; ++step) {
            uint256 place = (start + step) % history.count;
            StateCommit memory other = history.pieces[place].certified.commit;
            if (other.sequenceNo != commit.sequenceNo) continue;
            if (other.newStateRoot != commit.newStateRoot) return place;
        }
        return start;
    }

    // -- Verdicts --

    function _judge(History memory history, EquivocationEvidence memory evidence, bool isHonest) private {
        (Verdict expected, Piece memory one, Piece memory other) = _expected(history, evidence);
        bool isProven = expected == Verdict.Proven || expected == Verdict.AlreadyRecorded;
        assertTrue(!(isHonest && isProven), "no honest quorum signs two roots");
        ++_seen[expected];
        if (!isProven) {
            Verdict verdict = _verifier.challengeEquivocation(evidence, CHALLENGER);
            assertEq(uint256(verdict), uint256(expected), "verdict");
            return;
        }
        (Verdict judged, bytes32 faultId) = _verifier.judgeEquivocation(evidence);
        assertTrue(judged == expected, "judged");
        IFaultLedger.FaultRecord memory before = _verifier.faultRecord(faultId);
        uint256 count = _verifier.faultCount();
        vm.recordLogs();
        assertTrue(_verifier.challengeEquivocation(evidence, CHALLENGER) == expected, "challenged");
        _assertNames(faultId, one, other);
        bool isNew = expected == Verdict.Proven;
        assertEq(_verifier.faultCount(), isNew ? count + 1 : count, "recorded once");
        assertTrue((before.recordedAt == 0) == isNew, "not before");
        IFaultLedger.FaultRecord memory record = _verifier.faultRecord(faultId);
        uint64 number = one.certified.commit.sequenceNo;
        assertTrue(record.fault == QuorumFault.Equivocation && record.sequenceNo == number, "record");
    }

    /// @dev By what was signed, and by whom: evidence is what one of the pieces is, to the byte, or proves nothing.
    function _expected(
        History memory history,
        EquivocationEvidence memory evidence
    ) private view returns (Verdict, Piece memory one, Piece memory other) {
        uint64 number = evidence.one.commit.sequenceNo;
        StateRoot root = evidence.one.commit.newStateRoot;
        StateRoot rival = evidence.other.commit.newStateRoot;
        if (number != evidence.other.commit.sequenceNo) return (Verdict.SequenceMismatch, one, other);
        if (root == rival) return (Verdict.NoFault, one, other);
        (one, other) = (_pieceOf(history, evidence.one), _pieceOf(history, evidence.other));
        if (one.id == 0) return (Verdict.CertificateRefused, one, other);
        if (!_isQuorum(one)) return (Verdict.InsufficientQuorum, one, other);
        if (other.id == 0) return (Verdict.CertificateRefused, one, other);
        if (!_isQuorum(other)) return (Verdict.InsufficientQuorum, one, other);
        bool isRecorded = _isRecorded[number][root][rival];
        return (isRecorded ? Verdict.AlreadyRecorded : Verdict.Proven, one, other);
    }

    function _isQuorum(Piece memory piece) private pure returns (bool) {
        return weightOf(piece.signers) * 10_000 >= TOTAL_WEIGHT * QUORUM_BPS;
    }

    /// @dev Without an id if there is none.
    function _pieceOf(
        History memory history,
        CertifiedCommit memory certified
    ) private pure returns (Piece memory none) {
        bytes32 id = keccak256(abi.encode(certified));
        for (uint256 i = 0; i < history.count; ++i) {
            if (history.pieces[i].id == id) return history.pieces[i];
        }
    }

    // -- Names --

    /// @dev Everybody who was shown to have signed both roots in one epoch is named, with the right weight, and nobody else.
    function _assertNames(bytes32 faultId, Piece memory one, Piece memory other) private {
        StateRoot root = one.certified.commit.newStateRoot;
        StateRoot rival = other.certified.commit.newStateRoot;
        uint64 number = one.certified.commit.sequenceNo;
        (_isRecorded[number][root][rival], _isRecorded[number][rival][root]) = (true, true);
        bytes32 side = keccak256(abi.encode(faultId, root));
        bytes32 rivalSide = keccak256(abi.encode(faultId, rival));
        _signed[side][one.epoch] |= one.signers;
        _signed[rivalSide][other.epoch] |= other.signers;

        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != IChallengeVerifier.EquivocatorsNamed.selector) continue;
            (uint256 operators, uint256 weight) = abi.decode(logs[i].data, (uint256, uint256));
            assertTrue(logs[i].topics[1] == faultId, "fault");
            assertEq(weight, weightOf(operators), "weight");
            _named[faultId][uint32(uint256(logs[i].topics[2]))] |= operators;
        }
        for (uint32 epoch = 1; epoch <= 2; ++epoch) {
            assertEq(_verifier.signersOf(faultId, root, epoch), _signed[side][epoch], "signers");
            assertEq(_verifier.signersOf(faultId, rival, epoch), _signed[rivalSide][epoch], "of the rival");
            uint256 both = _signed[side][epoch] & _signed[rivalSide][epoch];
            assertEq(_named[faultId][epoch], both, "who signed both");
        }
        // Two quorums of one epoch share more than a third.
        bool isShared = one.epoch == other.epoch;
        if (isShared) assertTrue(3 * weightOf(one.signers & other.signers) > TOTAL_WEIGHT, "a third");
    }
}
