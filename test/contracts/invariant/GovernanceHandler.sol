// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {VerifierStub} from "../VerifierStub.sol";
import {GovernanceModel} from "./GovernanceModel.sol";
import {GuidedHandler} from "./GuidedHandler.sol";
import {StateCommitRegistry} from "../../../contracts/StateCommitRegistry.sol";
import {CommitRules} from "../../../contracts/interfaces/ICommitGovernance.sol";
import {IEnclaveRegistry} from "../../../contracts/interfaces/IEnclaveRegistry.sol";
import {IQuorumVerifier} from "../../../contracts/interfaces/IQuorumVerifier.sol";
import {CertificateFault} from "../../../contracts/types/CertificateFault.sol";
import {DaCertHash} from "../../../contracts/types/DaCertHash.sol";
import {StateCommit} from "../../../contracts/types/StateCommit.sol";
import {StateRecovery} from "../../../contracts/types/StateRecovery.sol";
import {StateRoot} from "../../../contracts/types/StateRoot.sol";

/// @dev Drives the governance of a registry, well and badly, and holds each outcome to the model. Numbers of claims are
///      those of the invariants GOV1, GOV2, … of docs/Invariants.md.
contract GovernanceHandler is GuidedHandler, GovernanceModel {
    uint256 private constant HEAD_SLOT = 4;
    uint256 private constant AMENDED_BIT = 1 << 81;

    StateCommitRegistry public immutable REGISTRY;
    VerifierStub[2] private _verifiers;
    CommitRules private _deployed;
    CommitRules private _lastProposed;
    StateRecovery private _lastRecovery;

    constructor() {
        vm.warp(_clock);
        _verifiers = [new VerifierStub(), new VerifierStub()];
        _rules = _deployed = CommitRules(_verifiers[0], 6_700, 60, 600);
        REGISTRY = new StateCommitRegistry(
            address(this),
            _deployed.verifier,
            IEnclaveRegistry(address(0)),
            _deployed.quorumBps,
            _deployed.maxSkewSeconds,
            _deployed.heartbeatSeconds,
            DELAY_SECONDS
        );
    }

    // -- Rules --

    function proposeRules(uint256 seed, uint16 waitSeconds) external at(waitSeconds) {
        seed = _mix(seed);
        CommitRules memory rules = _rulesFrom(seed);
        bool isStranger = seed % 16 == 0;
        bytes4 expected = _ownerFault(isStranger);
        if (expected == 0) expected = _boundsFault(rules);
        if (_call(abi.encodeCall(REGISTRY.proposeRules, (rules)), isStranger, expected)) {
            _lastProposed = rules;
            _proposedRules = Proposal(keccak256(abi.encode(rules)), _clock + DELAY_SECONDS);
        }
        _claimReads();
    }

    function enactRules(uint256 seed) external at(_waitFor(_proposedRules, seed = _mix(seed))) {
        CommitRules memory rules = _lastProposed;
        if (seed % 8 == 1) rules.quorumBps ^= 1;
        if (seed % 8 == 2) rules.heartbeatSeconds += 1;
        bool isStranger = seed % 16 == 3;
        bytes4 expected = _ownerFault(isStranger);
        if (expected == 0) expected = _dueFault(_proposedRules, _clock);
        bool isTheProposal = keccak256(abi.encode(rules)) == _proposedRules.hash;
        if (expected == 0 && !isTheProposal) expected = NOT_THE_PROPOSAL;
        bool isDue = _isDue(_proposedRules, _clock);
        if (_call(abi.encodeCall(REGISTRY.enactRules, (rules)), isStranger, expected)) {
            _claim(2, isDue);
            _claim(3, isTheProposal);
            _rules = rules;
            delete _proposedRules;
            _count("rules");
        }
        _claimReads();
    }

    function cancelRules(uint8 seed) external at(1) {
        bool isStranger = seed % 4 == 0;
        bytes4 expected = _ownerFault(isStranger);
        if (expected == 0 && _proposedRules.executableAt == 0) expected = NOTHING_PROPOSED;
        // Seldom, or hardly any proposal would grow old enough.
        if (seed >= 64 && _proposedRules.executableAt != 0) return;
        if (_call(abi.encodeCall(REGISTRY.cancelRulesProposal, ()), isStranger, expected)) {
            delete _proposedRules;
        }
        _claimReads();
    }

    // -- Commits --

    /// @dev A commit that keeps to the deployed rules or goes a little further, whichever are in force.
    function commit(uint256 seed, uint16 waitSeconds) external at(waitSeconds) {
        seed = _mix(seed);
        StateCommit memory next = _nextCommit(seed);
        Answer memory answer = _answerFrom(seed >> 32);
        _prepare(REGISTRY.digestOf(next), answer);
        bytes4 expected = _commitFault(next, answer, _clock);
        bool isAmended = _isAmended();
        bytes memory call = abi.encodeCall(REGISTRY.commitStateRoot, (next, ""));
        (bool ok, bytes memory reason) = address(REGISTRY).call(call);
        _claim(13, ok ? expected == 0 : _selectorOf(reason) == expected);
        if (ok) {
            _advance(next.sequenceNo, StateRoot.unwrap(next.newStateRoot), next.timestamp, _clock);
            _claim(12, _isAmended() == isAmended);
            _count("commit");
        }
        _claimReads();
    }

    function pauseOrResume(uint8 seed) external at(1) {
        bool isPaused = seed % 4 == 0;
        if (isPaused) REGISTRY.pauseCommits();
        else REGISTRY.resumeCommits();
        _head.isPaused = isPaused;
        _claimReads();
    }

    // -- Recoveries --

    function proposeRecovery(uint256 seed, uint16 waitSeconds) external at(waitSeconds) {
        seed = _mix(seed);
        StateRecovery memory recovery = _recoveryFrom(seed);
        Answer memory answer = _answerFrom(seed >> 32);
        bool isStranger = seed % 16 == 0;
        bytes32 digest = REGISTRY.digestOfRecovery(recovery);
        _prepare(digest, answer);
        bytes4 expected = _ownerFault(isStranger);
        if (expected == 0) expected = _recoveryFault(recovery, answer, _clock);
        if (_call(abi.encodeCall(REGISTRY.proposeRecovery, (recovery, "")), isStranger, expected)) {
            _claim(6, _quorumFault(answer) == 0);
            _lastRecovery = recovery;
            _proposedRecovery = Proposal(digest, _clock + DELAY_SECONDS);
        }
        _claimReads();
    }

    function enactRecovery(uint256 seed) external at(_waitFor(_proposedRecovery, seed = _mix(seed))) {
        StateRecovery memory recovery = _lastRecovery;
        if (seed % 8 == 1) recovery.reasonHash ^= bytes32(uint256(1));
        Answer memory answer = _answerFrom(seed >> 32);
        bool isStranger = seed % 16 == 3;
        bytes32 digest = REGISTRY.digestOfRecovery(recovery);
        _prepare(digest, answer);
        bytes4 expected = _ownerFault(isStranger);
        if (expected == 0) expected = _dueFault(_proposedRecovery, _clock);
        if (expected == 0 && digest != _proposedRecovery.hash) expected = NOT_THE_PROPOSAL;
        if (expected == 0) expected = _recoveryFault(recovery, answer, _clock);
        bool isDue = _isDue(_proposedRecovery, _clock);
        if (_call(abi.encodeCall(REGISTRY.enactRecovery, (recovery, "")), isStranger, expected)) {
            _claim(2, isDue);
            _claim(3, digest == _proposedRecovery.hash);
            _enter(recovery, answer);
        }
        _claimReads();
    }

    /// @dev The owner asks for a recovery with what the quorum signed as a commit, field by field the same, and the other
    ///      way round.
    function confuse(uint256 seed) external at(1) {
        StateCommit memory next = _nextCommit(_mix(seed) | 1);
        next.newStateRoot = StateRoot.wrap(keccak256(abi.encode("confused", seed)));
        next.daCertHash = DaCertHash.wrap("manifest");
        next.timestamp = _head.timestamp < _clock ? _clock : _head.timestamp + 1;
        StateRecovery memory recovery = StateRecovery(
            next.sequenceNo,
            next.prevStateRoot,
            next.newStateRoot,
            next.timestamp,
            next.daCertHash,
            "confused"
        );
        _prepare(REGISTRY.digestOf(next), Answer(CertificateFault.None, 3, 3));
        (bool isTaken, ) = address(REGISTRY).call(abi.encodeCall(REGISTRY.proposeRecovery, (recovery, "")));
        _claim(9, !isTaken);
        _prepare(REGISTRY.digestOfRecovery(recovery), Answer(CertificateFault.None, 3, 3));
        (isTaken, ) = address(REGISTRY).call(abi.encodeCall(REGISTRY.commitStateRoot, (next, "")));
        _claim(9, !isTaken);
        _count("confused");
    }

    function cancelRecovery(uint8 seed) external at(1) {
        bool isStranger = seed % 4 == 0;
        bytes4 expected = _ownerFault(isStranger);
        if (expected == 0 && _proposedRecovery.executableAt == 0) expected = NOTHING_PROPOSED;
        if (seed >= 64 && _proposedRecovery.executableAt != 0) return;
        if (_call(abi.encodeCall(REGISTRY.cancelRecoveryProposal, ()), isStranger, expected)) {
            delete _proposedRecovery;
        }
        _claimReads();
    }

    function _enter(StateRecovery memory recovery, Answer memory answer) private {
        _claim(6, _quorumFault(answer) == 0);
        _claim(7, recovery.sequenceNo == _head.sequenceNo + 1);
        _claim(7, StateRoot.unwrap(recovery.lostStateRoot) == _head.root);
        _claim(12, REGISTRY.isPaused() == _head.isPaused);
        _advance(recovery.sequenceNo, StateRoot.unwrap(recovery.newStateRoot), recovery.timestamp, _clock);
        _recoveries.push(recovery.sequenceNo);
        delete _proposedRecovery;
        _count("recovery");
    }

    // -- Making --

    bytes4 private constant NOT_THE_PROPOSAL = bytes4(keccak256("NotTheProposal()"));
    bytes4 private constant NOTHING_PROPOSED = bytes4(keccak256("NothingProposed()"));

    /// @dev Sound in most cases; those of the deployment now and then.
    function _rulesFrom(uint256 seed) private view returns (CommitRules memory rules) {
        if (seed % 5 == 0) return _deployed;
        rules = CommitRules(
            _verifiers[(seed >> 8) % 2],
            uint16(6_667 + ((seed >> 16) % 3_334)),
            uint32((seed >> 32) % 901),
            uint32(600 + ((seed >> 64) % 4_000))
        );
        uint256 twist = (seed >> 96) % 16;
        if (twist == 0) rules.quorumBps = uint16((seed >> 128) % 6_667);
        if (twist == 1) rules.quorumBps = 10_001;
        if (twist == 2) rules.maxSkewSeconds = 901;
        if (twist == 3) rules.heartbeatSeconds = 599;
        if (twist == 4) rules.heartbeatSeconds = 604_801;
        if (twist == 5) rules.verifier = IQuorumVerifier(address(0xbad));
    }

    /// @dev A short wait, or up to the moment when the proposal may come into force or no longer may.
    function _waitFor(Proposal memory proposal, uint256 seed) private view returns (uint256) {
        uint64 dueAt = proposal.executableAt;
        uint256 choice = (seed >> 200) % 8;
        if (choice > 5 && dueAt + GRACE_SECONDS >= _clock)
            return dueAt + GRACE_SECONDS - _clock + (choice - 6);
        if (choice > 0 && dueAt > _clock) return dueAt - _clock - (choice == 1 ? 1 : 0);
        return 1;
    }

    /// @dev Signed by about as much as a quorum is, or refused.
    function _answerFrom(uint256 seed) private view returns (Answer memory) {
        if (seed % 16 == 0) return Answer(CertificateFault.InvalidSignature, 0, 0);
        if (seed % 2 == 0) return Answer(CertificateFault.None, 10_000, 10_000);
        return Answer(CertificateFault.None, uint256(_rules.quorumBps) - 1 + ((seed >> 8) % 3), 10_000);
    }

    /// @dev The verifier in force gives this answer on this digest; the other one accepts nothing.
    function _prepare(bytes32 digest, Answer memory answer) private {
        for (uint256 i = 0; i < 2; ++i) {
            bool isInForce = address(_verifiers[i]) == address(_rules.verifier);
            if (isInForce) _verifiers[i].answer(answer.fault, answer.signedWeight, answer.totalWeight);
            else _verifiers[i].answer(CertificateFault.UnknownEpoch, 0, 0);
            _verifiers[i].expect(digest);
        }
    }

    function _nextCommit(uint256 seed) private view returns (StateCommit memory next) {
        bool isHeartbeat = seed % 8 == 0 && _head.sequenceNo != 0;
        next.version = 2;
        next.sequenceNo = _head.sequenceNo + 1;
        next.prevStateRoot = StateRoot.wrap(_head.root);
        next.newStateRoot =
            isHeartbeat ? next.prevStateRoot : StateRoot.wrap(keccak256(abi.encode(seed, _head.sequenceNo)));
        next.timestamp = _clock > _head.timestamp ? _clock : _head.timestamp + 1;
        // Around what may be ahead, too.
        if (seed % 7 == 0) next.timestamp = _clock + _rules.maxSkewSeconds + uint64((seed >> 8) % 2);
        if (next.timestamp <= _head.timestamp) next.timestamp = _head.timestamp + 1;
        if (!isHeartbeat) next.daCertHash = DaCertHash.wrap("manifest");
    }

    function _recoveryFrom(uint256 seed) private view returns (StateRecovery memory recovery) {
        recovery.sequenceNo = _head.sequenceNo + 1;
        recovery.lostStateRoot = StateRoot.wrap(_head.root);
        recovery.newStateRoot = StateRoot.wrap(keccak256(abi.encode("recovered", seed, _head.sequenceNo)));
        recovery.timestamp = _clock > _head.timestamp ? _clock : _head.timestamp + 1;
        recovery.daCertHash = DaCertHash.wrap("manifest");
        recovery.reasonHash = "fire";
        uint256 twist = (seed >> 96) % 24;
        if (twist == 0) recovery.sequenceNo += 1;
        if (twist < 3) recovery.lostStateRoot = StateRoot.wrap(_rootOf[_head.sequenceNo / 2]);
        if (twist == 3) recovery.newStateRoot = recovery.lostStateRoot;
        if (twist == 4) recovery.newStateRoot = StateRoot.wrap(0);
        if (twist == 5) recovery.timestamp = _head.timestamp;
        if (twist == 6) recovery.timestamp = _clock + _rules.maxSkewSeconds + 1;
        if (twist == 7) recovery.daCertHash = DaCertHash.wrap(0);
        if (twist == 8) recovery.reasonHash = 0;
    }

    // -- Claims --

    /// @dev Whether the registry took the call, which it must iff `expected` is zero. A refusal has its name and changes
    ///      nothing, and strangers are always refused.
    function _call(bytes memory call, bool isStranger, bytes4 expected) private returns (bool ok) {
        bytes32 before = _stateHash();
        if (isStranger) vm.prank(address(0xbad));
        bytes memory reason;
        (ok, reason) = address(REGISTRY).call(call);
        if (isStranger) _claim(11, !ok);
        if (ok) {
            _claim(10, expected == 0);
        } else {
            _claim(10, _selectorOf(reason) == expected && expected != 0 && _stateHash() == before);
            _count(_selectorOf(reason));
            _count("refused");
        }
    }

    /// @dev What the registry says of itself is what the model says.
    function _claimReads() private {
        CommitRules memory rules = CommitRules(
            REGISTRY.verifier(),
            REGISTRY.quorumBps(),
            REGISTRY.maxSkewSeconds(),
            REGISTRY.heartbeatSeconds()
        );
        bytes32 inForce = keccak256(abi.encode(rules));
        _claim(1, inForce == keccak256(abi.encode(_rules)));
        _claim(4, _boundsFault(rules) == 0);
        _claim(5, _isAmended() == (inForce != keccak256(abi.encode(_deployed))));
        uint64 newest = _head.sequenceNo;
        uint64[4] memory numbers = [0, newest / 2, newest, newest + 1];
        for (uint256 i = 0; i < 4; ++i) {
            uint64 number = numbers[i];
            _claim(8, REGISTRY.lastRecoveryUpTo(number) == _lastRecoveryUpTo(number));
            bool isRetained = number != 0 && number <= newest && number + 720 > newest;
            bytes32 wanted = isRetained ? _rootOf[number] : bytes32(0);
            _claim(7, StateRoot.unwrap(REGISTRY.tryStateRootAt(number)) == wanted);
        }
        uint64 lastRecovery = _lastRecoveryUpTo(newest);
        if (lastRecovery != 0) {
            _claim(8, REGISTRY.lastRecoveryUpTo(lastRecovery) == lastRecovery);
            _claim(8, REGISTRY.lastRecoveryUpTo(lastRecovery - 1) == _lastRecoveryUpTo(lastRecovery - 1));
        }
        _claim(12, REGISTRY.isPaused() == _head.isPaused);
    }

    function _isAmended() private view returns (bool) {
        return uint256(vm.load(address(REGISTRY), bytes32(HEAD_SLOT))) & AMENDED_BIT != 0;
    }

    function _stateHash() private view returns (bytes32) {
        (CommitRules memory proposed, uint64 rulesAt) = REGISTRY.proposedRules();
        (bytes32 digest, uint64 recoveryAt) = REGISTRY.proposedRecovery();
        bytes32 head = vm.load(address(REGISTRY), bytes32(HEAD_SLOT));
        return keccak256(abi.encode(head, proposed, rulesAt, digest, recoveryAt, REGISTRY.quorumBps()));
    }
}
