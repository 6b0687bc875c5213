// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ChallengeFixture} from "./helpers/ChallengeFixture.sol";
import {CertificateBook, EpochsStub} from "./helpers/ChallengeStubs.sol";
import {HookStub} from "./helpers/HookStubs.sol";
import {Vm} from "../Cheats.sol";
import {IChallengeVerifier} from "../../contracts/interfaces/IChallengeVerifier.sol";
import {FaultRules, IFaultLedger} from "../../contracts/interfaces/IFaultLedger.sol";
import {ISlashingHook} from "../../contracts/interfaces/ISlashingHook.sol";
import {BlsSigners} from "../../contracts/libraries/BlsSigners.sol";
import {QuorumFault, Verdict} from "../../contracts/types/Challenge.sol";
import {DaCertHash} from "../../contracts/types/DaCertHash.sol";
import {CertifiedCommit, EquivocationEvidence} from "../../contracts/types/Equivocation.sol";
import {StateCommit} from "../../contracts/types/StateCommit.sol";
import {StateRoot} from "../../contracts/types/StateRoot.sol";

/// @dev Two roots for one sequence number. Certificates are in a book, in the layout of BLS.
contract EquivocationTest is ChallengeFixture {
    StateRoot private constant ROOT_A = StateRoot.wrap(bytes32(uint256(0xa)));
    StateRoot private constant ROOT_B = StateRoot.wrap(bytes32(uint256(0xb)));

    function _commit(uint64 sequenceNo, StateRoot root) private pure returns (StateCommit memory) {
        return StateCommit(2, sequenceNo, ROOT_A, root, 1_000, DaCertHash.wrap("manifest"), 0);
    }

    /// @dev Signed by all but `nonSigners`, with other digests before and behind.
    function _certified(
        StateCommit memory commit,
        uint256 before,
        uint256 behind,
        bytes memory nonSigners
    ) private returns (CertifiedCommit memory certified) {
        bytes32[] memory digests = new bytes32[](before + 1 + behind);
        certified.commit = commit;
        certified.before = new bytes32[](before);
        certified.behind = new bytes32[](behind);
        for (uint256 i = 0; i < digests.length; ++i) digests[i] = keccak256(abi.encode("other", i));
        for (uint256 i = 0; i < before; ++i) certified.before[i] = digests[i];
        for (uint256 i = 0; i < behind; ++i) certified.behind[i] = digests[before + 1 + i];
        digests[before] = _roots.digestOf(commit);
        certified.certificate = _certificate(digests.length, nonSigners);
        _book.write(digests, certified.certificate, 3, 4);
    }

    function _evidence() private returns (EquivocationEvidence memory) {
        return
            EquivocationEvidence(
                _certified(_commit(7, ROOT_A), 0, 0, hex"00"),
                _certified(_commit(7, ROOT_B), 0, 0, hex"03")
            );
    }

    function _assertRefused(EquivocationEvidence memory evidence, Verdict verdict) private {
        (Verdict judged, bytes32 faultId) = _verifier.judgeEquivocation(evidence);
        assertTrue(judged == verdict && faultId == 0, "judged");
        assertTrue(_verifier.challengeEquivocation(evidence, CHALLENGER) == verdict, "challenged");
        assertEq(_verifier.faultCount(), 0, "nothing is recorded");
    }

    /// @dev Operators 1 and 2 of 0 to 3 signed both; they weigh 2 and 3.
    function test_CHV5_CHL11_challengeEquivocation_namesTheIntersectionOfSigners() public {
        EquivocationEvidence memory evidence = _evidence();
        (, bytes32 faultId) = _verifier.judgeEquivocation(evidence);
        vm.expectEmit();
        emit IChallengeVerifier.RivalRootSigned(faultId, ROOT_A, 1, 14);
        vm.expectEmit();
        emit IChallengeVerifier.RivalRootSigned(faultId, ROOT_B, 1, 7);
        vm.expectEmit();
        emit IChallengeVerifier.EquivocatorsNamed(faultId, 1, 6, 5);
        assertTrue(_verifier.challengeEquivocation(evidence, CHALLENGER) == Verdict.Proven, "proven");
        assertEq(_verifier.signersOf(faultId, ROOT_A, 1), 14, "all but 0");
        assertEq(_verifier.signersOf(faultId, ROOT_B, 1), 7, "all but 3");
        IFaultLedger.FaultRecord memory record = _verifier.faultRecord(faultId);
        assertTrue(record.fault == QuorumFault.Equivocation && record.sequenceNo == 7, "record");
    }

    function test_CHL11_challengeEquivocation_identical_isNoFault() public {
        CertifiedCommit memory one = _certified(_commit(7, ROOT_A), 0, 0, "");
        _assertRefused(EquivocationEvidence(one, one), Verdict.NoFault);
    }

    /// @dev An honest operator may be asked again for the root it voted for, at a later time.
    function test_CHV13_challengeEquivocation_sameRootLater_isNoFault() public {
        StateCommit memory later = _commit(7, ROOT_A);
        later.timestamp = 2_000;
        _assertRefused(
            EquivocationEvidence(_certified(_commit(7, ROOT_A), 0, 0, ""), _certified(later, 0, 0, "")),
            Verdict.NoFault
        );
    }

    function test_challengeEquivocation_otherNumbers_isRefused() public {
        _assertRefused(
            EquivocationEvidence(
                _certified(_commit(7, ROOT_A), 0, 0, ""),
                _certified(_commit(8, ROOT_B), 0, 0, "")
            ),
            Verdict.SequenceMismatch
        );
    }

    function test_CHV12_challengeEquivocation_certificateProvesNothing_isRefused() public {
        for (uint256 i = 0; i < 2; ++i) {
            EquivocationEvidence memory evidence = _evidence();
            CertifiedCommit memory broken = i == 0 ? evidence.one : evidence.other;
            broken.commit.timestamp += 1;
            _assertRefused(evidence, Verdict.CertificateRefused);
        }
    }

    function test_CHV12_challengeEquivocation_notTheQuorum_isRefused() public {
        EquivocationEvidence memory evidence = _evidence();
        bytes32[] memory digests = new bytes32[](1);
        digests[0] = _roots.digestOf(evidence.other.commit);
        _book.write(digests, evidence.other.certificate, 6_666, 10_000);
        _assertRefused(evidence, Verdict.InsufficientQuorum);
        _book.write(digests, evidence.other.certificate, 0, 0);
        _assertRefused(evidence, Verdict.InsufficientQuorum);
        _book.write(digests, evidence.other.certificate, 6_667, 10_000);
        assertTrue(_verifier.challengeEquivocation(evidence, CHALLENGER) == Verdict.Proven, "at the quorum");
    }

    /// @dev In either order, with other certificates, in other batches, at other times: one pair of roots is one fault.
    function test_CHV17_CHL02_challengeEquivocation_againOtherwise_isRecordedOnce() public {
        EquivocationEvidence memory evidence = _evidence();
        (, bytes32 faultId) = _verifier.judgeEquivocation(evidence);
        assertTrue(_verifier.challengeEquivocation(evidence, CHALLENGER) == Verdict.Proven, "proven");
        (evidence.one, evidence.other) = (evidence.other, evidence.one);
        StateCommit memory later = _commit(7, ROOT_A);
        later.timestamp = 2_000;
        evidence.other = _certified(later, 2, 3, hex"01");
        (Verdict verdict, bytes32 sameId) = _verifier.judgeEquivocation(evidence);
        assertTrue(verdict == Verdict.AlreadyRecorded && sameId == faultId, "judged");
        assertTrue(
            _verifier.challengeEquivocation(evidence, STRANGER) == Verdict.AlreadyRecorded,
            "challenged"
        );
        assertEq(_verifier.faultCount(), 1, "one fault");
        assertTrue(_verifier.faultRecord(faultId).challenger == CHALLENGER, "credited as before");
        // What the other certificate shows is added: operator 0 signed both, too.
        assertEq(_verifier.signersOf(faultId, ROOT_A, 1), 15, "everybody");
    }

    function test_challengeEquivocation_inTheMiddleOfBatches_isProven() public {
        EquivocationEvidence memory evidence = EquivocationEvidence(
            _certified(_commit(7, ROOT_A), 1, 30, hex"0102"),
            _certified(_commit(7, ROOT_B), 31, 0, hex"0203")
        );
        (, bytes32 faultId) = _verifier.judgeEquivocation(evidence);
        assertTrue(_verifier.challengeEquivocation(evidence, CHALLENGER) == Verdict.Proven, "proven");
        assertEq(_verifier.signersOf(faultId, ROOT_A, 1), 9, "0 and 3");
        assertEq(_verifier.signersOf(faultId, ROOT_B, 1), 3, "0 and 1");
        // The digests are the batch's, in its order.
        evidence.one.before[0] = keccak256("forged");
        (Verdict verdict, ) = _verifier.judgeEquivocation(evidence);
        assertTrue(verdict == Verdict.CertificateRefused, "another batch");
    }

    /// @dev Signers of two epochs are kept apart: index 0 of one is not index 0 of the other.
    function test_CHV5_challengeEquivocation_acrossEpochs_namesNobodyByIndex() public {
        _epochs.start(OPERATORS);
        EquivocationEvidence memory evidence = _evidence();
        bytes memory certificate = evidence.other.certificate;
        certificate[3] = 0x02;
        bytes32[] memory digests = new bytes32[](1);
        digests[0] = _roots.digestOf(evidence.other.commit);
        _book.write(digests, certificate, 3, 4);
        (, bytes32 faultId) = _verifier.judgeEquivocation(evidence);
        vm.recordLogs();
        assertTrue(_verifier.challengeEquivocation(evidence, CHALLENGER) == Verdict.Proven, "proven");
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            bool isNaming = logs[i].topics[0] == IChallengeVerifier.EquivocatorsNamed.selector;
            assertTrue(!isNaming, "nobody is named");
        }
        assertEq(_verifier.signersOf(faultId, ROOT_A, 1), 14, "in the first epoch");
        assertEq(_verifier.signersOf(faultId, ROOT_B, 2), 7, "in the second");
    }

    /// @dev With another verifier, or without operator sets, the format of the certificate is unknown.
    function test_challengeEquivocation_formatIsUnknown_isProvenAndNamesNobody() public {
        CertificateBook other = new CertificateBook();
        for (uint256 i = 0; i < 2; ++i) {
            EpochsStub epochs = i == 0 ? EpochsStub(address(0)) : _epochs;
            _verifier = _deploy(FaultRules(ISlashingHook(address(0)), 0), epochs);
            if (i == 1) {
                _roots.setVerifier(other);
                _book = other;
            }
            EquivocationEvidence memory evidence = _evidence();
            (, bytes32 faultId) = _verifier.judgeEquivocation(evidence);
            assertTrue(_verifier.challengeEquivocation(evidence, CHALLENGER) == Verdict.Proven, "proven");
            assertEq(_verifier.signersOf(faultId, ROOT_A, 1), 0, "nobody");
            assertEq(_verifier.signersOf(faultId, ROOT_A, 0), 0, "nobody");
        }
    }

    /// @dev The names are there when the hook is told.
    function test_challengeEquivocation_hookCanReadTheNames() public {
        HookStub hook = new HookStub();
        _verifier = _deploy(FaultRules(hook, 0), _epochs);
        assertTrue(_verifier.challengeEquivocation(_evidence(), CHALLENGER) == Verdict.Proven, "proven");
        assertTrue(_verifier.faultRecord(hook.lastFaultId()).isHookTold, "told");
    }

    /// @dev Every operator but those listed, for every count and list; 256 operators fill the word.
    function testFuzz_signersOf_anyList_isItsComplement(uint256 missing, uint16 countSeed) public view {
        uint256 operatorCount = 1 + (uint256(countSeed) % 256);
        uint256 all = operatorCount == 256 ? type(uint256).max : (1 << operatorCount) - 1;
        missing &= all;
        bytes memory nonSigners;
        for (uint256 i = 0; i < operatorCount; ++i) {
            if ((missing >> i) & 1 == 1) nonSigners = bytes.concat(nonSigners, bytes1(uint8(i)));
        }
        uint256 messageCount = 1 + (missing % 32);
        bytes memory certificate = _certificate(messageCount, nonSigners);
        uint256 signers = this.readSigners(certificate, messageCount, operatorCount);
        assertEq(signers, all & ~missing, "complement");
        assertEq(this.readEpoch(certificate), 1, "epoch");
    }

    function readSigners(
        bytes calldata certificate,
        uint256 messageCount,
        uint256 operatorCount
    ) external pure returns (uint256) {
        return BlsSigners.signersOf(certificate, messageCount, operatorCount);
    }

    function readEpoch(bytes calldata certificate) external pure returns (uint32) {
        return BlsSigners.epochOf(certificate);
    }
}
