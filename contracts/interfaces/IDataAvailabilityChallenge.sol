// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.36 <0.9.0;

import {DaCertHash} from "../types/DaCertHash.sol";
import {DataRequest, RequestRules, SegmentProof} from "../types/DataRequest.sol";
import {SignedCommit} from "../types/SignedCommit.sol";
import {TransitionFault} from "../types/Transition.sol";
import {ISignedCommits} from "./ISignedCommits.sol";

/// @title IDataAvailabilityChallenge
/// @notice Asks, under a bond, for segments of a committed chunk that a later block draws. Whoever serves them in time gets the
///         bond; if nobody does, the chunk is recorded as withheld (docs/Withholding.md).
/// @dev A chunk has at most one open request, whose id is the chunk's: of chain, registry, commit, manifest and index; the
///      fault has the same. Bonds are credited, and taken by `withdraw`; the reward is the ledger's. Nobody can claim the
///      fault in the place of who put up the bond.
interface IDataAvailabilityChallenge is ISignedCommits {
    /// @notice Somebody asks for a chunk. With the manifest, which says where it should be.
    event DataRequested(
        bytes32 indexed requestId,
        uint64 indexed sequenceNo,
        address indexed requester,
        DaCertHash daCertHash,
        uint32 chunkIndex,
        uint64 drawBlock,
        bytes manifest
    );
    /// @notice The segments are drawn. Time in seconds since 1970, the last at which an answer is taken.
    event SegmentsDrawn(bytes32 indexed requestId, uint256[] indexes, uint64 deadline);
    /// @notice The segments were served.
    event DataServed(bytes32 indexed requestId, address indexed server);
    /// @notice Nobody drew the segments while that could be done; the bond went to the pool of rewards.
    event RequestLapsed(bytes32 indexed requestId);
    /// @notice Nobody served the segments of a chunk of commit `sequenceNo`.
    event ChunkWithheld(bytes32 indexed faultId, uint64 indexed sequenceNo, uint32 chunkIndex);
    /// @notice A credit was paid out.
    event Withdrawn(address indexed account, uint256 amountWei);
    /// @notice Rules were proposed, in the place of any proposed before. Time in seconds since 1970.
    event RequestRulesProposed(RequestRules rules, uint64 executableAt);
    /// @notice The proposed rules were cancelled.
    event RequestRulesProposalCancelled();
    /// @notice Rules are in force for new requests.
    event RequestRulesEnacted(RequestRules rules);

    /// @notice The bond is not exactly what the rules demand.
    error WrongBond(uint256 expected, uint256 got);
    /// @notice The bytes are not the manifest that the commit names.
    error WrongManifest();
    /// @notice The manifest breaks a rule, which `ITransitionVerifier` takes as a fault of its own.
    error MalformedManifest(TransitionFault fault);
    /// @notice The manifest has no such chunk.
    error NoSuchChunk(uint256 chunkCount, uint32 got);
    /// @notice The chunk is asked for already.
    error AlreadyRequested();
    /// @notice The chunk is recorded as withheld already.
    error AlreadyRecorded();
    /// @notice Nothing is asked for under this id.
    error UnknownRequest(bytes32 requestId);
    /// @notice The drawing block is not past.
    error DrawTooEarly(uint64 drawBlock);
    /// @notice The segments are drawn already.
    error AlreadyDrawn();
    /// @notice The drawing block's hash can no longer be had.
    error DrawExpired(uint64 drawBlock);
    /// @notice The drawing block's hash can still be had, or was.
    error NotLapsed();
    /// @notice The segments are not drawn yet.
    error NotDrawn();
    /// @notice The deadline has passed. Both are in seconds since 1970.
    error DeadlinePassed(uint64 deadline, uint64 now_);
    /// @notice The deadline has not passed. Both are in seconds since 1970.
    error DeadlineNotPassed(uint64 deadline, uint64 now_);
    /// @notice Not as many segments as were drawn.
    error WrongSegmentCount(uint256 expected, uint256 got);
    /// @notice Not the segment with this index.
    error InvalidSegment(uint256 index);
    /// @notice The sender has no credit.
    error NothingToWithdraw();
    /// @notice A rule is out of its bounds.
    error InvalidRule(bytes32 name, uint256 got);

    /// @notice Asks for a chunk of a retained commit, under a bond of exactly `rules().bondWei`.
    /// @param signed the commit, retained with the one before it
    /// @param manifest bytes whose keccak256 is the commit's `daCertHash`, at most 8,524
    /// @param chunkIndex from 0
    function requestData(
        SignedCommit calldata signed,
        bytes calldata manifest,
        uint32 chunkIndex
    ) external payable returns (bytes32 requestId);

    /// @notice Draws the segments by the hash of the block that the request fixed. Anyone may call; it comes out the same.
    function drawSegments(bytes32 requestId) external;

    /// @notice Serves the drawn segments, in the order in which they were drawn, until the deadline. Anyone may call, and is
    ///         credited the bond.
    function serveSegments(bytes32 requestId, SegmentProof[] calldata proofs) external;

    /// @notice After the deadline, records the chunk as withheld, and credits the requester the bond. Anyone may call.
    function concludeRequest(bytes32 requestId) external;

    /// @notice Ends a request whose segments nobody drew while the hash could be had. Anyone may call.
    function lapseRequest(bytes32 requestId) external;

    /// @notice Pays out the sender's credit.
    function withdraw() external;

    /// @notice Proposes rules for new requests. Owner only.
    function proposeRequestRules(RequestRules calldata rules) external;

    /// @notice Puts the proposed rules into force, once the delay has passed. Owner only.
    /// @param rules what was proposed
    function enactRequestRules(RequestRules calldata rules) external;

    /// @notice Cancels the proposed rules. Owner only.
    function cancelRequestRulesProposal() external;

    /// @notice The id that a request for this chunk has.
    function requestIdOf(SignedCommit calldata signed, uint32 chunkIndex) external view returns (bytes32);

    /// @notice An open request; all zero if there is none under this id.
    function dataRequest(bytes32 requestId) external view returns (DataRequest memory);

    /// @notice Indexes of the drawn segments; empty before the draw.
    function drawnSegments(bytes32 requestId) external view returns (uint256[] memory);

    /// @notice What an account may withdraw, in wei.
    function creditOf(address account) external view returns (uint256);

    /// @notice The rules in force for new requests.
    function requestRules() external view returns (RequestRules memory);

    /// @notice The proposed rules and when they may come into force, in seconds since 1970; zeros if there are none.
    function proposedRequestRules() external view returns (RequestRules memory rules, uint64 executableAt);
}
