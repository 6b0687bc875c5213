// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {IEpochSink} from "./IEpochSink.sol";
import {ITimelocked} from "./ITimelocked.sol";
import {G1Point, G2Point} from "../types/Bn254Points.sol";

/// @title IOperatorSetRegistry
/// @notice The operators of one chain: their BLS keys, weights, and the numbered sets (epochs) that sign commits.
/// @dev Changes are queued and take effect with the next epoch. An epoch that was followed by another stays
///      valid for an overlap, so that certificates in flight still land; after an emergency epoch it does not.
interface IOperatorSetRegistry is ITimelocked {
    /// @notice A BLS signature over the proof-of-possession message, with the hint that maps it to G1.
    /// @param signature the operator's signature
    /// @param counter number of the first candidate x that lies on the curve
    /// @param hintY even root of `x³ + 3` for that candidate
    struct Possession {
        G1Point signature;
        uint8 counter;
        uint256 hintY;
    }

    /// @notice One operator of an epoch.
    struct OperatorRecord {
        address operator;
        uint128 weight;
        G1Point keyG1;
        G2Point keyG2;
    }

    /// @notice An epoch's summary.
    /// @param keys contract whose code holds keys and weights (layout: docs/CommitMessage.md, "Epoch keys")
    /// @param startedAt block time at which it began, in seconds since 1970
    /// @param expiresAt last second at which it is valid; the maximum while it is the newest
    /// @param operatorCount number of operators, 1 to 256
    /// @param totalWeight sum of their weights
    /// @param aggregateKeyHash `keccak256` of the aggregate G2 key of all of them
    struct Epoch {
        address keys;
        uint64 startedAt;
        uint64 expiresAt;
        uint16 operatorCount;
        uint128 totalWeight;
        bytes32 aggregateKeyHash;
    }

    /// @notice An operator registered a key.
    event OperatorRegistered(address indexed operator, G1Point keyG1, G2Point keyG2);
    /// @notice An operator gave up its key and is out of the next epoch.
    event OperatorDeregistered(address indexed operator);
    /// @notice An operator queued another key.
    event KeyRotationQueued(address indexed operator, G1Point keyG1, G2Point keyG2);
    /// @notice A weight was queued; zero takes the operator out of the next epoch.
    event WeightQueued(address indexed operator, uint128 oldWeight, uint128 newWeight);
    /// @notice A greater weight was proposed, in the place of any proposed before. Time in seconds since 1970.
    event WeightRaiseProposed(
        address indexed operator,
        uint128 oldWeight,
        uint128 newWeight,
        uint64 executableAt
    );
    /// @notice The proposed weight was cancelled: by a lesser one, or because the operator left.
    event WeightRaiseCancelled(address indexed operator);
    /// @notice An epoch began with what was queued.
    event EpochStarted(
        uint32 indexed epoch,
        address keys,
        uint16 operatorCount,
        uint128 totalWeight,
        uint64 previousExpiresAt,
        bool emergency
    );

    /// @notice A sink hears of every epoch from now on.
    event EpochSinkAdded(IEpochSink indexed sink);
    /// @notice A sink hears of no further epoch. If it was told of the end of those it knows, none is valid there; if it
    ///         refused to hear, its certificates must not be trusted any more.
    event EpochSinkRemoved(IEpochSink indexed sink, bool isTold);

    /// @notice The account has a key already.
    error AlreadyRegistered(address operator);
    /// @notice The account has no key.
    error NotRegistered(address operator);
    /// @notice The key belongs to an operator, now or in the past.
    error KeyInUse(bytes32 keyHash);
    /// @notice The key or the signature is the point at infinity.
    error ZeroKey();
    /// @notice The proof does not show that `operator` knows the secret key of both halves.
    error InvalidProofOfPossession(address operator);
    /// @notice The set would hold more operators than an index byte can name.
    error TooManyOperators(uint256 limit);
    /// @notice The set would hold nobody.
    error EmptyOperatorSet();
    /// @notice The aggregate key given is not the sum of the set's keys.
    error AggregateKeyMismatch();
    /// @notice The current epoch has not lasted long enough.
    error EpochTooShort(uint64 earliestAt, uint64 now_);
    /// @notice No such epoch.
    error UnknownEpoch(uint32 epoch);
    /// @notice The sink hears of epochs already.
    error EpochSinkListed(IEpochSink sink);
    /// @notice The account does not listen to this registry, or is not listed.
    error NotAnEpochSink(IEpochSink sink);
    /// @notice More sinks than this are not told.
    error TooManyEpochSinks(uint256 limit);
    /// @notice A constructor argument or a weight is out of its bounds.
    error InvalidParameter(bytes32 name, uint256 got);

