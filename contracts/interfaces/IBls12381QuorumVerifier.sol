// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {Bls12381G1, Bls12381G2} from "../types/Bls12381Points.sol";
import {IQuorumVerifier} from "./IQuorumVerifier.sol";

/// @title IBls12381QuorumVerifier
/// @notice Quorum certificates by BLS signatures on BLS12-381 (about 120 bits; BN254 has about 100), for chains with
///         the precompiles of EIP-2537. Keeps its own operator set of up to 64 operators.
/// @dev Signatures lie in G1 and keys in G2: hashing to G1 costs two maps of 5,500 gas, to G2 two of 23,800, and a
///      certificate carries a signature but no key. The price, 600 instead of 375 gas per non-signer and 256 instead
///      of 128 bytes of stored key, is less at every set size allowed here.
///      Certificate, 100 + k bytes: epoch u32 ‖ signature x 48 ‖ y 48 ‖ k indices of non-signers, one byte each,
///      strictly ascending. No key travels, so `MessageMismatch` and `AggregateKeyMismatch` do not occur: a
///      certificate for another message is an `InvalidSignature`.
interface IBls12381QuorumVerifier is IQuorumVerifier {
    /// @notice An epoch's summary.
    /// @param keys contract whose code holds, behind one `STOP` byte, the sum of all keys (256 bytes) and per operator
    ///        its key (256) and weight (32)
    /// @param operatorCount number of operators, 1 to 64
    /// @param totalWeight sum of their weights
    struct Epoch {
        address keys;
        uint16 operatorCount;
        uint128 totalWeight;
    }

    /// @notice An account registered a key.
    event KeyRegistered(address indexed operator, Bls12381G2 key);
    /// @notice An epoch began. Operators are in index order; the one before is valid until `previousExpiresAt`,
    ///         in seconds since 1970.
    event EpochStarted(
        uint32 indexed epoch,
        address keys,
        address[] operators,
        uint128[] weights,
        uint64 previousExpiresAt
    );

    /// @notice The owner proposed the next epoch, which may start at `executableAt`, in seconds since 1970.
    event EpochProposed(address[] operators, uint128[] weights, uint64 executableAt);
    /// @notice The owner took the proposed epoch back.
    event EpochProposalCancelled();

    /// @notice Not the operators and weights that were proposed: the hashes of both.
    error NotTheProposedEpoch(bytes32 proposed, bytes32 given);
    /// @notice The account has a key already.
    error AlreadyRegistered(address operator);
    /// @notice The account has no key.
    error NotRegistered(address operator);
    /// @notice The key belongs to another account.
    error KeyInUse(bytes32 keyHash);
    /// @notice A key, a signature, or the sum of a set's keys is the point at infinity.
    error ZeroKey();
    /// @notice The proof does not show that `operator` knows the secret of the key.
    error InvalidProofOfPossession(address operator);
    /// @notice A set holds 1 to 64 operators with as many weights.
    error InvalidOperatorCount(uint256 operators, uint256 weights);
    /// @notice The operators of a set are not in strictly ascending order.
    error OperatorsNotAscending(address operator);
    /// @notice A weight is 1 to 2¹²⁰ − 1.
    error InvalidWeight(address operator, uint128 weight);
    /// @notice The overlap is longer than a day.
    error OverlapTooLong(uint32 limitSeconds, uint32 gotSeconds);
    /// @notice No such epoch, or no such operator in it.
    error UnknownOperator(uint32 epoch, uint256 index);

    /// @notice Registers the caller's key for ever, with a signature over `possessionMessage` as proof that the
    ///         caller knows its secret.
    function register(Bls12381G2 calldata key, Bls12381G1 calldata possession) external;

    /// @notice Proposes operators and weights of the next epoch, in the place of any proposed before. Owner only.
    function proposeEpoch(address[] calldata operators, uint128[] calldata weights) external;

    /// @notice Takes the proposed epoch back. Owner only.
    function cancelEpochProposal() external;

    /// @notice Starts the next epoch: the first at once, any other as it was proposed and after the delay. Owner only.
    /// @dev With operators of his own choice the owner alone could make a quorum: everybody may see it coming.
    /// @param operators registered accounts, strictly ascending; the place is the index in certificates
    /// @param weights one per operator, 1 to 2¹²⁰ − 1
    /// @param overlapSeconds how long the epoch before stays valid: 0 (emergency) to one day. Earlier ones end now.
    function startEpoch(
        address[] calldata operators,
        uint128[] calldata weights,
        uint32 overlapSeconds
    ) external;

    /// @notice Hash of operators and weights of the proposed epoch, and when it may start, in seconds since 1970; zeros if
    ///         there is none.
    function proposedEpoch() external view returns (bytes32 setHash, uint64 executableAt);

    /// @notice Number of the newest epoch; zero before the first.
    function currentEpoch() external view returns (uint32);

    /// @notice Summary of an epoch; all zero if there is none.
    function tryEpochOf(uint32 epoch) external view returns (Epoch memory);

    /// @notice Key and weight of operator `index` of an epoch. Reverts with `UnknownOperator`.
    function operatorAt(
        uint32 epoch,
        uint256 index
    ) external view returns (Bls12381G2 memory key, uint128 weight);

    /// @notice The message whose hash to G1 a proof of possession signs.
    function possessionMessage(address operator, Bls12381G2 calldata key) external view returns (bytes32);

    /// @notice The message whose hash to G1 the operators of `epoch` sign for `digest`.
    function messageOf(uint32 epoch, bytes32 digest) external view returns (bytes32);
}
