// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {StateCommitRegistry} from "../contracts/StateCommitRegistry.sol";
import {IEnclaveRegistry} from "../contracts/interfaces/IEnclaveRegistry.sol";
import {IQuorumVerifier} from "../contracts/interfaces/IQuorumVerifier.sol";
import {CertificateFault} from "../contracts/types/CertificateFault.sol";
import {StateCommit} from "../contracts/types/StateCommit.sol";
import {StateRoot} from "../contracts/types/StateRoot.sol";

/// @dev The cheatcodes of the prover that these proofs use.
interface Prover {
    function assume(bool condition) external pure;
    function warp(uint256 timestampSeconds) external;
    function load(address target, bytes32 slot) external view returns (bytes32);
    function store(address target, bytes32 slot, bytes32 value) external;
    function enableSymbolicStorage(address target) external;
}

/// @dev Answers whatever it was told: the registry must be right for any verifier.
contract AnyAnswer {
    CertificateFault private _fault;
    uint256 private _signedWeight;
    uint256 private _totalWeight;

    function set(CertificateFault fault, uint256 signedWeight, uint256 totalWeight) external {
        (_fault, _signedWeight, _totalWeight) = (fault, signedWeight, totalWeight);
    }

    function verify(bytes32, bytes calldata) external view returns (CertificateFault, uint256, uint256) {
        return (_fault, _signedWeight, _totalWeight);
    }
}

/// @dev What holds after every commit, from any state whatever and for any commit, time and answer of the verifier:
///      the prover takes the registry's storage and the arguments of each `check_` function as unknowns.
contract StateCommitRegistryProof {
    Prover private constant vm = Prover(address(uint160(uint256(keccak256("hevm cheat code")))));
    Prover private constant svm = Prover(address(uint160(uint256(keccak256("svm cheat code")))));
    uint16 private constant QUORUM_BPS = 6_667;
    uint64 private constant TURNS_COMMITS = 3 * 720;
    /// @dev Behind owner, pending owner and two words of EIP712.
    bytes32 private constant HEAD_SLOT = bytes32(uint256(4));
    /// @dev Between the flags and the time of acceptance.
    uint256 private constant SPARE_BITS = 0x3f << 82;
    /// @dev Of the head, while other rules than those of the deployment are in force.
    uint256 private constant AMENDED_BIT = 1 << 81;
    /// @dev The head keeps times in 40 bits.
    uint64 private constant LATEST_SECONDS = 2 ** 40 - 1_000;

    AnyAnswer private _verifier;
    StateCommitRegistry private _registry;

    function setUp() public {
        vm.warp(1_800_000_000);
        _verifier = new AnyAnswer();
        _registry = new StateCommitRegistry(
            address(this),
            IQuorumVerifier(address(_verifier)),
            IEnclaveRegistry(address(0)),
            QUORUM_BPS,
            60,
            6 hours,
            3 days
        );
    }

    /// @dev Makes the registry's storage unknown, with `head` where the constructor wrote the first one: what was
    ///      written stays written otherwise. Of the head just what `_isSound` says is known.
    function _forget(bytes32 head) private {
        svm.enableSymbolicStorage(address(_registry));
        vm.store(address(_registry), HEAD_SLOT, head);
        vm.assume(_isSound(head));
    }

    /// @dev What every commit keeps true: spare bits are zero, and there are no more commits than seconds.
    function _isSound(bytes32 head) private pure returns (bool) {
        uint256 bits = uint256(head);
        bool isSpareZero = bits & SPARE_BITS == 0;
        return isSpareZero && uint40(bits) <= uint40(bits >> 40);
    }

    /// @dev Lands `commit` on a registry in any state but under amended rules; false if it was refused.
    function _land(StateCommit memory commit, uint64 time) private returns (bool succeeded) {
        vm.assume(time < LATEST_SECONDS);
        vm.assume(uint256(vm.load(address(_registry), HEAD_SLOT)) & AMENDED_BIT == 0);
        vm.warp(time);
        (succeeded, ) = address(_registry).call(
            abi.encodeCall(StateCommitRegistry.commitStateRoot, (commit, ""))
        );
    }

    /// @dev No commit is accepted below the quorum, of nothing, or on a refused certificate. Weights are those of
    ///      verifiers, below 2¹²⁸.
    function check_commit_neverBelowQuorum(
        StateCommit memory commit,
        uint64 time,
        bytes32 head,
        bool isRefused,
        uint128 signedWeight,
        uint128 totalWeight
    ) public {
        CertificateFault fault = isRefused ? CertificateFault.InvalidSignature : CertificateFault.None;
        _verifier.set(fault, signedWeight, totalWeight);
        _forget(head);
        if (!_land(commit, time)) return;
        assert(!isRefused);
        assert(totalWeight > 0);
        assert(uint256(signedWeight) * 10_000 >= uint256(totalWeight) * QUORUM_BPS);
    }

    /// @dev The half of the head that stands for its root.
    function _mark() private view returns (bytes16) {
        return bytes16(vm.load(address(_registry), HEAD_SLOT));
    }

    /// @dev The sequence rises by one, the root chains by its mark, time rises, and the head says so afterwards.
    function check_commit_extendsTheHead(StateCommit memory commit, uint64 time, bytes32 head) public {
        _verifier.set(CertificateFault.None, 1, 1);
        _forget(head);
        uint64 sequenceNo = _registry.getSequenceNo();
        StateRoot root = _registry.getStateRoot();
        (uint64 timestamp, ) = _registry.lastCommitTimes();
        bytes16 mark = _mark();
        if (!_land(commit, time)) {
            assert(_registry.getSequenceNo() == sequenceNo);
            assert(StateRoot.unwrap(_registry.getStateRoot()) == StateRoot.unwrap(root));
            assert(_mark() == mark);
            return;
        }
        assert(commit.sequenceNo == sequenceNo + 1);
        assert(bytes16(keccak256(abi.encode(commit.prevStateRoot))) == mark);
        assert(bytes16(keccak256(abi.encode(commit.newStateRoot))) == _mark());
        assert(commit.timestamp > timestamp);
        assert(_registry.getSequenceNo() == commit.sequenceNo);
        assert(StateRoot.unwrap(_registry.getStateRoot()) == StateRoot.unwrap(commit.newStateRoot));
        (uint64 newTimestamp, uint64 acceptedAt) = _registry.lastCommitTimes();
        assert(newTimestamp == commit.timestamp);
        assert(acceptedAt == time);
        assert(!_registry.isPaused());
        assert(_isSound(vm.load(address(_registry), HEAD_SLOT)));
    }

    /// @dev A commit leaves every other retained root as it was: no two of them share a place in the ring. For the
    ///      first three turns of the ring, 720 commits each: remainders of unbounded numbers are beyond the solvers,
    ///      and what follows repeats the third turn.
    function check_commit_keepsRetainedRoots(
        StateCommit memory commit,
        uint64 time,
        bytes32 head,
        uint64 other
    ) public {
        _verifier.set(CertificateFault.None, 1, 1);
        _forget(head);
        vm.assume(_registry.getSequenceNo() < TURNS_COMMITS && other <= TURNS_COMMITS);
        StateRoot before = _registry.tryStateRootAt(other);
        if (!_land(commit, time)) return;
        (uint64 oldest, uint64 newest) = _registry.retainedRange();
        vm.assume(other >= oldest && other < newest);
        assert(StateRoot.unwrap(_registry.tryStateRootAt(other)) == StateRoot.unwrap(before));
    }
}
