// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../../Cheats.sol";
import {ScaledKeys} from "../invariant/ScaledKeys.sol";
import {PoliciesStub} from "./ChallengeStubs.sol";
import {VoteTwists} from "./VoteTwists.sol";
import {ChallengeVerifier} from "../../../contracts/ChallengeVerifier.sol";
import {OperatorSetRegistry} from "../../../contracts/OperatorSetRegistry.sol";
import {StateCommitRegistry} from "../../../contracts/StateCommitRegistry.sol";
import {IEnclaveRegistry} from "../../../contracts/interfaces/IEnclaveRegistry.sol";
import {FaultRules} from "../../../contracts/interfaces/IFaultLedger.sol";
import {IOperatorSetRegistry} from "../../../contracts/interfaces/IOperatorSetRegistry.sol";
import {IPolicyRegistry} from "../../../contracts/interfaces/IPolicyRegistry.sol";
import {IQuorumVerifier} from "../../../contracts/interfaces/IQuorumVerifier.sol";
import {ISlashingHook} from "../../../contracts/interfaces/ISlashingHook.sol";
import {G1Point, G2Point} from "../../../contracts/types/Bn254Points.sol";
import {DaCertHash} from "../../../contracts/types/DaCertHash.sol";
import {CertifiedCommit} from "../../../contracts/types/Equivocation.sol";
import {StateCommit} from "../../../contracts/types/StateCommit.sol";
import {StateRecovery} from "../../../contracts/types/StateRecovery.sol";
import {StateRoot} from "../../../contracts/types/StateRoot.sol";