    /// @notice Registers the caller's key, in both groups, with proof that the caller knows its secret.
    /// @dev The proof signs both halves, the caller, the chain and this registry, so it serves nobody else.
    function register(
        G1Point calldata keyG1,
        G2Point calldata keyG2,
        Possession calldata possession
    ) external;

    /// @notice Replaces the caller's key from the next epoch on, under the same proof.
    function rotateKey(
        G1Point calldata keyG1,
        G2Point calldata keyG2,
        Possession calldata possession
    ) external;

    /// @notice Takes the caller out of the next epoch. Its key stays used up; to return, it registers another.
    function deregister() external;

    /// @notice Sets an operator's weight from the next epoch on; zero ejects. Once there is an epoch, a greater weight
    ///         is only proposed. Any other cancels what is proposed. Owner only.
    /// @dev At most 2¹²⁰ − 1, so that 256 of them sum to less than 2¹²⁸.
    function setWeight(address operator, uint128 weight) external;

    /// @notice Sets an operator's weight to what was proposed, from the next epoch on, once the delay has passed. Anyone
    ///         may call.
    function enactWeight(address operator) external;

    /// @notice The weight proposed for an operator and when it may be set, in seconds since 1970; zeros if there is none.
    function proposedWeight(address operator) external view returns (uint128 weight, uint64 executableAt);

    /// @notice Starts the next epoch with what is queued. Anyone may call once the current one is old enough.
    /// @param aggregateKey sum of the G2 keys of the new set; checked against the G1 keys
    function startEpoch(G2Point calldata aggregateKey) external;

    /// @notice Starts the next epoch at once and ends the current one without overlap. Owner only.
    function startEmergencyEpoch(G2Point calldata aggregateKey) external;

    /// @notice Lets `sink` hear of every epoch in the transaction that starts or ends it, beginning with those that
    ///         are valid now. Owner only.
    function addEpochSink(IEpochSink sink) external;

    /// @notice Ends, for `sink`, every epoch it knows, and tells it nothing more, even if it refuses to hear. Owner only.
    function removeEpochSink(IEpochSink sink) external;

    /// @notice Those who hear of epochs, in no particular order.
    function epochSinks() external view returns (IEpochSink[] memory);

    /// @notice Number of the newest epoch; zero before the first.
    function currentEpoch() external view returns (uint32);

    /// @notice Summary of an epoch. Reverts with `UnknownEpoch`.
    function epochOf(uint32 epoch) external view returns (Epoch memory);

    /// @notice Summary of an epoch; all zero if there is none.
    function tryEpochOf(uint32 epoch) external view returns (Epoch memory);

    /// @notice All operators of an epoch in index order. Reverts with `UnknownEpoch`. For off-chain readers.
    function operatorsOf(uint32 epoch) external view returns (OperatorRecord[] memory);

    /// @notice The operators that the next epoch would have, in index order. For off-chain readers.
    function queuedOperators() external view returns (OperatorRecord[] memory);

    /// @notice The message whose hash to G1 a proof of possession signs.
    function possessionMessage(
        address operator,
        G1Point calldata keyG1,
        G2Point calldata keyG2
    ) external view returns (bytes32);

    /// @notice Shortest life of an epoch before another may follow without emergency, in seconds.
    function minEpochSeconds() external view returns (uint32);

    /// @notice How long an epoch stays valid after another followed, in seconds.
    function overlapSeconds() external view returns (uint32);
}
