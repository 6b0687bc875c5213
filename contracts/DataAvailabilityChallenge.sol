// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {FaultGovernance} from "./FaultGovernance.sol";
import {FaultLedger} from "./FaultLedger.sol";
import {RequestGovernance} from "./RequestGovernance.sol";
import {SignedCommits} from "./SignedCommits.sol";
import {IDataAvailabilityChallenge} from "./interfaces/IDataAvailabilityChallenge.sol";
import {FaultRules} from "./interfaces/IFaultLedger.sol";
import {IStateCommitRegistry} from "./interfaces/IStateCommitRegistry.sol";
import {BlockHashes} from "./libraries/BlockHashes.sol";
import {ChunkSegments} from "./libraries/ChunkSegments.sol";
import {DeltaManifest, Manifest} from "./libraries/DeltaManifest.sol";
import {QuorumFault, Verdict} from "./types/Challenge.sol";
import {DaCertHash} from "./types/DaCertHash.sol";
import {DataRequest, RequestRules, SegmentProof} from "./types/DataRequest.sol";
import {SignedCommit} from "./types/SignedCommit.sol";
import {StateCommit} from "./types/StateCommit.sol";
import {TransitionFault} from "./types/Transition.sol";

/// @title DataAvailabilityChallenge
/// @notice Bonded requests for segments of committed chunks, and the chunks that nobody served.
/// @dev The requester fixes the drawing block when nobody knows its hash; who makes that block may throw it away, which costs
///      more than a draw is worth. Nobody can have another draw: a request that nobody draws in time costs its bond.
contract DataAvailabilityChallenge is RequestGovernance, SignedCommits {
    /// @dev The drawing block comes so many behind the request's.
    uint64 public constant DRAW_DELAY_BLOCKS = 4;

    bytes32 private constant WITHHELD_TAG = keccak256("OPS::WithheldDataFault");

    mapping(bytes32 requestId => DataRequest) private _requests;
    mapping(address account => uint256 amountWei) private _credits;

    /// @param initialOwner may propose other rules, for requests and for what follows a fault
    /// @param registry on whose retained roots requests are judged
    /// @param rules those of the first requests
    /// @param faultRules_ what follows a fault
    /// @param changeDelaySeconds_ how long other rules wait, 2 to 30 days
    constructor(
        address initialOwner,
        IStateCommitRegistry registry,
        RequestRules memory rules,
        FaultRules memory faultRules_,
        uint32 changeDelaySeconds_
    )
        FaultGovernance(initialOwner, faultRules_, changeDelaySeconds_)
        FaultLedger(registry)
        RequestGovernance(rules)
    {}

    // -- Requests --

    /// @inheritdoc IDataAvailabilityChallenge
    /// @custom:invariant DAC1
    function requestData(
        SignedCommit calldata signed,
        bytes calldata manifest,
        uint32 chunkIndex
    ) external payable returns (bytes32 requestId) {
        RequestRules memory rules = requestRules();
        if (msg.value != rules.bondWei) revert WrongBond(rules.bondWei, msg.value);
        requestId = requestIdOf(signed, chunkIndex);
        if (_requests[requestId].requester != address(0)) revert AlreadyRequested();
        if (_verdictOn(requestId) != Verdict.Proven) revert AlreadyRecorded();
        _requireSigned(signed);
        StateCommit calldata commit = signed.commit;
        (uint256 length, bytes32 commitment) = _chunkOf(commit, manifest, chunkIndex);

        uint256 segments = ChunkSegments.countOf(length);
        // Below the count in the rules, a uint32.
        if (segments < rules.segmentCount) rules.segmentCount = uint32(segments);
        uint64 drawBlock = uint64(block.number) + DRAW_DELAY_BLOCKS;
        _requests[requestId] = DataRequest({
            requester: msg.sender,
            drawBlock: drawBlock,
            chunkIndex: chunkIndex,
            rules: rules,
            commitment: commitment,
            // A chunk has at most 16,252,897 bytes.
            chunkLength: uint32(length),
            sequenceNo: commit.sequenceNo,
            deadline: 0,
            seed: bytes32(0)
        });
        _owe(msg.value);
        emit DataRequested(
            requestId,
            commit.sequenceNo,
            msg.sender,
            commit.daCertHash,
            chunkIndex,
            drawBlock,
            manifest
        );
    }

    /// @dev Length and commitment of a chunk of the commit's manifest.
    function _chunkOf(
        StateCommit calldata commit,
        bytes calldata data,
        uint32 chunkIndex
    ) private view returns (uint256 length, bytes32 commitment) {
        if (keccak256(data) != DaCertHash.unwrap(commit.daCertHash)) revert WrongManifest();
        (TransitionFault fault, Manifest memory manifest) = DeltaManifest.read(data, commit.sequenceNo);
        if (fault != TransitionFault.None) revert MalformedManifest(fault);
        uint256 count = manifest.chunks.length;
        if (chunkIndex >= count) revert NoSuchChunk(count, chunkIndex);
        return (manifest.chunks[chunkIndex].length, manifest.chunks[chunkIndex].commitment);
    }

    /// @inheritdoc IDataAvailabilityChallenge
    function lapseRequest(bytes32 requestId) external {
        DataRequest storage request = _openRequest(requestId);
        uint64 drawBlock = request.drawBlock;
        bool isPast = block.number > drawBlock;
        if (request.deadline != 0 || !isPast || BlockHashes.hashOf(drawBlock) != 0) revert NotLapsed();
        _settle(request.rules.bondWei);
        delete _requests[requestId];
        emit RequestLapsed(requestId);
    }

    // -- Draw --

    /// @inheritdoc IDataAvailabilityChallenge
    function drawSegments(bytes32 requestId) external {
        DataRequest storage request = _openRequest(requestId);
        if (request.deadline != 0) revert AlreadyDrawn();
        uint64 drawBlock = request.drawBlock;
        if (block.number <= drawBlock) revert DrawTooEarly(drawBlock);
        bytes32 blockHash = BlockHashes.hashOf(drawBlock);
        if (blockHash == 0) revert DrawExpired(drawBlock);
        request.seed = keccak256(abi.encode(blockHash, requestId));
        request.deadline = _now() + request.rules.windowSeconds;
        emit SegmentsDrawn(requestId, drawnSegments(requestId), request.deadline);
    }

    /// @inheritdoc IDataAvailabilityChallenge
    function drawnSegments(bytes32 requestId) public view returns (uint256[] memory indexes) {
        DataRequest storage request = _requests[requestId];
        if (request.deadline == 0) return indexes;
        return
            ChunkSegments.drawn(
                request.seed,
                request.rules.segmentCount,
                ChunkSegments.countOf(request.chunkLength)
            );
    }

    // -- Answers --

    /// @inheritdoc IDataAvailabilityChallenge
    /// @custom:invariant DAC2
    function serveSegments(bytes32 requestId, SegmentProof[] calldata proofs) external {
        DataRequest storage request = _openRequest(requestId);
        uint64 deadline = request.deadline;
        if (deadline == 0) revert NotDrawn();
        if (_now() > deadline) revert DeadlinePassed(deadline, _now());
        uint256[] memory indexes = drawnSegments(requestId);
        if (proofs.length != indexes.length) revert WrongSegmentCount(indexes.length, proofs.length);
        (bytes32 commitment, uint256 length) = (request.commitment, request.chunkLength);
        for (uint256 i = 0; i < indexes.length; ++i) {
            bool isServed = ChunkSegments.isSegment(
                commitment,
                length,
                indexes[i],
                proofs[i].segment,
                proofs[i].siblings
            );
            if (!isServed) revert InvalidSegment(indexes[i]);
        }
        _credits[msg.sender] += request.rules.bondWei;
        delete _requests[requestId];
        emit DataServed(requestId, msg.sender);
    }

    /// @inheritdoc IDataAvailabilityChallenge
    /// @custom:invariant DAC3
    function concludeRequest(bytes32 requestId) external nonReentrant {
        DataRequest memory request = _openRequest(requestId);
        if (request.deadline == 0) revert NotDrawn();
        if (_now() <= request.deadline) revert DeadlineNotPassed(request.deadline, _now());
        _credits[request.requester] += request.rules.bondWei;
        delete _requests[requestId];
        emit ChunkWithheld(requestId, request.sequenceNo, request.chunkIndex);
        // Whoever sees the request can announce the fault: the bond has the credit, and nobody claims it.
        _recordSince(
            requestId,
            QuorumFault.WithheldData,
            request.commitment,
            request.sequenceNo,
            request.requester,
            0
        );
    }

    // -- Money --

    /// @inheritdoc IDataAvailabilityChallenge
    function withdraw() external nonReentrant {
        uint256 amountWei = _credits[msg.sender];
        if (amountWei == 0) revert NothingToWithdraw();
        delete _credits[msg.sender];
        _settle(amountWei);
        emit Withdrawn(msg.sender, amountWei);
        Address.sendValue(payable(msg.sender), amountWei);
    }

    // -- Records --

    /// @inheritdoc IDataAvailabilityChallenge
    function requestIdOf(SignedCommit calldata signed, uint32 chunkIndex) public view returns (bytes32) {
        StateCommit calldata commit = signed.commit;
        // Every field has a fixed width, so no two chunks share a preimage.
        return
            keccak256(
                abi.encode(
                    WITHHELD_TAG,
                    block.chainid,
                    address(STATE_COMMIT_REGISTRY),
                    commit.sequenceNo,
                    commit.newStateRoot,
                    commit.daCertHash,
                    chunkIndex
                )
            );
    }

    /// @inheritdoc IDataAvailabilityChallenge
    function dataRequest(bytes32 requestId) external view returns (DataRequest memory) {
        return _requests[requestId];
    }

    /// @inheritdoc IDataAvailabilityChallenge
    function creditOf(address account) external view returns (uint256) {
        return _credits[account];
    }

    function _openRequest(bytes32 requestId) private view returns (DataRequest storage request) {
        request = _requests[requestId];
        if (request.requester == address(0)) revert UnknownRequest(requestId);
    }

    function _now() private view returns (uint64) {
        // Seconds since 1970 fit for 584 billion years.
        return uint64(block.timestamp);
    }
}