/// @dev Operators who vote for one of two roots per number, and the certificates that their votes make, before a real
///      judge. Operator i has the secret 2^i and the weight i + 1, in both epochs: quorums of sets that have no third in
///      common could certify two roots without a dishonest signer.
abstract contract VoteWorld is Test, VoteTwists {
    uint256 internal constant OPERATORS = 7;
    uint256 internal constant EVERYBODY = 127;
    uint256 internal constant TOTAL_WEIGHT = 28;
    uint16 internal constant QUORUM_BPS = 6_667;
    uint256 private constant NUMBERS = 3;
    uint256 private constant CERTIFICATES = 4;

    /// @dev A certified commit, and who signed it.
    struct Piece {
        CertifiedCommit certified;
        uint32 epoch;
        uint256 signers;
        /// @dev Hash of all of `certified`; zero if nobody signed.
        bytes32 id;
    }

    /// @dev Traitors sign whatever they are asked to. Others sign, for number n, the rival root if their bit is set, or
    ///      the root if it is not.
    struct History {
        uint64 first;
        uint256 traitors;
        uint256[NUMBERS] forRival;
        Piece[] pieces;
        uint256 count;
    }

    ScaledKeys internal _keys;
    OperatorSetRegistry internal _sets;
    StateCommitRegistry internal _registry;
    ChallengeVerifier internal _verifier;
    uint64 internal _clock = 1_800_000_000;
    /// @dev Certificates of earlier epochs prove nothing.
    uint32 internal _oldestEpoch = 1;

    function _makeVerifier() internal virtual returns (IQuorumVerifier);

    /// @dev A certificate of `signers` over `digests` that the verifier takes.
    function _sign(
        bytes32[] memory digests,
        uint32 epoch,
        uint256 signers
    ) internal virtual returns (bytes memory);

    function setUp() public virtual {
        vm.warp(_clock);
        _keys = new ScaledKeys();
        _sets = new OperatorSetRegistry(address(this), 1 hours, 10 minutes, 3 days);
        for (uint256 i = 0; i < OPERATORS; ++i) _register(i);
        IQuorumVerifier verifier = _makeVerifier();
        _sets.startEpoch(_keys.keyG2(EVERYBODY));
        _clock += 1 hours;
        vm.warp(_clock);
        _sets.startEpoch(_keys.keyG2(EVERYBODY));
        _registry = new StateCommitRegistry(
            address(this),
            verifier,
            IEnclaveRegistry(address(0)),
            QUORUM_BPS,
            60,
            6 hours,
            3 days
        );
        _verifier = new ChallengeVerifier(
            address(this),
            _registry,
            IPolicyRegistry(address(new PoliciesStub(address(_registry)))),
            IOperatorSetRegistry(address(_sets)),
            FaultRules(ISlashingHook(address(0)), 0),
            3 days
        );
    }

    function _register(uint256 i) private {
        address operator = address(uint160(0x1000 + i));
        (G1Point memory keyG1, G2Point memory keyG2) = (_keys.keyG1(1 << i), _keys.keyG2(1 << i));
        bytes32 message = _sets.possessionMessage(operator, keyG1, keyG2);
        (ScaledKeys.Hashed memory hashed, G1Point memory signature) = _keys.sign(message, 1 << i);
        vm.prank(operator);
        _sets.register(
            keyG1,
            keyG2,
            IOperatorSetRegistry.Possession(signature, hashed.counter, hashed.point.y)
        );
        _sets.setWeight(operator, uint128(i + 1));
    }

    // -- Histories --

    /// @dev Honest: who signs whatever it is asked to weighs less than two quorums share.
    function _write(uint256 seed, bool isHonest) internal returns (History memory history) {
        seed = uint256(keccak256(abi.encode("history", seed)));
        history.first = uint64(seed >> 200);
        history.traitors = seed & EVERYBODY;
        while (isHonest && 3 * weightOf(history.traitors) >= TOTAL_WEIGHT) {
            history.traitors &= history.traitors - 1;
        }
        if (!isHonest && (seed >> 16) % 4 != 0) history.traitors = EVERYBODY;
        for (uint256 n = 0; n < NUMBERS; ++n) {
            bool isSplit = (seed >> (24 + n)) & 1 == 0;
            history.forRival[n] = isSplit ? (seed >> (32 + 8 * n)) & EVERYBODY : 0;
        }
        history.pieces = new Piece[](CERTIFICATES * 3);
        while (history.count < 3) {
            for (uint256 c = 0; c < CERTIFICATES; ++c) {
                seed = uint256(keccak256(abi.encode(seed)));
                if (history.count + 3 <= history.pieces.length) _certify(history, seed);
            }
        }
    }

    /// @dev A certificate over one to three of: commits, recoveries, messages of another kind. It is signed by whoever
    ///      voted for all of its roots, but for a few who are absent.
    function _certify(History memory history, uint256 seed) private {
        bytes32[] memory digests = new bytes32[](1 + (seed % 3));
        StateCommit[] memory commits = new StateCommit[](digests.length);
        uint256 signers = EVERYBODY & ~((seed >> 8) & (seed >> 16) & (seed >> 24));
        for (uint256 i = 0; i < digests.length; ++i) {
            uint256 word = uint256(keccak256(abi.encode(seed, i)));
            StateCommit memory commit = _commitOf(history, word);
            if ((word >> 128) % 8 == 0) {
                digests[i] = _registry.digestOfRecovery(_recoveryLike(commit));
            } else if ((word >> 128) % 8 == 1) {
                digests[i] = keccak256(abi.encode(commit));
            } else {
                commits[i] = commit;
                digests[i] = _registry.digestOf(commit);
                signers &= _votersOf(history, commit) | history.traitors;
            }
        }
        uint32 epoch = uint32(1 + ((seed >> 32) % 2));
        bytes memory certificate = signers == 0 ? new bytes(400) : _sign(digests, epoch, signers);
        for (uint256 i = 0; i < digests.length; ++i) {
            if (commits[i].version == 0) continue;
            Piece memory piece = history.pieces[history.count++];
            piece.certified = CertifiedCommit(
                commits[i],
                _slice(digests, 0, i),
                _slice(digests, i + 1, digests.length),
                certificate
            );
            (piece.epoch, piece.signers) = (epoch, signers);
            bool isTaken = signers != 0 && epoch >= _oldestEpoch;
            if (isTaken) piece.id = keccak256(abi.encode(piece.certified));
        }
    }

    /// @dev At one of four times, with one of two manifests.
    function _commitOf(History memory history, uint256 word) private pure returns (StateCommit memory) {
        uint256 n = word % NUMBERS;
        bool isRival = (word >> 8) % 3 == 0;
        return
            StateCommit({
                version: 2,
                sequenceNo: history.first + uint64(n),
                prevStateRoot: StateRoot.wrap(keccak256(abi.encode(history.first, n, "before"))),
                newStateRoot: _rootOf(history, n, isRival),
                timestamp: 1_000 + uint64((word >> 16) % 4),
                daCertHash: DaCertHash.wrap(bytes32(1 + ((word >> 24) % 2))),
                pcr0Commitment: 0
            });
    }

    /// @dev The recovery that says the most that `commit` says.
    function _recoveryLike(StateCommit memory commit) private pure returns (StateRecovery memory) {
        return
            StateRecovery(
                commit.sequenceNo,
                commit.prevStateRoot,
                commit.newStateRoot,
                commit.timestamp,
                commit.daCertHash,
                "reason"
            );
    }

    function _rootOf(History memory history, uint256 n, bool isRival) private pure returns (StateRoot) {
        return StateRoot.wrap(keccak256(abi.encode(history.first, n, isRival)));
    }

    function _votersOf(History memory history, StateCommit memory commit) private pure returns (uint256) {
        uint256 n = commit.sequenceNo - history.first;
        bool isRival = commit.newStateRoot == _rootOf(history, n, true);
        return isRival ? history.forRival[n] : EVERYBODY & ~history.forRival[n];
    }

    function weightOf(uint256 operators) internal pure returns (uint256 weight) {
        for (uint256 i = 0; i < OPERATORS; ++i) if (operators & (1 << i) != 0) weight += i + 1;
    }
}
