// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {QuorumHandler} from "./QuorumHandler.sol";
import {BlsStateCommitRegistry} from "../../../contracts/BlsStateCommitRegistry.sol";
import {IEnclaveRegistry} from "../../../contracts/interfaces/IEnclaveRegistry.sol";
import {IOperatorSetRegistry} from "../../../contracts/interfaces/IOperatorSetRegistry.sol";
import {IStateCommitRegistry} from "../../../contracts/interfaces/IStateCommitRegistry.sol";
import {DaCertHash} from "../../../contracts/types/DaCertHash.sol";
import {StateCommit} from "../../../contracts/types/StateCommit.sol";
import {StateRoot} from "../../../contracts/types/StateRoot.sol";

/// @dev Lands commits with real certificates on a registry that is its own verifier.
contract QuorumCommitHandler is QuorumHandler {
    uint256 private constant QUORUM_BPS = 6_700;

    BlsStateCommitRegistry private immutable REGISTRY;
    /// @dev The last certificate that landed.
    bytes private _landed;

    constructor() {
        REGISTRY = new BlsStateCommitRegistry(
            address(this),
            IOperatorSetRegistry(address(SOURCE)),
            IEnclaveRegistry(address(0)),
            uint16(QUORUM_BPS),
            60,
            10 minutes,
            2 days
        );
        SOURCE.addSink(REGISTRY);
    }

    /// @dev The next commit, signed by any share of the operators of any epoch.
    function commit(uint256 seed, uint8 signerSeed, bool isForged) external at(1) {
        seed = _mix(seed);
        uint32 epoch = _someEpoch(seed);
        uint256 members = SOURCE.epochOf(epoch).members;
        uint256 signers = _someOf(members, signerSeed);
        StateCommit memory next = _next(seed);
        Draft memory draft = _draft(epoch, members, signers, _one(REGISTRY.digestOf(next)));
        bytes memory certificate = _pack(draft);
        uint256 invariant = 0;
        isForged = isForged && (seed >> 32) % 3 == 0;
        if (isForged) (certificate, invariant) = _forge(draft, (seed >> 40) % FORGERY_COUNT, seed >> 48);
        if (isForged && invariant == 0) return;
        // Cross-multiplied.
        bool isQuorum =
            uint256(SOURCE.weightOfAll(signers)) * 10_000 >=
                uint256(SOURCE.weightOfAll(members)) * QUORUM_BPS;
        bool isDue = _isValid(epoch) && isQuorum && !isForged;
        try REGISTRY.commitStateRoot(next, certificate) {
            _claim(5, isDue);
            _landed = certificate;
            _count("commit");
        } catch (bytes memory reason) {
            _claim(5, !isDue);
            bytes4 got = _selectorOf(reason);
            if (_isValid(epoch) && !isForged)
                _claim(5, got == IStateCommitRegistry.InsufficientQuorum.selector);
            else _claim(5, got == IStateCommitRegistry.CertificateRejected.selector);
            _count(isForged ? bytes32("forged commit") : bytes32("below the quorum"));
        }
    }

    /// @dev The certificate of an earlier commit for the next one.
    function replay(uint256 seed) external at(1) {
        if (_landed.length == 0) return;
        try REGISTRY.commitStateRoot(_next(seed), _landed) {
            _claim(3, false);
        } catch (bytes memory reason) {
            _claim(3, _selectorOf(reason) == IStateCommitRegistry.CertificateRejected.selector);
            _count("replayed");
        }
    }

    function _next(uint256 seed) private view returns (StateCommit memory) {
        (uint64 last, ) = REGISTRY.lastCommitTimes();
        return
            StateCommit({
                version: 2,
                sequenceNo: REGISTRY.getSequenceNo() + 1,
                prevStateRoot: REGISTRY.getStateRoot(),
                newStateRoot: StateRoot.wrap(keccak256(abi.encode("root", seed, last))),
                timestamp: _clock > last ? _clock : last + 1,
                daCertHash: DaCertHash.wrap(keccak256("manifest")),
                pcr0Commitment: 0
            });
    }
}
