// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Vm} from "../../Cheats.sol";
import {VerifierStub} from "../VerifierStub.sol";
import {CommitModel} from "./CommitModel.sol";
import {CommitTwists} from "./CommitTwists.sol";
import {GuidedHandler} from "./GuidedHandler.sol";
import {StateCommitRegistry} from "../../../contracts/StateCommitRegistry.sol";
import {IEnclaveRegistry} from "../../../contracts/interfaces/IEnclaveRegistry.sol";
import {IStateCommitRegistry} from "../../../contracts/interfaces/IStateCommitRegistry.sol";
import {IStateRootCommittable} from "../../../contracts/interfaces/IStateRootCommittable.sol";
import {CommitMessage} from "../../../contracts/libraries/CommitMessage.sol";
import {StateCommit} from "../../../contracts/types/StateCommit.sol";
import {StateRoot} from "../../../contracts/types/StateRoot.sol";

/// @dev Drives a registry with commits good and bad, alone and in batches, and holds each outcome to the model. Numbers
///      of claims are those of the invariants SCR1, SCR2, … of docs/Invariants.md.
contract CommitHandler is GuidedHandler, CommitModel, CommitTwists {
    /// @dev Storage slots of the head, and of the ring behind it: owner, pending owner, two words of EIP712.
    uint256 private constant HEAD_SLOT = 4;

    StateCommitRegistry public immutable REGISTRY;
    VerifierStub private immutable VERIFIER;
    bytes32 private immutable SEPARATOR;
    uint256 private _acceptedCount;
    StateCommit[] private _history;

    constructor() {
        vm.warp(_clock);
        VERIFIER = new VerifierStub();
        IEnclaveRegistry noEnclaves = IEnclaveRegistry(address(0));
        REGISTRY = new StateCommitRegistry(
            address(this),
            VERIFIER,
            noEnclaves,
            uint16(QUORUM_BPS),
            uint32(SKEW_SECONDS),
            uint32(HEARTBEAT_SECONDS),
            2 days
        );
        bytes32 domain = keccak256(
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        );
        SEPARATOR = keccak256(
            abi.encode(
                domain,
                keccak256("StateCommitRegistry"),
                keccak256("2"),
                block.chainid,
                address(REGISTRY)
            )
        );
    }

    // -- Actions --

    /// @dev One commit, good unless twisted, with a verifier that is content.
    function commit(uint256 seed, bytes32 root, uint16 waitSeconds) external at(waitSeconds) {
        seed = _mix(seed);
        _land(_twisted(_next(_model, root), seed), Answer(_none(), 3, 3));
    }

    /// @dev A good commit, whatever the root given.
    function extend(uint64 seed, uint8 waitSeconds) external at(uint256(waitSeconds) + 1) {
        _land(_next(_model, keccak256(abi.encode(seed))), Answer(_none(), 3, 3));
    }

    /// @dev The same root again, some time around the moment when that is due.
    function heartbeat(uint8 waitSeconds, bool isDue, bool hasManifest) external {
        uint64 dueAt = _model.acceptedAt + HEARTBEAT_SECONDS;
        if (isDue && _clock < dueAt) _clock = dueAt - 1;
        _heartbeat(uint256(waitSeconds) % 3, hasManifest);
    }

    function _heartbeat(uint256 waitSeconds, bool hasManifest) private at(waitSeconds) {
        StateCommit memory next = _next(_model, _model.root);
        if (!hasManifest) next.daCertHash = _noManifest();
        _land(next, Answer(_none(), 3, 3));
    }

    /// @dev A good commit with any share of signers, or a certificate that is refused.
    function commitWith(uint8 fault, uint128 signed, uint128 total, bool isNear, uint64 seed) external at(1) {
        Answer memory answer = Answer(_faultOf(fault), signed, total);
        // Around the threshold, where rounding would show.
        if (isNear) answer.signedWeight = (uint256(total) * QUORUM_BPS) / 10_000 + (seed % 3);
        if (isNear && answer.signedWeight != 0) --answer.signedWeight;
        _land(_next(_model, keccak256(abi.encode(seed))), answer);
    }

    /// @dev An accepted commit once more.
    function replay(uint256 which) external at(1) {
        if (_history.length == 0) return;
        _land(_history[which % _history.length], Answer(_none(), 3, 3));
    }

    /// @dev Commits together, one of which may be twisted.
    function commitBatch(uint256 seed, uint8 count, uint8 waitSeconds) external at(waitSeconds) {
        seed = _mix(seed);
        uint256 n = uint256(count) % (MAX_BATCH + 2);
        StateCommit[] memory commits = new StateCommit[](n);
        Head memory head = _model;
        for (uint256 i = 0; i < n; ++i) {
            commits[i] = _next(head, keccak256(abi.encode(seed, i)));
            // The clock stands still within a batch.
            if (commits[i].timestamp > _clock + SKEW_SECONDS) commits[i].timestamp = head.timestamp + 1;
            head = _after(commits[i], head, _clock);
        }
        if (n != 0 && seed % 3 == 0) commits[seed % n] = _twisted(commits[seed % n], seed / 3);
        // Instead of the last, a second one that follows the head before the batch.
        if (n > 1 && seed % 7 == 1) commits[n - 1] = _next(_model, keccak256(abi.encode(seed)));
        _landBatch(commits, Answer(_none(), seed % 11 == 0 ? 2 : 3, 3));
    }

    /// @dev Pauses are short, or most commits would be refused for them.
    function pauseOrResume(uint8 seed) external at(1) {
        _setPause(seed % 6 < 2, seed % 3 == 0);
    }

    // -- Landing --

    function _land(StateCommit memory next, Answer memory answer) private {
        bytes4 expected = _ruleBrokenBy(next, _model, _clock);
        if (expected == 0) expected = _quorumFault(answer);
        VERIFIER.answer(answer.fault, answer.signedWeight, answer.totalWeight);
        VERIFIER.expect(_digestOf(next));
        bytes32 before = _stateHash();
        vm.recordLogs();
        try REGISTRY.commitStateRoot(next, "") {
            _claimAccepted(next, expected);
            _accept(next);
            _claim(13, _areAnnounced(_one(next)));
            _count(
                StateRoot.unwrap(next.newStateRoot) == StateRoot.unwrap(next.prevStateRoot)
                    ? bytes32("heartbeat")
                    : bytes32("commit")
            );
        } catch (bytes memory reason) {
            _claimRefused(_selectorOf(reason), expected, before);
        }
        _claimReads();
    }

    function _landBatch(StateCommit[] memory commits, Answer memory answer) private {
        bytes4 expected = bytes4(0);
        if (commits.length == 0 || commits.length > MAX_BATCH) {
            expected = IStateCommitRegistry.InvalidBatchSize.selector;
        }
        Head memory head = _model;
        for (uint256 i = 0; i < commits.length && expected == 0; ++i) {
            expected = _ruleBrokenBy(commits[i], head, _clock);
            head = _after(commits[i], head, _clock);
        }
        if (expected == 0) expected = _quorumFault(answer);
        VERIFIER.answer(answer.fault, answer.signedWeight, answer.totalWeight);
        VERIFIER.expect(commits.length == 0 ? bytes32(0) : _digestOf(commits[0]));
        bytes32 before = _stateHash();
        vm.recordLogs();
        try REGISTRY.commitStateRoots(commits, "") {
            // All of them, as one by one.
            _claim(8, expected == 0);
            for (uint256 i = 0; i < commits.length; ++i) {
                _claimAccepted(commits[i], expected);
                _accept(commits[i]);
            }
            _claim(8, REGISTRY.getSequenceNo() == head.sequenceNo);
            _claim(13, _areAnnounced(commits));
            _count("batch");
        } catch (bytes memory reason) {
            _claim(8, expected != 0 && _stateHash() == before);
            _claimRefused(_selectorOf(reason), expected, before);
        }
        _claimReads();
    }

    function _accept(StateCommit memory next) private {
        _model = _after(next, _model, _clock);
        _rootOf[next.sequenceNo] = _model.root;
        _history.push(next);
        ++_acceptedCount;
    }

    function _setPause(bool isPaused, bool isStranger) private {
        bytes32 before = _stateHash();
        uint256 head = uint256(vm.load(address(REGISTRY), bytes32(HEAD_SLOT)));
        if (isStranger) vm.prank(address(0xbad));
        bytes memory call =
            isPaused ? abi.encodeCall(REGISTRY.pauseCommits, ()) : abi.encodeCall(REGISTRY.resumeCommits, ());
        (bool isDone, ) = address(REGISTRY).call(call);
        _claim(11, isDone != isStranger);
        if (isStranger) _claim(7, _stateHash() == before);
        else _model.isPaused = isPaused;
        // Nothing but the one bit.
        uint256 changed = head ^ uint256(vm.load(address(REGISTRY), bytes32(HEAD_SLOT)));
        _claim(6, changed & ~(uint256(1) << 80) == 0);
        _claimReads();
        _count(isStranger ? bytes32("pause refused") : bytes32("pause"));
    }

    // -- Claims --

    /// @dev What holds of every commit that was accepted, before the model takes it over.
    function _claimAccepted(StateCommit memory next, bytes4 expected) private {
        bytes32 root = StateRoot.unwrap(next.newStateRoot);
        bool isUnchanged = root == _model.root;
        _claim(1, next.sequenceNo == _model.sequenceNo + 1);
        _claim(2, StateRoot.unwrap(next.prevStateRoot) == _model.root);
        _claim(3, next.timestamp > _model.timestamp && next.timestamp <= _clock + SKEW_SECONDS);
        _claim(5, isUnchanged == next.daCertHash.isZero());
        _claim(6, !_model.isPaused);
        _claim(9, !isUnchanged || _clock >= _model.acceptedAt + HEARTBEAT_SECONDS);
        _claim(10, root != 0 && root != EMPTY_TREE_ROOT);
        _claim(12, expected != IStateCommitRegistry.CertificateRejected.selector);
        _claim(12, expected != IStateCommitRegistry.InsufficientQuorum.selector);
        _claim(7, expected == 0);
    }

    /// @dev A refusal has the name of the first rule that was broken, and changes nothing.
    function _claimRefused(bytes4 got, bytes4 expected, bytes32 before) private {
        _claim(7, got == expected && expected != 0 && _stateHash() == before);
        if (expected == IStateCommitRegistry.CommitsPaused.selector) _claim(6, got == expected);
        // A digest that the verifier was not told to expect.
        if (expected == 0) _claim(12, got != IStateCommitRegistry.CertificateRejected.selector);
        _count(got);
        _count("refused");
    }

    /// @dev What the registry says of itself is what the model says.
    function _claimReads() private {
        uint64 newest = _model.sequenceNo;
        _claim(1, REGISTRY.getSequenceNo() == newest && _acceptedCount == newest);
        _claim(2, StateRoot.unwrap(REGISTRY.getStateRoot()) == _model.root);
        (uint64 timestamp, uint64 acceptedAt) = REGISTRY.lastCommitTimes();
        _claim(3, timestamp == _model.timestamp && acceptedAt == _model.acceptedAt);
        _claim(6, REGISTRY.isPaused() == _model.isPaused);
        uint64 oldest = _oldestRetained();
        (uint64 gotOldest, uint64 gotNewest) = REGISTRY.retainedRange();
        _claim(4, gotOldest == oldest && gotNewest == newest);
        uint64 middle = oldest + (newest - oldest) / 2;
        uint64[5] memory numbers = [oldest == 0 ? 0 : oldest - 1, oldest, middle, newest, newest + 1];
        for (uint256 i = 0; i < 5; ++i) _claim(4, _isItsOwn(numbers[i], oldest, newest));
    }

    function _isItsOwn(uint64 number, uint64 oldest, uint64 newest) private view returns (bool) {
        bool isRetained = number != 0 && number >= oldest && number <= newest;
        bytes32 wanted = isRetained ? _rootOf[number] : bytes32(0);
        if (StateRoot.unwrap(REGISTRY.tryStateRootAt(number)) != wanted) return false;
        try REGISTRY.stateRootAt(number) returns (StateRoot root) {
            return isRetained && StateRoot.unwrap(root) == wanted;
        } catch (bytes memory reason) {
            return !isRetained && _selectorOf(reason) == IStateCommitRegistry.RootNotRetained.selector;
        }
    }

    /// @dev One event each, in order, word for word, and no other.
    function _areAnnounced(StateCommit[] memory commits) private returns (bool) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        if (logs.length != commits.length) return false;
        for (uint256 i = 0; i < logs.length; ++i) {
            StateCommit memory told = commits[i];
            bytes32[] memory topics = logs[i].topics;
            if (topics.length != 4 || topics[0] != IStateRootCommittable.StateRootCommitted.selector)
                return false;
            if (topics[1] != bytes32(uint256(told.sequenceNo)) || topics[3] != told.pcr0Commitment)
                return false;
            if (topics[2] != StateRoot.unwrap(told.newStateRoot)) return false;
            bytes memory data = abi.encode(told.prevStateRoot, told.timestamp, told.daCertHash);
            if (keccak256(logs[i].data) != keccak256(data)) return false;
        }
        return true;
    }

    function _digestOf(StateCommit memory next) private view returns (bytes32) {
        bytes32 struct_ = keccak256(abi.encode(CommitMessage.STATE_COMMIT_TYPEHASH, next));
        return keccak256(abi.encodePacked(hex"1901", SEPARATOR, struct_));
    }

    /// @dev The head, and the two places of the ring that the next commits take.
    function _stateHash() private view returns (bytes32) {
        uint256 ring = HEAD_SLOT + 1;
        uint256 next = uint256(_model.sequenceNo) + 1;
        return
            keccak256(
                abi.encode(
                    vm.load(address(REGISTRY), bytes32(HEAD_SLOT)),
                    vm.load(address(REGISTRY), bytes32(ring + (next % RETAINED_COUNT))),
                    vm.load(address(REGISTRY), bytes32(ring + ((next + 1) % RETAINED_COUNT)))
                )
            );
    }
}
