// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "../Cheats.sol";
import {VerifierStub} from "./VerifierStub.sol";
import {StateCommitRegistry} from "../../contracts/StateCommitRegistry.sol";
import {IEnclaveRegistry} from "../../contracts/interfaces/IEnclaveRegistry.sol";
import {IQuorumVerifier} from "../../contracts/interfaces/IQuorumVerifier.sol";
import {DaCertHash} from "../../contracts/types/DaCertHash.sol";
import {StateCommit} from "../../contracts/types/StateCommit.sol";
import {StateRoot} from "../../contracts/types/StateRoot.sol";

/// @dev Drives a registry with commits good and bad, and counts what it accepted.
contract CommitHandler is Test {
    StateCommitRegistry public immutable REGISTRY;
    uint64 public acceptedCount;
    StateRoot public lastRoot;
    uint64 public lastTimestamp;
    bool public hasRuleBeenBroken;
    bool public hasGoodBeenRefused;
    uint64 private _clock = 1_800_000_000;

    constructor(IQuorumVerifier verifier) {
        REGISTRY = new StateCommitRegistry(
            address(this),
            verifier,
            IEnclaveRegistry(address(0)),
            6_667,
            60,
            10 minutes,
            3 days
        );
    }

    function commit(uint8 twist, bytes32 root, uint16 waitSeconds) external {
        _clock += waitSeconds;
        vm.warp(_clock);
        StateCommit memory next = StateCommit({
            version: 2,
            sequenceNo: acceptedCount + 1,
            prevStateRoot: lastRoot,
            newStateRoot: StateRoot.wrap(root),
            timestamp: _clock,
            daCertHash: DaCertHash.wrap("manifest"),
            pcr0Commitment: 0
        });
        if (twist % 8 == 0) next.sequenceNo += 1;
        if (twist % 8 == 1) next.prevStateRoot = StateRoot.wrap(root);
        if (twist % 8 == 2) (next.newStateRoot, next.daCertHash) = (lastRoot, DaCertHash.wrap(0));
        if (twist % 8 == 3) next.timestamp += 61;
        bool isGood = twist % 8 > 3 && waitSeconds != 0 && root != 0 && !REGISTRY.isPaused();
        isGood = isGood && StateRoot.unwrap(lastRoot) != root;
        try REGISTRY.commitStateRoot(next, "") {
            bool isChained = next.prevStateRoot == lastRoot && next.sequenceNo == acceptedCount + 1;
            if (!isChained || next.timestamp <= lastTimestamp) hasRuleBeenBroken = true;
            (acceptedCount, lastRoot, lastTimestamp) = (next.sequenceNo, next.newStateRoot, next.timestamp);
        } catch {
            if (isGood) hasGoodBeenRefused = true;
        }
    }

    function pause() external {
        REGISTRY.pauseCommits();
    }

    function resume() external {
        REGISTRY.resumeCommits();
    }
}

contract StateCommitRegistryInvariantTest is Test {
    CommitHandler private _handler;

    function setUp() public {
        vm.warp(1_800_000_000);
        _handler = new CommitHandler(new VerifierStub());
        _handler.commit(4, "first", 1);
        targetContract(address(_handler));
    }

    function invariant_SEQ18_sequenceCountsAcceptedCommits() public view {
        StateCommitRegistry registry = _handler.REGISTRY();
        assertEq(registry.getSequenceNo(), _handler.acceptedCount(), "sequence");
        assertEq(StateRoot.unwrap(registry.getStateRoot()), StateRoot.unwrap(_handler.lastRoot()), "root");
        assertTrue(!_handler.hasRuleBeenBroken(), "chained, rising");
        assertTrue(!_handler.hasGoodBeenRefused(), "every good commit was accepted");
        assertTrue(_handler.acceptedCount() != 0, "some were");
    }
}
