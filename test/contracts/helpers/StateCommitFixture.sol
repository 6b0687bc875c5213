// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../../Cheats.sol";
import {VerifierStub} from "../VerifierStub.sol";
import {StateCommitRegistry} from "../../../contracts/StateCommitRegistry.sol";
import {IEnclaveRegistry} from "../../../contracts/interfaces/IEnclaveRegistry.sol";
import {IStateCommitRegistry} from "../../../contracts/interfaces/IStateCommitRegistry.sol";
import {JellyfishMerkleProof} from "../../../contracts/libraries/JellyfishMerkleProof.sol";
import {CertificateFault} from "../../../contracts/types/CertificateFault.sol";
import {DaCertHash} from "../../../contracts/types/DaCertHash.sol";
import {StateCommit} from "../../../contracts/types/StateCommit.sol";
import {StateRoot} from "../../../contracts/types/StateRoot.sol";

/// @dev A registry whose verifier says what it is told to say, and commits for it.
abstract contract StateCommitFixture is Test {
    uint16 internal constant QUORUM_BPS = 6_700;
    uint32 internal constant SKEW_SECONDS = 60;
    uint32 internal constant HEARTBEAT_SECONDS = 6 hours;
    uint32 internal constant CHANGE_DELAY_SECONDS = 3 days;
    uint64 internal constant START = 1_800_000_000;
    /// @dev Storage slot of the ring: owner and pending owner, two words of EIP712, and the head come before.
    uint256 internal constant RING_SLOT = 5;
    bytes32 internal constant EMPTY_TREE_ROOT = JellyfishMerkleProof.EMPTY_ROOT;

    VerifierStub internal _verifier;
    StateCommitRegistry internal _registry;
    /// @dev Block time, kept here because the optimizer takes `block.timestamp` for constant within a call.
    uint64 internal _clock;

    function setUp() public virtual {
        _warp(START);
        _verifier = new VerifierStub();
        _registry = _deploy(IEnclaveRegistry(address(0)));
    }

    function _warp(uint64 to) internal {
        _clock = to;
        vm.warp(to);
    }

    function _deploy(IEnclaveRegistry enclaves) internal returns (StateCommitRegistry) {
        return
            new StateCommitRegistry(
                address(this),
                _verifier,
                enclaves,
                QUORUM_BPS,
                SKEW_SECONDS,
                HEARTBEAT_SECONDS,
                CHANGE_DELAY_SECONDS
            );
    }

    function _root(uint256 n) internal pure returns (StateRoot) {
        return StateRoot.wrap(keccak256(abi.encode("root", n)));
    }

    /// @dev A commit that `registry` accepts now, with the root numbered as the commit.
    function _next(StateCommitRegistry registry) internal view returns (StateCommit memory commit) {
        uint64 sequenceNo = registry.getSequenceNo() + 1;
        (uint64 last, ) = registry.lastCommitTimes();
        commit = StateCommit({
            version: 2,
            sequenceNo: sequenceNo,
            prevStateRoot: registry.getStateRoot(),
            newStateRoot: _root(sequenceNo),
            timestamp: last >= _clock ? last + 1 : _clock,
            daCertHash: DaCertHash.wrap(keccak256("manifest")),
            pcr0Commitment: bytes32(0)
        });
    }

    function _commitTimes(uint256 count) internal {
        for (uint256 i = 0; i < count; ++i) {
            _warp(_clock + 120);
            _registry.commitStateRoot(_next(_registry), "");
        }
    }

    /// @dev `count` commits that `registry` accepts together now.
    function _nextBatch(
        StateCommitRegistry registry,
        uint256 count
    ) internal view returns (StateCommit[] memory commits) {
        commits = new StateCommit[](count);
        for (uint256 i = 0; i < count; ++i) {
            commits[i] = _next(registry);
            if (i == 0) continue;
            commits[i].sequenceNo = commits[i - 1].sequenceNo + 1;
            commits[i].prevStateRoot = commits[i - 1].newStateRoot;
            commits[i].newStateRoot = _root(commits[i].sequenceNo);
            commits[i].timestamp = commits[i - 1].timestamp + 1;
        }
    }

    function _stateHash() internal view returns (bytes32) {
        (uint64 timestamp, uint64 acceptedAt) = _registry.lastCommitTimes();
        uint64 n = _registry.getSequenceNo();
        bytes32 ring = keccak256(
            abi.encode(
                _registry.tryStateRootAt(n),
                _registry.tryStateRootAt(n + 1),
                vm.load(address(_registry), bytes32(RING_SLOT + ((n + 1) % 720)))
            )
        );
        return
            keccak256(
                abi.encode(n, _registry.getStateRoot(), timestamp, acceptedAt, _registry.isPaused(), ring)
            );
    }

    function _assertRejected(StateCommit memory commit, bytes memory reason) internal {
        bytes32 before = _stateHash();
        vm.expectRevert(reason);
        _registry.commitStateRoot(commit, "");
        assertEq(_stateHash(), before, "unchanged");
    }

    // -- Reasons --

    function _rejected(CertificateFault fault) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IStateCommitRegistry.CertificateRejected.selector, fault);
    }

    function _insufficient(uint256 signed, uint256 total) internal pure returns (bytes memory) {
        return
            abi.encodeWithSelector(
                IStateCommitRegistry.InsufficientQuorum.selector,
                signed,
                total,
                QUORUM_BPS
            );
    }
}
