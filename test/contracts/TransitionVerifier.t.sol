// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {HookStub} from "./helpers/HookStubs.sol";
import {StandingFixture} from "./helpers/StandingFixture.sol";
import {TransitionVerifier} from "../../contracts/TransitionVerifier.sol";
import {ISignedCommits} from "../../contracts/interfaces/ISignedCommits.sol";
import {IStateCommitRegistry} from "../../contracts/interfaces/IStateCommitRegistry.sol";
import {IFaultLedger} from "../../contracts/interfaces/IFaultLedger.sol";
import {ITransitionVerifier} from "../../contracts/interfaces/ITransitionVerifier.sol";
import {CertificateFault} from "../../contracts/types/CertificateFault.sol";
import {QuorumFault} from "../../contracts/types/Challenge.sol";
import {CommitStanding, SignedCommit} from "../../contracts/types/SignedCommit.sol";
import {StateRoot} from "../../contracts/types/StateRoot.sol";
import {TransitionEvidence, TransitionFault, TransitionVerdict} from "../../contracts/types/Transition.sol";
import {ValueHash} from "../../contracts/types/ValueHash.sol";

contract TransitionVerifierTest is StandingFixture {
    address private constant CHALLENGER = address(0xc0ffee);

    TransitionVerifier private _judge;
    string[] private _names;
    bytes[] private _evidence;
    uint256[] private _verdicts;
    uint256[] private _faults;

    function setUp() public {
        _judge = _newJudge(_openRegistry());
        string memory json = vm.readFile("test/vectors/transitions.json");
        vm.chainId(vm.parseJsonUint(json, ".chainId"));
        _names = vm.parseJsonStringArray(json, ".names");
        _evidence = vm.parseJsonBytesArray(json, ".evidence");
        _verdicts = vm.parseJsonUintArray(json, ".verdicts");
        _faults = vm.parseJsonUintArray(json, ".faults");
    }

    function _newJudge(IStateCommitRegistry registry) private returns (TransitionVerifier) {
        return new TransitionVerifier(address(this), registry, _faultRules(), DELAY_SECONDS);
    }

    /// @dev Evidence of this name, whose roots stand on the chain.
    function _named(string memory name) private returns (TransitionEvidence memory evidence) {
        for (uint256 i = 0; i < _names.length; ++i) {
            if (keccak256(bytes(_names[i])) != keccak256(bytes(name))) continue;
            evidence = abi.decode(_evidence[i], (TransitionEvidence));
            _retain(evidence.signed);
            return evidence;
        }
        assertTrue(false, name);
    }

    /// @dev Both forms give this verdict, and nothing is recorded.
    function _assertRefused(TransitionEvidence memory evidence, TransitionVerdict wanted) private {
        uint256 before = _judge.faultCount();
        (TransitionVerdict verdict, TransitionFault fault, bytes32 faultId) = _judge.judgeTransition(
            evidence
        );
        assertEq(uint256(verdict), uint256(wanted), "judged");
        assertTrue(fault == TransitionFault.None && faultId == 0, "no fault");
        (verdict, fault) = _judge.challengeTransition(evidence, CHALLENGER);
        assertEq(uint256(verdict), uint256(wanted), "challenged");
        assertEq(_judge.faultCount(), before, "nothing is recorded");
    }

    function _assertProven(TransitionEvidence memory evidence) private view {
        (TransitionVerdict verdict, , ) = _judge.judgeTransition(evidence);
        assertEq(uint256(verdict), uint256(TransitionVerdict.Proven), "proven");
    }

    // -- Vectors --

    function test_TRC6_challengeTransition_vectors_haveTheExpectedVerdict() public {
        assertTrue(_names.length >= 75, "at least 75 vectors");
        for (uint256 i = 0; i < _names.length; ++i) {
            TransitionEvidence memory evidence = abi.decode(_evidence[i], (TransitionEvidence));
            // A judge of its own, so that one commit's faults do not hide each other.
            _judge = _newJudge(IStateCommitRegistry(address(_registry)));
            _retain(evidence.signed);
            (TransitionVerdict verdict, TransitionFault fault, bytes32 faultId) = _judge.judgeTransition(
                evidence
            );
            assertEq(uint256(verdict), _verdicts[i], _names[i]);
            assertEq(uint256(fault), _faults[i], _names[i]);
            bool isProven = verdict == TransitionVerdict.Proven;
            assertTrue((faultId != 0) == isProven, "an id if and only if proven");
            _judge.challengeTransition(evidence, CHALLENGER);
            assertEq(_judge.faultCount(), isProven ? 1 : 0, _names[i]);
        }
    }

    function test_TRC1_CHL03_judgeTransition_honestVectors_areNoFault() public {
        uint256 honest = 0;
        for (uint256 i = 0; i < _names.length; ++i) {
            if (_verdicts[i] != uint256(TransitionVerdict.NoFault)) continue;
            ++honest;
            TransitionEvidence memory evidence = abi.decode(_evidence[i], (TransitionEvidence));
            _retain(evidence.signed);
            _assertRefused(evidence, TransitionVerdict.NoFault);
        }
        assertTrue(honest >= 7, "honest vectors");
    }

    // -- Records --

    function test_TRC2_CHL02_challengeTransition_otherEvidenceOfTheSameCommit_isRecordedOnce() public {
        TransitionEvidence memory evidence = _named("another root");
        (, , bytes32 faultId) = _judge.judgeTransition(evidence);
        vm.expectEmit();
        StateRoot root = evidence.signed.commit.newStateRoot;
        emit ITransitionVerifier.TransitionRefuted(faultId, 2, root, TransitionFault.RootMismatch);
        vm.expectEmit();
        emit IFaultLedger.FaultProven(
            faultId,
            QuorumFault.InvalidTransition,
            StateRoot.unwrap(root),
            2,
            CHALLENGER
        );
        _judge.challengeTransition(evidence, CHALLENGER);
        IFaultLedger.FaultRecord memory kept = _judge.faultRecord(faultId);
        assertTrue(kept.fault == QuorumFault.InvalidTransition, "fault");
        assertTrue(_judge.transitionFault(faultId) == TransitionFault.RootMismatch, "rule");
        assertEq(kept.sequenceNo, 2, "commit");
        assertEq(kept.recordedAt, uint64(block.timestamp), "time");
        assertTrue(kept.challenger == CHALLENGER, "challenger");

        // The same root, signed with another manifest, and shown by that alone.
        evidence.signed.commit.daCertHash = _named("manifest: nothing").signed.commit.daCertHash;
        evidence.manifest = "";
        _retain(evidence.signed);
        (TransitionVerdict verdict, TransitionFault fault) = _judge.challengeTransition(evidence, address(8));
        assertTrue(verdict == TransitionVerdict.AlreadyRecorded, "recorded before");
        assertTrue(fault == TransitionFault.RootMismatch, "as it was recorded");
        assertEq(_judge.faultCount(), 1, "one fault");
        assertTrue(_judge.faultRecord(faultId).challenger == CHALLENGER, "credit stays");
    }

    function test_CHL05_challengeTransition_copiedByAnother_creditsTheNamedAccount() public {
        TransitionEvidence memory evidence = _named("another root");
        vm.prank(address(9));
        _judge.challengeTransition(evidence, CHALLENGER);
        (, , bytes32 faultId) = _judge.judgeTransition(evidence);
        assertTrue(_judge.faultRecord(faultId).challenger == CHALLENGER, "not the sender");
    }

    function _withHook() private returns (HookStub hook, TransitionEvidence memory evidence) {
        hook = new HookStub();
        _hook = hook;
        _judge = _newJudge(_openRegistry());
        evidence = _named("another root");
    }

    function test_CHL07_GAS06_challengeTransition_hookWouldBeStarved_changesNothing() public {
        (, TransitionEvidence memory evidence) = _withHook();
        vm.expectPartialRevert(IFaultLedger.InsufficientHookGas.selector);
        _judge.challengeTransition{gas: 650_000}(evidence, CHALLENGER);
        assertEq(_judge.faultCount(), 0, "nothing is recorded");
    }

    function test_CHL07_challengeTransition_hook_isToldAndCannotReenter() public {
        (HookStub hook, TransitionEvidence memory evidence) = _withHook();
        (, , bytes32 faultId) = _judge.judgeTransition(evidence);
        hook.reenterWith(abi.encodeCall(ITransitionVerifier.challengeTransition, (evidence, address(8))));
        _judge.challengeTransition(evidence, CHALLENGER);
        assertTrue(_judge.faultRecord(faultId).isHookTold && hook.wasOnRecord(), "told after the record");
        assertTrue(hook.lastFault() == QuorumFault.InvalidTransition, "of what");
        assertTrue(hook.lastChallenger() == CHALLENGER, "whose");
        bytes4 reentrant = ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector;
        assertTrue(hook.refusal() == reentrant, "did not get in");
        assertEq(_judge.faultCount(), 1, "one fault");
    }

    function test_CHL05_claimFault_announcedBeforeACopy_isCreditedAndPaid() public {
        vm.deal(address(this), REWARD_WEI);
        _judge.fundPool{value: REWARD_WEI}();
        TransitionEvidence memory evidence = _named("another root");
        (, , bytes32 faultId) = _judge.judgeTransition(evidence);
        _judge.announceFault(keccak256(abi.encode(faultId, CHALLENGER, bytes32("salt"))));
        vm.roll(block.number + 1);
        vm.prank(address(9));
        _judge.challengeTransition(evidence, address(0));
        assertTrue(_judge.faultRecord(faultId).challenger == address(9), "the copier, for now");
        _judge.claimFault(faultId, CHALLENGER, "salt");
        vm.warp(block.timestamp + 1 days + 1);
        _judge.payReward(faultId);
        assertEq(CHALLENGER.balance, REWARD_WEI, "paid to who announced it");
        assertEq(address(9).balance, 0, "the copier gets nothing");
    }

    function test_TRC5_judgeTransition_anotherCommitOrRegistry_hasAnotherId() public {
        TransitionEvidence memory evidence = _named("manifest: nothing");
        (, , bytes32 first) = _judge.judgeTransition(evidence);
        evidence.signed.commit.newStateRoot = StateRoot.wrap(keccak256("other"));
        _retain(evidence.signed);
        (, , bytes32 second) = _judge.judgeTransition(evidence);
        evidence.signed.commit.sequenceNo = 3;
        _retain(evidence.signed);
        (, , bytes32 third) = _judge.judgeTransition(evidence);
        _judge = _newJudge(_openRegistry());
        _retain(evidence.signed);
        (, , bytes32 fourth) = _judge.judgeTransition(evidence);
        assertTrue(first != 0 && first != second && second != third && third != fourth, "four ids");
    }

    // -- Standing --

    function test_TRC3_judgeTransition_commitIsNotTheRetainedOne_isRefused() public {
        TransitionEvidence memory evidence = _named("another root");
        bytes32 prev = StateRoot.unwrap(evidence.signed.commit.prevStateRoot);
        _setRoot(2, 0);
        _assertRefused(evidence, TransitionVerdict.RootNotRetained);
        _setRoot(2, keccak256("other"));
        _assertRefused(evidence, TransitionVerdict.OtherRoots);
        _retain(evidence.signed);
        _setRoot(1, keccak256("other"));
        _assertRefused(evidence, TransitionVerdict.OtherRoots);
        _setRoot(1, 0);
        _assertRefused(evidence, TransitionVerdict.RootNotRetained);
        _setRoot(1, prev);
        _assertProven(evidence);
        evidence.signed.commit.sequenceNo = 0;
        _setRoot(0, prev);
        _assertRefused(evidence, TransitionVerdict.RootNotRetained);
    }

    function test_TRC3_judgeTransition_firstCommitExtendsARoot_isRefused() public {
        TransitionEvidence memory evidence = _named("another first root");
        _assertProven(evidence);
        evidence.signed.commit.prevStateRoot = StateRoot.wrap(keccak256("root"));
        _retain(evidence.signed);
        _assertRefused(evidence, TransitionVerdict.OtherRoots);
    }

    function test_TRC3_judgeTransition_stepIsARecovery_isRefused() public {
        TransitionEvidence memory evidence = _named("another root");
        _registry.setRecovery(2);
        _assertRefused(evidence, TransitionVerdict.RecoveryStep);
        // The state that the recovery went on from is what the next commit extends.
        _registry.setRecovery(1);
        _assertProven(evidence);
    }

    function test_TRC4_judgeTransition_quorumDidNotSign_isRefused() public {
        TransitionEvidence memory evidence = _named("another root");
        _registry.setWeight(CertificateFault.None, 6_666, 10_000);
        _assertProven(evidence);
        _registry.setWeight(CertificateFault.None, 6_665, 10_000);
        _assertRefused(evidence, TransitionVerdict.NotSigned);
        _registry.setWeight(CertificateFault.None, 0, 0);
        _assertRefused(evidence, TransitionVerdict.NotSigned);
        _registry.setWeight(CertificateFault.UnknownEpoch, 3, 3);
        _assertRefused(evidence, TransitionVerdict.NotSigned);
        _registry.setWeight(CertificateFault.None, 3, 3);
        evidence.signed.certificate = abi.encode(keccak256("another digest"));
        _assertRefused(evidence, TransitionVerdict.NotSigned);
    }

    function test_TRC4_judgeTransition_certificateOfABatch_provesItsMembersOnly() public {
        TransitionEvidence memory evidence = _named("another root");
        bytes32[] memory digests = new bytes32[](2);
        (digests[0], digests[1]) = (keccak256("before"), _registry.digestOf(evidence.signed.commit));
        evidence.signed.digests = digests;
        evidence.signed.certificate = abi.encode(keccak256(abi.encodePacked(digests)));
        _assertProven(evidence);
        digests[1] = keccak256("other");
        evidence.signed.digests = digests;
        evidence.signed.certificate = abi.encode(keccak256(abi.encodePacked(digests)));
        _assertRefused(evidence, TransitionVerdict.NotSigned);
    }

    function test_TRC7_attestCommit_epochHasEnded_staysProvable() public {
        TransitionEvidence memory evidence = _named("another root");
        bytes32 digest = _registry.digestOf(evidence.signed.commit);
        assertTrue(!_judge.isAttested(digest), "not yet");
        vm.expectEmit();
        emit ISignedCommits.CommitAttested(digest, 2);
        _judge.attestCommit(evidence.signed);
        assertTrue(_judge.isAttested(digest), "attested");
        vm.recordLogs();
        _judge.attestCommit(evidence.signed);
        assertEq(vm.getRecordedLogs().length, 0, "once");
        _registry.setWeight(CertificateFault.EpochExpired, 0, 0);
        _assertProven(evidence);
        // Of the same roots, but not what was attested.
        evidence.signed.commit.timestamp += 1;
        _assertRefused(evidence, TransitionVerdict.NotSigned);
    }

    function test_TRC7_attestCommit_isNotSigned_reverts() public {
        TransitionEvidence memory evidence = _named("another root");
        _registry.setWeight(CertificateFault.None, 0, 3);
        vm.expectRevert(
            abi.encodeWithSelector(ISignedCommits.InvalidCommit.selector, CommitStanding.NotSigned)
        );
        _judge.attestCommit(evidence.signed);
        assertTrue(!_judge.isAttested(_registry.digestOf(evidence.signed.commit)), "not attested");
    }

    function test_attestCommit_certificateOrBatchIsTooLong_reverts() public {
        TransitionEvidence memory evidence = _named("another root");
        SignedCommit memory signed = evidence.signed;
        signed.certificate = new bytes(32_769);
        vm.expectRevert(
            abi.encodeWithSelector(ISignedCommits.InvalidCommit.selector, CommitStanding.NotSigned)
        );
        _judge.attestCommit(signed);
        signed.certificate = "";
        signed.digests = new bytes32[](33);
        vm.expectRevert(
            abi.encodeWithSelector(ISignedCommits.InvalidCommit.selector, CommitStanding.NotSigned)
        );
        _judge.attestCommit(signed);
    }

    // -- Bounds --

    function test_CHL13_judgeTransition_anyPartIsTooLong_isEvidenceTooLarge() public {
        for (uint256 part = 0; part < 7; ++part) {
            TransitionEvidence memory evidence = _named("another root");
            if (part == 0) evidence.signed.certificate = new bytes(32_769);
            if (part == 1) evidence.signed.digests = new bytes32[](33);
            if (part == 2) evidence.manifest = new bytes(65_537);
            if (part == 3) evidence.delta = new bytes(65_537);
            if (part == 4) evidence.oldValueHashes = new ValueHash[](321);
            if (part == 5) evidence.proof = new bytes(131_073);
            if (part == 6) evidence.openings = new bytes(65 * 320 + 1);
            _assertRefused(evidence, TransitionVerdict.EvidenceTooLarge);
        }
    }

    /// @dev Whatever becomes of manifest, delta or proof, there is a verdict, and none is a fault.
    function testFuzz_TRC8_judgeTransition_editedEvidence_isRefusedWithoutARevert(
        uint256 part,
        uint256 index,
        bytes1 mask,
        uint256 length
    ) public {
        TransitionEvidence memory evidence = _named("three leaves removed");
        part %= 5;
        bytes memory bytes_ =
            part == 0
                ? evidence.manifest
                : part == 1
                    ? evidence.delta
                    : part == 2
                        ? evidence.proof
                        : evidence.openings;
        if (part == 4) {
            index %= evidence.oldValueHashes.length;
            evidence.oldValueHashes[index] = ValueHash.wrap(bytes32(length));
        } else if (bytes_.length != 0) {
            bytes_[index % bytes_.length] ^= mask == 0 ? bytes1(0x01) : mask;
            length %= bytes_.length + 1;
            if (index % 3 == 0) {
                assembly ("memory-safe") {
                    mstore(bytes_, length)
                }
            }
        }
        (TransitionVerdict verdict, TransitionFault fault, bytes32 faultId) = _judge.judgeTransition(
            evidence
        );
        assertTrue(verdict != TransitionVerdict.Proven && verdict != TransitionVerdict.Unset, "no proof");
        assertTrue(fault == TransitionFault.None && faultId == 0, "no fault");
    }

    // -- Settings --

    function test_constructor_registryIsZero_reverts() public {
        vm.expectRevert(IFaultLedger.ZeroAddress.selector);
        _newJudge(IStateCommitRegistry(address(0)));
    }

    function test_stateCommitRegistry_isWhatItWasMadeWith() public view {
        assertTrue(address(_judge.stateCommitRegistry()) == address(_registry), "registry");
    }
}
